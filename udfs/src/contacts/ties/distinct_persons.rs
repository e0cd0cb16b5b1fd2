//! How many different people.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use super::entropy::{key_type, keys};
use crate::parameter::{Kind, parameter};
use crate::tally::TallyFunction;

#[user_doc(
    doc_section(label = "Contacts"),
    description = "How many different keys there are, exactly; Int64, 0 without any. It is what \
group sizes are measured by: people, not rows.",
    syntax_example = "distinct_persons(key)",
    argument(name = "key", description = "Text or a whole number."),
    sql_example = "```sql\nSELECT distinct_persons(a) FROM (VALUES ('ann'), ('bob'), ('ann'), (NULL)) AS t(a);\n-- 2\n```"
)]
struct DistinctPersons;

/// `distinct_persons(key)`
pub(super) fn distinct_persons() -> AggregateUDF {
    TallyFunction {
        name: "distinct_persons",
        parameters: const { &[parameter("key", Kind::Key)] },
        key: key_type,
        entries: keys,
        returns: DataType::Int64,
        evaluate: |amounts, _| Some(amounts.len() as f64),
        documentation: DistinctPersons.doc(),
    }
    .into()
}
