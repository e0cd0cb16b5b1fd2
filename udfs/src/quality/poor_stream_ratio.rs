//! The share of poor streams, as the Call Quality Methodology counts it.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::parameter::text;
use crate::ratio::{RatioFunction, Term};

fn terms(columns: &[ArrayRef]) -> Result<Vec<Term>> {
    let labels = cast(&columns[0], &DataType::Utf8View)?;
    let term = |label: Option<&str>| match label {
        Some("poor") => Term { value: 1.0, weight: 1.0 },
        Some("good") => Term { value: 0.0, weight: 1.0 },
        _ => Term::default(),
    };
    Ok(labels.as_string_view().iter().map(term).collect())
}

#[user_doc(
    doc_section(label = "Aggregates of quality"),
    description = "Share of poor streams among those that could be judged, 0 to 1: poor / (poor + \
good). Any other label, such as 'unclassified', does not count; NULL when nothing could be judged. \
Source: Microsoft, Call Quality Methodology.",
    syntax_example = "poor_stream_ratio(label)",
    argument(
        name = "label",
        description = "'poor', 'good' or anything else; see `classify_audio_stream`."
    ),
    sql_example = "```sql\nSELECT poor_stream_ratio(label) FROM (VALUES ('poor'), ('good'), ('good'), ('unclassified'), ('good')) AS t(label);\n-- 0.25\n```"
)]
struct PoorStreamRatio;

/// `poor_stream_ratio(label)`
pub fn poor_stream_ratio() -> AggregateUDF {
    RatioFunction {
        name: "poor_stream_ratio",
        parameters: const { &[text("label")] },
        terms,
        documentation: PoorStreamRatio.doc(),
    }
    .into()
}
