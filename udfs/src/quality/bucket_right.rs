//! Buckets with edges of one's own.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::parameter::{Kind, number, parameter};
use crate::scalar::ScalarFunction;

/// The number of edges below `x`.
pub(super) fn bucket(x: f64, edges: &[f64]) -> i64 {
    edges.iter().map(|edge| i64::from(*edge < x)).sum()
}

#[user_doc(
    doc_section(label = "Buckets"),
    description = "The number of edges below x, as Int32: the position, from 0, of the bucket that \
x falls in, where a value on an edge belongs to the bucket below.",
    syntax_example = "bucket_right(x, edges)",
    argument(name = "x", description = "Any number."),
    argument(name = "edges", description = "A constant list of strictly rising numbers."),
    sql_example = "```sql\nSELECT bucket_right(31, make_array(5, 10, 15, 20, 30, 50, 100, 200));\n-- 5\n```"
)]
struct BucketRight;

/// `bucket_right(x, edges)`
pub fn bucket_right() -> ScalarUDF {
    ScalarFunction {
        name: "bucket_right",
        parameters: const { &[number("x"), parameter("edges", Kind::Edges)] },
        returns: |_| DataType::Int32,
        evaluate: |arguments| {
            let edges = arguments.edges(1)?;
            Ok(Arc::new(arguments.strict::<Int32Type, 1>(|[x]| bucket(x, &edges))?))
        },
        documentation: BucketRight.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_a_linear_scan(
            x in -10.0..10.0, mut edges in prop::collection::vec(-10.0..10.0, 1..20),
        ) {
            edges.sort_by(f64::total_cmp);
            edges.dedup();
            let scan = edges.iter().position(|edge| *edge >= x).unwrap_or(edges.len());
            prop_assert_eq!(usize::try_from(bucket(x, &edges)).unwrap(), scan);
        }
    }

    #[test]
    fn a_value_on_an_edge_is_below_it() {
        let edges = [5.0, 10.0];
        assert_eq!([4.0, 5.0, 5.0001, 10.0, 11.0].map(|x| bucket(x, &edges)), [0, 0, 1, 1, 2]);
    }
}
