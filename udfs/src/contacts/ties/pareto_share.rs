//! How few contacts make most of the traffic.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array};
use datafusion::arrow::compute::is_not_null;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::entropy::key_type;
use crate::parameter::{Kind, number, parameter, setting};
use crate::tally::{Entries, TallyFunction};

/// The share of the fewest amounts, of those in falling order, that make up `share` of the total
/// rounded up to a whole number.
pub(in crate::contacts) fn fewest_share(amounts: &[f64], share: f64) -> Option<f64> {
    let target = (amounts.iter().sum::<f64>() * share).ceil();
    let mut rest = target;
    let enough = amounts.iter().take_while(|amount| {
        let more = rest > 0.0;
        rest -= **amount;
        more
    });
    let enough = enough.count() as f64;
    (!amounts.is_empty()).then(|| enough / amounts.len() as f64)
}

/// A key, its weight or 1, and the share.
fn entries(columns: &[ArrayRef]) -> Result<Entries> {
    let (weights, share) = match columns {
        [_, weights, share] => (Some(weights), share),
        _ => (None, &columns[1]),
    };
    let share = share.as_primitive::<Float64Type>();
    let weights: Option<Float64Array> = weights.map(|w| w.as_primitive::<Float64Type>().clone());
    let setting = is_not_null(share)?.values().set_indices().next().map(|row| share.value(row));
    Ok(Entries { keys: Arc::clone(&columns[0]), weights, setting })
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "The least share of the keys, 0 to 1, that together have the share p of the rows, \
or of the weights: over the counterparts of a person, bandicoot's percent_pareto_interactions (with \
seconds as weights, percent_pareto_durations). The share p of the total is rounded up to a whole \
number. Rows whose weight is negative do not count.",
    syntax_example = "pareto_share(key [, weight], p)",
    argument(name = "key", description = "Text or a whole number."),
    argument(name = "weight", description = "What a row adds, 0 or more; 1 if left out."),
    argument(name = "p", description = "The share to reach, from 0 to 1, a constant."),
    sql_example = "```sql\nSELECT round(pareto_share(b, 0.8), 4), round(pareto_share(b, s, 0.8), 4) FROM (VALUES ('bob', 900), ('bob', 500), ('cat', 60), ('cat', 30), ('vm', 20)) AS t(b, s);\n-- 0.6667 | 0.3333\n```"
)]
struct ParetoShare;

/// `pareto_share(key [, weight], p)`
pub(super) fn pareto_share() -> AggregateUDF {
    TallyFunction {
        name: "pareto_share",
        parameters: const {
            &[parameter("key", Kind::Key), number("weight").or(1.0), setting("p", 0.0, 1.0)]
        },
        key: key_type,
        entries,
        returns: DataType::Float64,
        evaluate: |amounts, share| fewest_share(amounts, share?),
        documentation: ParetoShare.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ann's contacts in a week: calls 4, 2, 1 and seconds 2820, 90, 20.
    #[test]
    fn golden() {
        assert_eq!(fewest_share(&[4.0, 2.0, 1.0], 0.8), Some(2.0 / 3.0));
        assert_eq!(fewest_share(&[2820.0, 90.0, 20.0], 0.8), Some(1.0 / 3.0));
        assert_eq!(fewest_share(&[4.0, 2.0, 1.0], 1.0), Some(1.0));
        assert_eq!(fewest_share(&[0.0, 0.0], 0.8), Some(0.0));
        assert_eq!(fewest_share(&[], 0.8), None);
    }
}
