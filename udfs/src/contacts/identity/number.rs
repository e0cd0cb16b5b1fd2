//! Telephone numbers as Google's libphonenumber reads them.

use datafusion::arrow::array::{Array, Int8Array, StringViewArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;
use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region,
};

use crate::parameter::{Kind, Parameter, parameter, text};
use crate::rows::labels;
use crate::scalar::ScalarFunction;
use crate::texts::write_texts;

/// The parameters of a function that reads a number.
pub(super) const PARAMETERS: &[Parameter] =
    &[text("text"), parameter("region", Kind::Region).or_null()];

/// Names of the kinds of numbers, in the order of [`kind`].
const KINDS: [&str; 12] = [
    "fixed",
    "mobile",
    "fixed_or_mobile",
    "toll_free",
    "premium",
    "shared_cost",
    "voip",
    "personal",
    "pager",
    "uan",
    "voicemail",
    "unknown",
];

/// Reads a number; one without `+` only in a region.
pub(super) fn parse(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    PHONE_NUMBER_UTIL.parse(text, region).ok()
}

/// Whether a number has the length of one that can be dialled from anywhere.
pub(super) fn is_possible(number: &PhoneNumber) -> bool {
    number.is_possible_with_reason() == Ok(NumberLengthType::IsPossible)
}

pub(super) fn write_e164(number: &PhoneNumber, out: &mut String) {
    out.push_str(&number.format_as(PhoneNumberFormat::E164));
}

pub(super) fn kind(number: &PhoneNumber) -> &'static str {
    KINDS[kind_index(number)]
}

fn kind_index(number: &PhoneNumber) -> usize {
    match number.get_type() {
        PhoneNumberType::FixedLine => 0,
        PhoneNumberType::Mobile => 1,
        PhoneNumberType::FixedLineOrMobile => 2,
        PhoneNumberType::TollFree => 3,
        PhoneNumberType::PremiumRate => 4,
        PhoneNumberType::SharedCost => 5,
        PhoneNumberType::VoIP => 6,
        PhoneNumberType::PersonalNumber => 7,
        PhoneNumberType::Pager => 8,
        PhoneNumberType::UAN => 9,
        PhoneNumberType::VoiceMail => 10,
        PhoneNumberType::Unknown => 11,
    }
}

/// The country that each row's letters name.
pub(super) fn regions(letters: &StringViewArray) -> impl Iterator<Item = Option<Region>> {
    letters.iter().map(|letters| letters?.parse().ok())
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "A telephone number in the form of E.164, such as `+493012345678`, from however it \
is written. NULL for what is no number, is too short or too long to be dialled from anywhere (911, \
an extension), or has no `+` and no region to tell the country. As libphonenumber reads it; an \
extension is dropped (see `phone_info`).",
    syntax_example = "normalize_e164(text [, region])",
    argument(name = "text", description = "The number as written, also a `tel:` address."),
    argument(
        name = "region",
        description = "Two letters of the country where a number without `+` is dialled."
    ),
    sql_example = "```sql\nSELECT normalize_e164('(030) 1234-5678', 'DE');\n-- +493012345678\n```"
)]
struct NormalizeE164;

/// `normalize_e164(text [, region])`
pub(super) fn normalize_e164() -> ScalarUDF {
    ScalarFunction {
        name: "normalize_e164",
        parameters: PARAMETERS,
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| {
            let (texts, letters) = (arguments.texts(0)?, arguments.texts(1)?);
            let mut rows = texts.iter().zip(regions(&letters));
            Ok(write_texts(texts.len(), |_, out| {
                let number = rows.next().and_then(|(text, region)| parse(text?, region));
                let possible = number.filter(is_possible);
                possible.inspect(|number| write_e164(number, out)).is_some()
            }))
        },
        documentation: NormalizeE164.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The country of a telephone number, as two letters, `001` for numbers of no \
country; NULL where that cannot be told. Countries that share a code (the +1 of 25 of them) are told \
apart by area code.",
    syntax_example = "number_region(e164)",
    argument(name = "e164", description = "A number with its `+`."),
    sql_example = "```sql\nSELECT number_region('+18095551234');\n-- DO\n```"
)]
struct NumberRegion;

/// `number_region(e164)`
pub(super) fn number_region() -> ScalarUDF {
    ScalarFunction {
        name: "number_region",
        parameters: const { &[text("e164")] },
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| {
            let texts = arguments.texts(0)?;
            let mut rows = texts.iter();
            Ok(write_texts(texts.len(), |_, out| {
                let number = rows.next().flatten().and_then(|text| parse(text, None));
                let region = number.and_then(|number| number.get_region_code());
                region.inspect(|region| out.push_str(&region.as_region_str())).is_some()
            }))
        },
        documentation: NumberRegion.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "What a telephone number is for, as text: `fixed`, `mobile`, `fixed_or_mobile` \
(where numbers do not tell, as in North America), `toll_free`, `premium`, `shared_cost`, `voip`, \
`personal`, `pager`, `uan`, `voicemail`, `unknown`. NULL for what is no number.",
    syntax_example = "number_kind(e164)",
    argument(name = "e164", description = "A number with its `+`."),
    sql_example = "```sql\nSELECT number_kind('+4915112345678');\n-- mobile\n```"
)]
struct NumberKind;

/// `number_kind(e164)`
pub(super) fn number_kind() -> ScalarUDF {
    ScalarFunction {
        name: "number_kind",
        parameters: const { &[text("e164")] },
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| {
            let texts = arguments.texts(0)?;
            // There are twelve of them.
            let kind = |text| Some(kind_index(&parse(text, None)?) as i8);
            let kinds: Int8Array = texts.iter().map(|text| text.and_then(kind)).collect();
            labels(&KINDS, &kinds)
        },
        documentation: NumberKind.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(text: &str, region: Option<Region>) -> Option<String> {
        let number = parse(text, region).filter(is_possible)?;
        let mut out = String::new();
        write_e164(&number, &mut out);
        Some(out)
    }

    /// Traps that libphonenumber's own pages name; expected values are those of its Python port.
    #[test]
    fn numbers_with_traps() {
        let us = Some(Region::US);
        for (text, region, expected) in [
            ("+441619960000", us, Some("+441619960000")),
            ("+39 06 6981 2345", us, Some("+390669812345")),
            ("+44 (0)20 7946 0000", None, Some("+442079460000")),
            ("00493012345", Some(Region::FR), Some("+493012345")),
            ("(425) 555-0123", us, Some("+14255550123")),
            ("(425) 555-0123", None, None),
            ("tel:+49-30-1234567;ext=55", None, Some("+49301234567")),
            ("911", us, None),
            ("555-0123", us, None),
            ("+1234567890123456789", None, None),
            ("not a number", us, None),
            ("", us, None),
        ] {
            assert_eq!(e164(text, region).as_deref(), expected, "{text}");
        }
    }
}
