//! All that a telephone number tells.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Int32Builder, StringViewBuilder, StructArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;
use rlibphonenumber::PhoneNumber;

use super::number::{PARAMETERS, is_possible, kind, parse, regions, write_e164};
use crate::record::record_type;
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;

#[user_doc(
    doc_section(label = "Contacts"),
    description = "What libphonenumber tells of a telephone number, as a struct: `e164`, \
`country_code` (Int32), `region` (two letters), `kind` (as `number_kind`), `national` (the number \
within its country), `ext`, `possible` (it has the length of a whole number there), `valid` (its digits are in \
use there). NULL for what is no number.",
    syntax_example = "phone_info(text [, region])",
    argument(name = "text", description = "The number as written, also a `tel:` address."),
    argument(
        name = "region",
        description = "Two letters of the country where a number without `+` is dialled."
    ),
    sql_example = "```sql\nSELECT get_field(p, 'e164'), get_field(p, 'kind'), get_field(p, 'ext') FROM (SELECT phone_info('030 1234567 ext. 55', 'DE') AS p);\n-- +49301234567 | fixed | 55\n```"
)]
struct PhoneInfo;

fn info_type() -> DataType {
    record_type(&[
        ("e164", DataType::Utf8View),
        ("country_code", DataType::Int32),
        ("region", DataType::Utf8View),
        ("kind", DataType::Utf8View),
        ("national", DataType::Utf8View),
        ("ext", DataType::Utf8View),
        ("possible", DataType::Boolean),
        ("valid", DataType::Boolean),
    ])
}

/// `phone_info(text [, region])`
pub(super) fn phone_info() -> ScalarUDF {
    ScalarFunction {
        name: "phone_info",
        parameters: PARAMETERS,
        returns: |_| info_type(),
        evaluate,
        documentation: PhoneInfo.doc(),
    }
    .into()
}

fn evaluate(arguments: &Arguments) -> Result<ArrayRef> {
    let (texts, letters) = (arguments.texts(0)?, arguments.texts(1)?);
    let rows = texts.iter().zip(regions(&letters));
    let mut columns = Columns::default();
    let present: Vec<bool> = rows
        .map(|(text, region)| {
            let number = text.and_then(|text| parse(text, region));
            columns.append(number.as_ref());
            number.is_some()
        })
        .collect();
    columns.finish(NullBuffer::from(present))
}

/// The struct's fields.
#[derive(Default)]
struct Columns {
    /// e164, region, kind, national, ext.
    texts: [StringViewBuilder; 5],
    country_code: Int32Builder,
    possible: BooleanBuilder,
    valid: BooleanBuilder,
}

impl Columns {
    fn append(&mut self, number: Option<&PhoneNumber>) {
        let e164 = number.map(|number| {
            let mut text = String::new();
            write_e164(number, &mut text);
            text
        });
        let region = number.and_then(PhoneNumber::get_region_code);
        let texts = [
            e164,
            region.map(|region| region.to_string()),
            number.map(|number| kind(number).to_string()),
            number.map(PhoneNumber::get_national_significant_number),
            number.and_then(|number| number.extension.clone()).filter(|ext| !ext.is_empty()),
        ];
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.append_option(text);
        }
        self.country_code.append_option(number.map(|number| number.country_code));
        self.possible.append_option(number.map(is_possible));
        self.valid.append_option(number.map(PhoneNumber::is_valid));
    }

    fn finish(mut self, present: NullBuffer) -> Result<ArrayRef> {
        let DataType::Struct(fields) = info_type() else {
            return internal_err!("phone_info: its type is no struct");
        };
        let [e164, region, kind, national, ext] =
            self.texts.each_mut().map(|t| Arc::new(t.finish()));
        let columns: Vec<ArrayRef> = vec![
            e164,
            Arc::new(self.country_code.finish()),
            region,
            kind,
            national,
            ext,
            Arc::new(self.possible.finish()),
            Arc::new(self.valid.finish()),
        ];
        Ok(Arc::new(StructArray::try_new(fields, columns, Some(present))?))
    }
}
