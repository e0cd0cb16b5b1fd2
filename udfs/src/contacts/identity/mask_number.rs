//! Telephone numbers with their last digits hidden.

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;
use rlibphonenumber::PHONE_NUMBER_UTIL;

use crate::parameter::{setting, text};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;
use crate::texts::write_texts;

/// Writes a number with `fill` for its last `hidden` digits, but never for its country code.
fn write_masked(number: &str, hidden: usize, fill: &str, out: &mut String) {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let visible = digits.saturating_sub(hidden).max(country_code_length(number));
    let mut seen = 0;
    for c in number.chars() {
        seen += usize::from(c.is_ascii_digit());
        if c.is_ascii_digit() && seen > visible {
            out.push_str(fill);
        } else {
            out.push(c);
        }
    }
}

/// How many digits the country code has of a number with `+`; none begins with another.
fn country_code_length(number: &str) -> usize {
    let Some(digits) = number.trim_start().strip_prefix('+') else { return 0 };
    let digits = digits.chars().filter_map(|c| c.to_digit(10)).take(3);
    let codes = digits.scan(0, |code, digit| {
        *code = *code * 10 + digit as i32;
        Some(*code)
    });
    let exists = |code| PHONE_NUMBER_UTIL.get_region_for_country_code(code).is_some();
    // None begins with 0 either.
    let mut codes = codes.take_while(|code| *code > 0);
    codes.position(exists).map_or(0, |position| position + 1)
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "A telephone number with its last n digits hidden, as itemised bills show it. The \
country code always stays. Other characters stay as they are; n above the number of digits hides all \
of them.",
    syntax_example = "mask_number(e164, n [, fill])",
    argument(name = "e164", description = "A number with its `+`; without it all digits count."),
    argument(name = "n", description = "How many digits to hide, 0 or more."),
    argument(name = "fill", description = "What is shown for each of them, `*` if left out."),
    sql_example = "```sql\nSELECT mask_number('+493012345678', 3), mask_number('+33123456789', 20, 'x');\n-- +493012345*** | +33xxxxxxxxx\n```"
)]
struct MaskNumber;

/// `mask_number(e164, n [, fill])`
pub(super) fn mask_number() -> ScalarUDF {
    ScalarFunction {
        name: "mask_number",
        parameters: const { &[text("e164"), setting("n", 0.0, f64::MAX), text("fill").or_text("*")] },
        returns: |_| DataType::Utf8View,
        evaluate,
        documentation: MaskNumber.doc(),
    }
    .into()
}

fn evaluate(arguments: &Arguments) -> Result<ArrayRef> {
    let (numbers, hidden, fills) =
        (arguments.texts(0)?, arguments.numbers(1)?, arguments.texts(2)?);
    let mut rows = numbers.iter().zip(&hidden).zip(&fills);
    Ok(write_texts(numbers.len(), |_, out| {
        let Some(((Some(number), Some(hidden)), Some(fill))) = rows.next() else { return false };
        // Saturates: more digits than there are is all of them.
        write_masked(number, hidden as usize, fill, out);
        hidden >= 0.0
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(number: &str, hidden: usize) -> String {
        let mut out = String::new();
        write_masked(number, hidden, "*", &mut out);
        out
    }

    /// Three digits as German law has it, four as French practice.
    #[test]
    fn by_hand() {
        for (number, hidden, expected) in [
            ("+493012345678", 3, "+493012345***"),
            ("+49 (30) 1234-5678", 3, "+49 (30) 1234-5***"),
            ("+33123456789", 4, "+3312345****"),
            ("+12065550100", 0, "+12065550100"),
            ("+12065550100", 10, "+1**********"),
            ("+12065550100", 11, "+1**********"),
            ("+35722123456", 99, "+357********"),
            ("911", 3, "***"),
            ("911", 9, "***"),
            ("+0123", 3, "+0***"),
            ("+", 3, "+"),
            ("", 3, ""),
        ] {
            assert_eq!(masked(number, hidden), expected, "{number}, {hidden}");
        }
    }
}
