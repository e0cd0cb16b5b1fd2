//! One key for each party, however records spell it.

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;
use rlibphonenumber::{PhoneNumber, Region};

use super::number::{parse, regions, write_e164};
use super::party::Party;
use crate::parameter::{Kind, parameter, text};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;
use crate::texts::write_texts;

/// The key of the party that an address, a number or a key already stands for.
pub(super) fn key_of(text: &str, region: Option<Region>) -> Option<String> {
    const PREFIXES: [&str; 5] = ["u:", "t:", "x:", "conf:", "svc:"];
    if PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
        return Some(text.to_owned());
    }
    let mut key = String::new();
    write_key(text, region, &mut key).then_some(key)
}

/// Writes the key of the party that a text stands for; false for one that has none.
fn write_key(text: &str, region: Option<Region>, out: &mut String) -> bool {
    match Party::of(text) {
        Party::Anonymous => return false,
        Party::User { user, host } => {
            out.push_str("u:");
            write_address(user, host, out);
        }
        Party::Conference { user, host, id } => {
            out.push_str("conf:");
            write_address(user, host, out);
            out.push('/');
            write_folded(id, out);
        }
        Party::Service { user, host, name } => {
            out.push_str("svc:");
            write_address(user, host, out);
            if !name.is_empty() {
                out.push('/');
                write_folded(name, out);
            }
        }
        Party::Telephone { number, extension, host } => {
            write_telephone(number, extension, host, region, out);
        }
        Party::Local { number, context } if context.starts_with('+') => {
            let whole = format!("{context}{number}");
            write_telephone(&whole, None, "", region, out);
        }
        Party::Local { number, context } => write_local(number, context, out),
    }
    true
}

fn write_telephone(
    number: &str,
    extension: Option<&str>,
    host: &str,
    region: Option<Region>,
    out: &mut String,
) {
    let is_global = number.starts_with('+');
    // A number of one place must be a valid one there: a guess would merge parties.
    let parsed = if is_global { parse(number, None) } else { national(number, region) };
    match parsed {
        Some(parsed) => {
            out.push_str("t:");
            write_e164(&parsed, out);
        }
        None if is_global => {
            out.push_str("t:+");
            write_dialled(number, out);
        }
        None => return write_local(number, host, out),
    }
    if let Some(extension) = extension {
        out.push_str(";ext=");
        write_dialled(extension, out);
    }
}

fn national(number: &str, region: Option<Region>) -> Option<PhoneNumber> {
    region.and_then(|region| parse(number, Some(region))).filter(PhoneNumber::is_valid)
}

fn write_local(number: &str, context: &str, out: &mut String) {
    out.push_str("x:");
    write_dialled(number, out);
    if !context.is_empty() {
        out.push('@');
        write_folded(context, out);
    }
}

fn write_address(user: &str, host: &str, out: &mut String) {
    write_folded(user, out);
    if !user.is_empty() && !host.is_empty() {
        out.push('@');
    }
    write_folded(host, out);
}

fn write_folded(text: &str, out: &mut String) {
    out.extend(text.chars().flat_map(char::to_lowercase));
}

/// What is dialled, without what makes it readable.
fn write_dialled(number: &str, out: &mut String) {
    out.extend(number.chars().filter(|c| c.is_alphanumeric() || matches!(c, '*' | '#')));
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The one key of a party, however records spell it: `u:ken@contoso.com` for a \
user, `t:+12065550100` for a telephone number (with `;ext=55`), `x:5678@contoso.com` for a number of \
one place or a short one, `conf:organizer/id` for a meeting, `svc:address/name` for an application or \
server. NULL for anonymous parties, who are not one. The number counts where the address is NULL or \
anonymous. The host of a telephone number is its gateway's and falls away; no country is guessed.",
    syntax_example = "contact_key(uri [, number [, region]])",
    argument(name = "uri", description = "A SIP or telephone address."),
    argument(name = "number", description = "A telephone number, as at a gateway."),
    argument(
        name = "region",
        description = "Two letters of the country where a number without `+` was dialled."
    ),
    sql_example = "```sql\nSELECT contact_key('sip:+12065550100@gw.contoso.com;user=phone'), contact_key(NULL, '(030) 1234567', 'DE');\n-- t:+12065550100 | t:+49301234567\n```"
)]
struct ContactKey;

/// `contact_key(uri [, number [, region]])`
pub(super) fn contact_key() -> ScalarUDF {
    ScalarFunction {
        name: "contact_key",
        parameters: const {
            &[text("uri"), text("number").or_null(), parameter("region", Kind::Region).or_null()]
        },
        returns: |_| DataType::Utf8View,
        evaluate,
        documentation: ContactKey.doc(),
    }
    .into()
}

fn evaluate(arguments: &Arguments) -> Result<ArrayRef> {
    let (uris, numbers) = (arguments.texts(0)?, arguments.texts(1)?);
    let letters = arguments.texts(2)?;
    let mut rows = uris.iter().zip(&numbers).zip(regions(&letters));
    Ok(write_texts(uris.len(), |_, out| {
        let Some(((uri, number), region)) = rows.next() else { return false };
        uri.is_some_and(|uri| write_key(uri, region, out))
            || number.is_some_and(|number| write_key(number, region, out))
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::party::KINDS;
    use super::*;

    fn key(text: &str, region: Option<Region>) -> Option<String> {
        let mut out = String::new();
        write_key(text, region, &mut out).then_some(out)
    }

    /// Each form, its kind and its key, by hand from RFC 3261, RFC 3966 and Lync's GRUUs.
    const FORMS: [(&str, &str, Option<&str>); 62] = [
        ("sip:Ken.Myer@litwareinc.com", "user", Some("u:ken.myer@litwareinc.com")),
        ("Ken.Myer@LitwareInc.com", "user", Some("u:ken.myer@litwareinc.com")),
        ("SIP:ken.myer@litwareinc.com:5061", "user", Some("u:ken.myer@litwareinc.com")),
        ("sips:ken.myer@litwareinc.com", "user", Some("u:ken.myer@litwareinc.com")),
        (" sip:ken.myer@litwareinc.com ", "user", Some("u:ken.myer@litwareinc.com")),
        ("<sip:ken.myer@litwareinc.com>", "user", Some("u:ken.myer@litwareinc.com")),
        ("\"Ken\" <sip:ken.myer@litwareinc.com>;tag=1", "user", Some("u:ken.myer@litwareinc.com")),
        ("sip:ken.myer:pw@litwareinc.com", "user", Some("u:ken.myer@litwareinc.com")),
        ("sip:ken.myer@litwareinc.com;transport=tls", "user", Some("u:ken.myer@litwareinc.com")),
        ("sip:ken.myer@litwareinc.com?Subject=x", "user", Some("u:ken.myer@litwareinc.com")),
        ("sip:ken@a.com;gruu;opaque=user:epid:Xy1", "user", Some("u:ken@a.com")),
        ("sip:ken@a.com;opaque=user:epid:Xy1;gruu", "user", Some("u:ken@a.com")),
        ("sip:ken@a.com;user=ip", "user", Some("u:ken@a.com")),
        ("sip:5678@contoso.com", "user", Some("u:5678@contoso.com")),
        ("Ärger@contoso.com", "user", Some("u:ärger@contoso.com")),
        ("sip:ken@[2001:DB8::1]", "user", Some("u:ken@2001:db8::1")),
        ("helpdesk@contoso.com", "user", Some("u:helpdesk@contoso.com")),
        ("private@contoso.com", "user", Some("u:private@contoso.com")),
        ("sip:+12065550100@contoso.com;user=phone", "telephone", Some("t:+12065550100")),
        ("sip:+12065550100@10.0.0.5;user=phone", "telephone", Some("t:+12065550100")),
        ("+12065550100@contoso.com;user=PHONE", "telephone", Some("t:+12065550100")),
        ("+12065550100@contoso.com", "telephone", Some("t:+12065550100")),
        ("+12065550100@10.0.0.5", "telephone", Some("t:+12065550100")),
        ("sip:+1-206-555-0100@gw;user=phone", "telephone", Some("t:+12065550100")),
        ("+12065550100", "telephone", Some("t:+12065550100")),
        ("+1 (206) 555-0100", "telephone", Some("t:+12065550100")),
        ("tel:+12065550100", "telephone", Some("t:+12065550100")),
        ("TEL:+1.206.555.0100", "telephone", Some("t:+12065550100")),
        ("tel:+49-30-1234567;ext=55", "telephone", Some("t:+49301234567;ext=55")),
        ("tel:+49301234567;isub=1;ext=5-5", "telephone", Some("t:+49301234567;ext=55")),
        ("sip:+49301234567;ext=55@gw;user=phone", "telephone", Some("t:+49301234567;ext=55")),
        ("tel:+49301234567;ext=", "telephone", Some("t:+49301234567")),
        ("tel:+49301234567;phone-context=a.com", "telephone", Some("t:+49301234567")),
        ("tel:+390669812345", "telephone", Some("t:+390669812345")),
        ("tel:+44(0)2079460000", "telephone", Some("t:+442079460000")),
        ("tel:+999123", "telephone", Some("t:+999123")),
        ("tel:+80012345678", "telephone", Some("t:+80012345678")),
        ("tel:1234567;phone-context=+49-30", "telephone", Some("t:+49301234567")),
        ("tel:5678;phone-context=contoso.com", "extension", Some("x:5678@contoso.com")),
        ("tel:5-6-78;phone-context=Contoso.com", "extension", Some("x:5678@contoso.com")),
        ("sip:5678;phone-context=a.com@gw;user=phone", "extension", Some("x:5678@a.com")),
        ("sip:5678@contoso.com;user=phone", "telephone", Some("x:5678@contoso.com")),
        ("tel:5678", "telephone", Some("x:5678")),
        ("911", "telephone", Some("x:911")),
        ("sip:911@munich.contoso.com;user=phone", "telephone", Some("x:911@munich.contoso.com")),
        ("tel:112;phone-context=Munich", "extension", Some("x:112@munich")),
        ("tel:*21#", "telephone", Some("x:*21#")),
        (
            "sip:Ken@a.com;gruu;opaque=app:conf:focus:id:X7Y8",
            "conference",
            Some("conf:ken@a.com/x7y8"),
        ),
        (
            "sip:ken@a.com;gruu;opaque=app:conf:audio-video:id:X7Y8",
            "conference",
            Some("conf:ken@a.com/x7y8"),
        ),
        ("sip:ken@a.com;gruu;opaque=app:voicemail", "service", Some("svc:ken@a.com/voicemail")),
        ("sip:aa@a.com;opaque=app:exum:main", "service", Some("svc:aa@a.com/exum:main")),
        ("sip:a.com;gruu;opaque=srvr:Mras:x", "service", Some("svc:a.com/srvr:mras:x")),
        ("sip:fe01.contoso.com:5061;transport=tls", "service", Some("svc:fe01.contoso.com")),
        ("fe01.contoso.com", "service", Some("svc:fe01.contoso.com")),
        ("sip:anonymous@anonymous.invalid", "anonymous", None),
        ("anonymous@contoso.com", "anonymous", None),
        ("Anonymous", "anonymous", None),
        ("sip:4f1c@anonymous.invalid", "anonymous", None),
        ("sip:restricted@gw;user=phone", "anonymous", None),
        ("Private", "anonymous", None),
        ("", "anonymous", None),
        ("sip:", "anonymous", None),
    ];

    #[test]
    fn forms_by_hand() {
        for (text, kind, expected) in FORMS {
            assert_eq!(KINDS[Party::of(text).kind() as usize], kind, "{text}");
            assert_eq!(key(text, None).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_country_is_only_taken_from_the_caller() {
        let de = Some(Region::DE);
        assert_eq!(key("030 1234567", de).unwrap(), "t:+49301234567");
        assert_eq!(key("sip:030-1234567@gw;user=phone", de).unwrap(), "t:+49301234567");
        assert_eq!(key("112", de).unwrap(), "x:112");
        assert_eq!(key("030 1234567", None).unwrap(), "x:0301234567");
        assert_eq!(key("tel:0301234567;phone-context=a.com", de).unwrap(), "x:0301234567@a.com");
    }

    /// The address that a key was made of, in its plainest form.
    fn plainest(key: &str) -> String {
        let (prefix, rest) = key.split_once(':').unwrap();
        match (prefix, rest.split_once('/'), rest.split_once('@')) {
            ("t", ..) => format!("tel:{rest}"),
            ("x", _, Some((number, context))) => format!("tel:{number};phone-context={context}"),
            ("x", ..) => format!("tel:{rest}"),
            ("conf", Some((address, id)), _) => {
                format!("sip:{address};opaque=app:conf:focus:id:{id}")
            }
            ("svc", Some((address, name)), _) if name.starts_with("srvr:") => {
                format!("sip:{address};opaque={name}")
            }
            ("svc", Some((address, name)), _) => format!("sip:{address};opaque=app:{name}"),
            _ => format!("sip:{rest}"),
        }
    }

    #[test]
    fn the_plainest_form_of_a_key_has_that_key() {
        for key_of_form in FORMS.iter().filter_map(|(_, _, key)| *key) {
            // An address in brackets loses them in its key.
            if !key_of_form.contains("::") {
                assert_eq!(key(&plainest(key_of_form), None).as_deref(), Some(key_of_form));
            }
        }
    }

    proptest! {
        #[test]
        fn letter_case_and_decoration_do_not_matter(
            user in "[a-z][a-z0-9.]{0,12}", host in "[a-z]{1,9}\\.(com|example)",
        ) {
            prop_assume!(user != "anonymous");
            let plain = key(&format!("{user}@{host}"), None);
            prop_assert_eq!(&plain, &Some(format!("u:{user}@{host}")));
            let loud = format!("\"X\" <SIP:{}@{}:5061;gruu>", user.to_uppercase(), host.to_uppercase());
            prop_assert_eq!(key(&loud, None), plain);
        }

        #[test]
        fn any_text_has_a_key_or_none(text in "\\PC{0,40}") {
            let _ = key(&text, Some(Region::US));
        }
    }
}
