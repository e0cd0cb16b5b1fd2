//! The two parties of a call as an unordered pair and a direction.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Int8Array, new_null_array};
use datafusion::arrow::compute::kernels::cmp::{gt, lt, lt_eq};
use datafusion::arrow::compute::kernels::zip::zip;
use datafusion::arrow::compute::{is_null, nullif, or};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::parameter::{Kind, Parameter, parameter};
use crate::rows::Arguments;
use crate::scalar::ScalarFunction;

const PARAMETERS: &[Parameter] = &[parameter("a", Kind::Key), parameter("b", Kind::Key)];

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The lesser of two parties, so that `pair_lo(a, b), pair_hi(a, b)` names a pair \
whoever called. Text (Utf8View) compares byte by byte: fold letter case first. Whole numbers come \
back as Int64.",
    syntax_example = "pair_lo(a, b)",
    argument(name = "a", description = "One party: text or a whole number."),
    argument(name = "b", description = "The other party, of the same kind."),
    sql_example = "```sql\nSELECT pair_lo('sip:bob@a.com', 'sip:ann@a.com');\n-- sip:ann@a.com\n```"
)]
struct PairLo;

/// `pair_lo(a, b)`
pub fn pair_lo() -> ScalarUDF {
    ScalarFunction {
        name: "pair_lo",
        parameters: PARAMETERS,
        returns: |keys| keys[0].clone(),
        evaluate: |arguments| {
            let [a, b] = parties(arguments)?;
            lesser(&a, &b)
        },
        documentation: PairLo.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The greater of two parties; see `pair_lo`.",
    syntax_example = "pair_hi(a, b)",
    argument(name = "a", description = "One party: text or a whole number."),
    argument(name = "b", description = "The other party, of the same kind."),
    sql_example = "```sql\nSELECT pair_hi('sip:bob@a.com', 'sip:ann@a.com');\n-- sip:bob@a.com\n```"
)]
struct PairHi;

/// `pair_hi(a, b)`
pub fn pair_hi() -> ScalarUDF {
    ScalarFunction {
        name: "pair_hi",
        parameters: PARAMETERS,
        returns: |keys| keys[0].clone(),
        evaluate: |arguments| {
            let [a, b] = parties(arguments)?;
            greater(&a, &b)
        },
        documentation: PairHi.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The direction of a call within its pair, as Int8: 1 from `pair_lo` to \
`pair_hi`, -1 the other way, 0 when both parties are the same.",
    syntax_example = "pair_dir(a, b)",
    argument(name = "a", description = "The caller: text or a whole number."),
    argument(name = "b", description = "The callee, of the same kind."),
    sql_example = "```sql\nSELECT pair_dir('sip:bob@a.com', 'sip:ann@a.com');\n-- -1\n```"
)]
struct PairDir;

/// `pair_dir(a, b)`
pub fn pair_dir() -> ScalarUDF {
    ScalarFunction {
        name: "pair_dir",
        parameters: PARAMETERS,
        returns: |_| DataType::Int8,
        evaluate: |arguments| {
            let [a, b] = parties(arguments)?;
            direction(&a, &b)
        },
        documentation: PairDir.doc(),
    }
    .into()
}

fn parties(arguments: &Arguments) -> Result<[ArrayRef; 2]> {
    Ok([arguments.array(0)?, arguments.array(1)?])
}

/// The lesser of both, NULL where either is.
fn lesser(a: &ArrayRef, b: &ArrayRef) -> Result<ArrayRef> {
    if a.data_type().is_null() {
        return Ok(new_null_array(&DataType::Null, a.len()));
    }
    let either = zip(&lt_eq(a, b)?, a, b)?;
    Ok(nullif(&either, &or(&is_null(a)?, &is_null(b)?)?)?)
}

/// The greater of both, NULL where either is.
fn greater(a: &ArrayRef, b: &ArrayRef) -> Result<ArrayRef> {
    if a.data_type().is_null() {
        return Ok(new_null_array(&DataType::Null, a.len()));
    }
    let either = zip(&gt(a, b)?, a, b)?;
    Ok(nullif(&either, &or(&is_null(a)?, &is_null(b)?)?)?)
}

fn direction(a: &ArrayRef, b: &ArrayRef) -> Result<ArrayRef> {
    if a.data_type().is_null() {
        return Ok(new_null_array(&DataType::Int8, a.len()));
    }
    let (forth, back) = (lt(a, b)?, gt(a, b)?);
    let signs = forth.values().iter().zip(back.values());
    let signs = signs.map(|(forth, back)| i8::from(forth) - i8::from(back));
    Ok(Arc::new(Int8Array::new(signs.collect(), forth.nulls().cloned())))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{AsArray, Int64Array, StringViewArray};
    use datafusion::arrow::datatypes::{Int8Type, Int64Type};
    use proptest::prelude::*;

    use super::*;

    fn text(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringViewArray::from_iter(values.iter().copied()))
    }

    #[test]
    fn golden() {
        let a =
            text(&[Some("bob"), Some("ann"), Some("ann"), None, Some("a user with a long name")]);
        let b = text(&[Some("ann"), Some("bob"), Some("ann"), Some("ann"), Some("a user")]);
        let lo = text(&[Some("ann"), Some("ann"), Some("ann"), None, Some("a user")]);
        let hi =
            text(&[Some("bob"), Some("bob"), Some("ann"), None, Some("a user with a long name")]);
        assert_eq!(&lesser(&a, &b).unwrap(), &lo);
        assert_eq!(&greater(&a, &b).unwrap(), &hi);
        let signs = Int8Array::from(vec![Some(-1), Some(1), Some(0), None, Some(-1)]);
        assert_eq!(direction(&a, &b).unwrap().as_primitive::<Int8Type>(), &signs);
    }

    proptest! {
        #[test]
        fn a_pair_has_no_order(pairs in prop::collection::vec((any::<i64>(), any::<i64>()), 1..50)) {
            let a: ArrayRef = Arc::new(Int64Array::from_iter_values(pairs.iter().map(|p| p.0)));
            let b: ArrayRef = Arc::new(Int64Array::from_iter_values(pairs.iter().map(|p| p.1)));
            prop_assert_eq!(&lesser(&a, &b).unwrap(), &lesser(&b, &a).unwrap());
            prop_assert_eq!(&greater(&a, &b).unwrap(), &greater(&b, &a).unwrap());
            let lo = lesser(&a, &b).unwrap();
            for (lo, pair) in lo.as_primitive::<Int64Type>().values().iter().zip(&pairs) {
                prop_assert_eq!(*lo, pair.0.min(pair.1));
            }
            let (forth, back) = (direction(&a, &b).unwrap(), direction(&b, &a).unwrap());
            let signs = forth.as_primitive::<Int8Type>().values().iter();
            for (forth, back) in signs.zip(back.as_primitive::<Int8Type>().values()) {
                prop_assert_eq!(*forth, -back);
            }
        }
    }
}
