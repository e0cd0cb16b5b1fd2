//! Delay variation between packets, RFC 5481.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array};
use datafusion::common::Result;
use datafusion::logical_expr::WindowUDF;
use datafusion_macros::user_doc;

use crate::parameter::number;
use crate::rows::Arguments;
use crate::window::WindowFunction;

/// Delays that are no rubbish.
fn delays(arguments: &Arguments) -> Result<Vec<Option<f64>>> {
    let delays = arguments.finite(0)?.into_iter();
    Ok(delays.map(|ms| ms.filter(|ms| *ms >= 0.0)).collect())
}

fn from_previous(delays: &[Option<f64>]) -> Float64Array {
    let previous = std::iter::once(&None).chain(delays);
    delays.iter().zip(previous).map(|(delay, previous)| Some((*delay)? - (*previous)?)).collect()
}

fn from_minimum(delays: &[Option<f64>]) -> Float64Array {
    let minimum = delays.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    delays.iter().map(|delay| Some((*delay)? - minimum)).collect()
}

#[user_doc(
    doc_section(label = "Jitter"),
    description = "Inter-packet delay variation in ms, with sign: the delay minus that of the \
previous row, in the window's order. NULL for the first row and next to a missing delay. Tells of the \
link; see `pdv` for the jitter buffer. Source: RFC 5481.",
    syntax_example = "ipdv(delay_ms) OVER (ORDER BY seq)",
    argument(name = "delay_ms", description = "One-way delay of a packet, 0 ms or more."),
    sql_example = "```sql\nSELECT ipdv(d) OVER (ORDER BY i) FROM (VALUES (1, 20), (2, 22), (3, 19)) AS t(i, d) ORDER BY i;\n-- NULL\n-- 2.0\n-- -3.0\n```"
)]
struct Ipdv;

/// `ipdv(delay_ms)`
pub fn ipdv() -> WindowUDF {
    WindowFunction {
        name: "ipdv",
        parameters: const { &[number("delay_ms")] },
        evaluate: |arguments| Ok(Arc::new(from_previous(&delays(arguments)?)) as ArrayRef),
        documentation: Ipdv.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Jitter"),
    description = "Packet delay variation in ms, 0 or more: the delay minus the smallest one of the \
partition. Its percentiles are the depth that a jitter buffer needs. Source: RFC 5481.",
    syntax_example = "pdv(delay_ms) OVER (PARTITION BY stream)",
    argument(name = "delay_ms", description = "One-way delay of a packet, 0 ms or more."),
    sql_example = "```sql\nSELECT pdv(d) OVER (ORDER BY i) FROM (VALUES (1, 20), (2, 22), (3, 19)) AS t(i, d) ORDER BY i;\n-- 1.0\n-- 3.0\n-- 0.0\n```"
)]
struct Pdv;

/// `pdv(delay_ms)`
pub fn pdv() -> WindowUDF {
    WindowFunction {
        name: "pdv",
        parameters: const { &[number("delay_ms")] },
        evaluate: |arguments| Ok(Arc::new(from_minimum(&delays(arguments)?)) as ArrayRef),
        documentation: Pdv.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 5481's two forms on one series.
    #[test]
    fn golden() {
        let delays = [20.0, 22.0, 19.0, 35.0, 21.0].map(Some);
        let ipdv = from_previous(&delays);
        let expected = [None, Some(2.0), Some(-3.0), Some(16.0), Some(-14.0)];
        assert_eq!(ipdv, Float64Array::from(expected.to_vec()));
        assert_eq!(ipdv.iter().flatten().sum::<f64>(), 21.0 - 20.0);
        assert_eq!(from_minimum(&delays), Float64Array::from(vec![1.0, 3.0, 0.0, 16.0, 2.0]));
    }

    #[test]
    fn gaps() {
        let delays = [Some(5.0), None, Some(3.0)];
        assert_eq!(from_previous(&delays), Float64Array::from(vec![None::<f64>, None, None]));
        assert_eq!(from_minimum(&delays), Float64Array::from(vec![Some(2.0), None, Some(0.0)]));
        assert_eq!(from_minimum(&[None]), Float64Array::from(vec![None::<f64>]));
    }
}
