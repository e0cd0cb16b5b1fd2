//! How evenly contacts spread.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::parameter::{Kind, Parameter, parameter};
use crate::tally::{Entries, TallyFunction};

const PARAMETERS: &[Parameter] = &[parameter("key", Kind::Key)];

/// Shannon's entropy of amounts, in nats; `None` when there is nothing.
pub(in crate::contacts) fn shannon_entropy(amounts: &[f64]) -> Option<f64> {
    let total: f64 = amounts.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let parts = amounts.iter().filter(|amount| **amount > 0.0).map(|amount| amount / total);
    // The sum is never positive; 0 must not become -0.
    Some(0.0 - parts.map(|part| part * part.ln()).sum::<f64>()).map(|entropy| entropy.max(0.0))
}

/// The entropy over the largest that so many keys can have.
fn normalized(amounts: &[f64], _: Option<f64>) -> Option<f64> {
    let entropy = shannon_entropy(amounts)?;
    Some(if amounts.len() > 1 { entropy / (amounts.len() as f64).ln() } else { entropy })
}

pub(super) fn key_type(arguments: &[FieldRef]) -> DataType {
    arguments[0].data_type().clone()
}

/// Rows that count once for their key.
pub(super) fn keys(columns: &[ArrayRef]) -> Result<Entries> {
    Ok(Entries { keys: Arc::clone(&columns[0]), weights: None, setting: None })
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "How evenly rows spread over keys, in nats: 0 when all have one, ln n when n keys \
have as many each. Shannon's entropy; over the counterparts of a person it is bandicoot's \
entropy_of_contacts.",
    syntax_example = "entropy(key)",
    argument(name = "key", description = "Text or a whole number."),
    sql_example = "```sql\nSELECT CAST(entropy(b) AS DECIMAL(9,6)) FROM (VALUES ('bob'), ('bob'), ('bob'), ('bob'), ('cat'), ('cat'), ('vm')) AS t(b);\n-- 0.955700\n```"
)]
struct Entropy;

/// `entropy(key)`
pub(super) fn entropy() -> AggregateUDF {
    TallyFunction {
        name: "entropy",
        parameters: PARAMETERS,
        key: key_type,
        entries: keys,
        returns: DataType::Float64,
        evaluate: |amounts, _| shannon_entropy(amounts),
        documentation: Entropy.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Contacts"),
    description = "`entropy` over the largest that so many keys can have: 1 when all have as many, \
towards 0 when one has nearly all; 0 for a single key.",
    syntax_example = "entropy_norm(key)",
    argument(name = "key", description = "Text or a whole number."),
    sql_example = "```sql\nSELECT CAST(entropy_norm(b) AS DECIMAL(9,6)) FROM (VALUES ('bob'), ('bob'), ('bob'), ('bob'), ('cat'), ('cat'), ('vm')) AS t(b);\n-- 0.869916\n```"
)]
struct EntropyNorm;

/// `entropy_norm(key)`
pub(super) fn entropy_norm() -> AggregateUDF {
    TallyFunction {
        name: "entropy_norm",
        parameters: PARAMETERS,
        key: key_type,
        entries: keys,
        returns: DataType::Float64,
        evaluate: normalized,
        documentation: EntropyNorm.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    /// Ann's contacts in a week: bob four times, cat twice, voicemail once.
    #[test]
    fn golden() {
        assert_close(shannon_entropy(&[4.0, 2.0, 1.0]).unwrap(), 0.955_700, 5e-7);
        assert_close(normalized(&[4.0, 2.0, 1.0], None).unwrap(), 0.869_916, 5e-7);
    }

    #[test]
    fn edges() {
        let one = shannon_entropy(&[7.0]).unwrap();
        assert!(one == 0.0 && one.is_sign_positive());
        assert_eq!(normalized(&[7.0], None), Some(0.0));
        assert_eq!(shannon_entropy(&[]), None);
        assert_eq!(shannon_entropy(&[0.0]), None);
        assert_close(normalized(&[3.0; 9], None).unwrap(), 1.0, 1e-12);
    }
}
