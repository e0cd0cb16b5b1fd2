//! Parts of SIP and telephone addresses.

use datafusion::arrow::array::{ArrayRef, Int8Array, StringViewArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use super::address::Address;
use super::party::{KINDS, Party};
use crate::parameter::{Parameter, text};
use crate::rows::{Arguments, labels};
use crate::scalar::ScalarFunction;
use crate::texts::{map_texts, write_texts};

const PARAMETERS: &[Parameter] = &[text("uri")];

#[user_doc(
    doc_section(label = "Contacts"),
    description = "What kind of party an address stands for, as text: `user`, `telephone`, \
`extension` (a number of one place alone), `conference`, `service` (an application, a voice mailbox, \
a server), `anonymous`. With or without `sip:`, `sips:` or `tel:`; response groups have ordinary \
addresses and are users here. RFC 3261 and RFC 3966; the opaque parameter as in Lync's GRUUs.",
    syntax_example = "uri_kind(uri)",
    argument(name = "uri", description = "A SIP or telephone address."),
    sql_example = "```sql\nSELECT uri_kind('sip:ken@contoso.com;gruu;opaque=app:conf:focus:id:X7');\n-- conference\n```"
)]
struct UriKind;

/// `uri_kind(uri)`
pub(super) fn uri_kind() -> ScalarUDF {
    ScalarFunction {
        name: "uri_kind",
        parameters: PARAMETERS,
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| {
            let uris = arguments.texts(0)?;
            let kinds: Int8Array = uris.iter().map(|uri| Some(Party::of(uri?).kind())).collect();
            labels(&KINDS, &kinds)
        },
        documentation: UriKind.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "What is before the @ of a SIP address, as it is written; NULL for an address \
that has nothing there.",
    syntax_example = "sip_user(uri)",
    argument(name = "uri", description = "A SIP address, with or without `sip:`."),
    sql_example = "```sql\nSELECT sip_user('sip:Ken.Myer@contoso.com;user=ip');\n-- Ken.Myer\n```"
)]
struct SipUser;

/// `sip_user(uri)`
pub(super) fn sip_user() -> ScalarUDF {
    ScalarFunction {
        name: "sip_user",
        parameters: PARAMETERS,
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| {
            Ok(map_texts(&arguments.texts(0)?, |uri| {
                let Address { user, host, .. } = Address::parse(uri);
                (!user.is_empty() && !host.is_empty()).then_some(user)
            }))
        },
        documentation: SipUser.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The domain, host name or IP address of a SIP address in lower case, without its \
port; NULL for a telephone number alone.",
    syntax_example = "sip_host(uri)",
    argument(name = "uri", description = "A SIP address, with or without `sip:`."),
    sql_example = "```sql\nSELECT sip_host('sip:Ken.Myer@Contoso.com:5061');\n-- contoso.com\n```"
)]
struct SipHost;

/// `sip_host(uri)`
pub(super) fn sip_host() -> ScalarUDF {
    ScalarFunction {
        name: "sip_host",
        parameters: PARAMETERS,
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| Ok(hosts(&arguments.texts(0)?)),
        documentation: SipHost.doc(),
    }
    .into()
}

fn hosts(uris: &StringViewArray) -> ArrayRef {
    let uris: Vec<_> = uris.iter().collect();
    write_texts(uris.len(), |row, text| {
        let host = uris[row].map_or("", |uri| Address::parse(uri).host);
        text.extend(host.chars().flat_map(char::to_lowercase));
        !host.is_empty()
    })
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The value of a parameter of an address, empty for one without a value; NULL for \
an address that does not have it.",
    syntax_example = "uri_param(uri, name)",
    argument(name = "uri", description = "A SIP or telephone address."),
    argument(name = "name", description = "The parameter's name, in any case."),
    sql_example = "```sql\nSELECT uri_param('tel:+49-30-1234567;ext=55', 'ext');\n-- 55\n```"
)]
struct UriParam;

/// `uri_param(uri, name)`
pub(super) fn uri_param() -> ScalarUDF {
    ScalarFunction {
        name: "uri_param",
        parameters: const { &[text("uri"), text("name")] },
        returns: |_| DataType::Utf8View,
        evaluate: parameters_of,
        documentation: UriParam.doc(),
    }
    .into()
}

fn parameters_of(arguments: &Arguments) -> Result<ArrayRef> {
    let (uris, names) = (arguments.texts(0)?, arguments.texts(1)?);
    let values = uris.iter().zip(&names).map(|(uri, name)| Address::parse(uri?).parameter(name?));
    Ok(std::sync::Arc::new(StringViewArray::from_iter(values)))
}
