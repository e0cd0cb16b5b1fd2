//! Erlang's formulas for lines and agents.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::parameter::number;
use crate::rows::MISSING;
use crate::scalar::ScalarFunction;

/// Systems larger than this are rubbish; it bounds the time that one row can take.
const MAX_LINES: f64 = 1e6;

/// The probability that a call finds all lines busy, by recursion over the number of lines:
/// factorials would overflow.
fn blocking(erlangs: f64, lines: f64) -> f64 {
    if !(erlangs >= 0.0 && (0.0..=MAX_LINES).contains(&lines) && lines.fract() == 0.0) {
        return f64::NAN;
    }
    let mut blocking = 1.0;
    let mut line = 0.0;
    while line < lines && blocking > 0.0 {
        line += 1.0;
        blocking = with_one_more(blocking, erlangs, line);
    }
    blocking
}

/// B(n) from B(n - 1).
fn with_one_more(blocking: f64, erlangs: f64, line: f64) -> f64 {
    erlangs * blocking / (line + erlangs * blocking)
}

/// The probability that a call has to wait for an agent.
fn waiting(erlangs: f64, lines: f64) -> f64 {
    let blocking = blocking(erlangs, lines);
    if blocking.is_nan() || erlangs >= lines {
        return blocking.max(1.0) + 0.0 * blocking;
    }
    lines * blocking / (lines - erlangs * (1.0 - blocking))
}

/// The fewest lines that block at most the target share of calls.
fn lines_for(erlangs: f64, target: f64) -> i64 {
    if !(erlangs >= 0.0 && target > 0.0 && target < 1.0) {
        return MISSING;
    }
    let (mut blocking, mut line) = (1.0, 0.0);
    while blocking > target {
        line += 1.0;
        if line > MAX_LINES {
            return MISSING;
        }
        blocking = with_one_more(blocking, erlangs, line);
    }
    line as i64
}

#[user_doc(
    doc_section(label = "Traffic"),
    description = "Erlang B: the share of calls, 0 to 1, that find all lines busy and are lost. 1 \
without lines. NULL for negative traffic, a fraction of a line, or over 1,000,000 lines.",
    syntax_example = "erlang_b(erlangs, lines)",
    argument(
        name = "erlangs",
        description = "Offered traffic: calls per hour times mean seconds / 3600."
    ),
    argument(name = "lines", description = "Number of lines, 0 or more."),
    sql_example = "```sql\nSELECT CAST(erlang_b(20, 30) AS DECIMAL(9,6));\n-- 0.008457\n```"
)]
struct ErlangB;

/// `erlang_b(erlangs, lines)`
pub fn erlang_b() -> ScalarUDF {
    ScalarFunction {
        name: "erlang_b",
        parameters: const { &[number("erlangs"), number("lines")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[erlangs, lines]| blocking(erlangs, lines)),
        documentation: ErlangB.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Traffic"),
    description = "Erlang C: the share of calls, 0 to 1, that wait because all agents are busy. 1 \
when the traffic is as large as the number of agents or larger. NULL as `erlang_b`.",
    syntax_example = "erlang_c(erlangs, lines)",
    argument(
        name = "erlangs",
        description = "Offered traffic: calls per hour times mean seconds / 3600."
    ),
    argument(name = "lines", description = "Number of agents, 0 or more."),
    sql_example = "```sql\nSELECT CAST(erlang_c(20, 24) AS DECIMAL(9,6));\n-- 0.298072\n```"
)]
struct ErlangC;

/// `erlang_c(erlangs, lines)`
pub fn erlang_c() -> ScalarUDF {
    ScalarFunction {
        name: "erlang_c",
        parameters: const { &[number("erlangs"), number("lines")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[erlangs, lines]| waiting(erlangs, lines)),
        documentation: ErlangC.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Traffic"),
    description = "The fewest lines, as Int64, with which Erlang B blocks at most the given share \
of calls. NULL for negative traffic, a share that is not between 0 and 1, or over 1,000,000 lines.",
    syntax_example = "trunks_required(erlangs, blocking)",
    argument(name = "erlangs", description = "Offered traffic in the busy hour."),
    argument(
        name = "blocking",
        description = "Share of calls that may be lost, above 0 and below 1."
    ),
    sql_example = "```sql\nSELECT trunks_required(20, 0.01);\n-- 30\n```"
)]
struct TrunksRequired;

/// `trunks_required(erlangs, blocking)`
pub fn trunks_required() -> ScalarUDF {
    ScalarFunction {
        name: "trunks_required",
        parameters: const { &[number("erlangs"), number("blocking")] },
        returns: |_| DataType::Int64,
        evaluate: |arguments| {
            let lines =
                arguments.strict::<Int64Type, 2>(|[erlangs, target]| lines_for(erlangs, target));
            Ok(Arc::new(lines?))
        },
        documentation: TrunksRequired.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_close;

    #[test]
    fn golden() {
        let table = [
            (1.0, 1.0, 0.5, 1.0),
            (5.0, 10.0, 0.018385, 0.036105),
            (10.0, 10.0, 0.214582, 1.0),
            (20.0, 30.0, 0.008457, 0.024950),
            (100.0, 100.0, 0.075700, 1.0),
        ];
        for (erlangs, lines, b, c) in table {
            assert_close(blocking(erlangs, lines), b, 1e-6);
            assert_close(waiting(erlangs, lines), c, 1e-6);
        }
        assert_close(waiting(20.0, 24.0), 0.298072, 1e-6);
    }

    /// The classical tables: the traffic that n lines carry at 1 % and 0.1 % blocking.
    #[test]
    fn classical_tables() {
        let one_percent = [
            (1, 0.0101),
            (2, 0.1526),
            (5, 1.3608),
            (10, 4.4612),
            (20, 12.0306),
            (24, 15.2950),
            (30, 20.3373),
            (48, 36.1086),
            (50, 37.9014),
            (100, 84.0642),
        ];
        let one_permille =
            [(1, 0.0010), (2, 0.0458), (5, 0.7621), (10, 3.0920), (20, 9.4115), (30, 16.6839)];
        for (table, target) in [(&one_percent[..], 0.01), (&one_permille[..], 0.001)] {
            for &(lines, erlangs) in table {
                let around = |e: f64| blocking(e, f64::from(lines));
                assert!(around(erlangs - 1e-4) < target && around(erlangs + 1e-4) > target);
            }
        }
    }

    #[test]
    fn lines_golden() {
        let table = [
            (10.0, 0.01, 18),
            (20.0, 0.01, 30),
            (50.0, 0.01, 64),
            (100.0, 0.001, 128),
            (0.5, 0.01, 4),
            (3.2, 0.001, 11),
            (0.0, 0.01, 1),
        ];
        for (erlangs, target, lines) in table {
            assert_eq!(lines_for(erlangs, target), lines, "{erlangs} at {target}");
        }
        for target in [0.0, 1.0, -0.1] {
            assert_eq!(lines_for(10.0, target), MISSING);
        }
        assert_eq!(lines_for(1e9, 0.01), MISSING);
    }

    #[test]
    fn more_lines_block_less_and_more_traffic_more() {
        for lines in (1..60).map(f64::from) {
            for erlangs in (1..60).map(f64::from) {
                let b = blocking(erlangs, lines);
                assert!(b > blocking(erlangs, lines + 1.0));
                assert!(b < blocking(erlangs + 1.0, lines));
                assert!(b <= waiting(erlangs, lines) && waiting(erlangs, lines) <= 1.0);
                let needed = lines_for(erlangs, b);
                assert_eq!(needed as f64, lines, "{erlangs} E");
            }
        }
        assert!((0.0..1.0).contains(&blocking(4800.0, 5000.0)));
    }

    #[test]
    fn limits() {
        assert_eq!((blocking(5.0, 0.0), waiting(5.0, 0.0)), (1.0, 1.0));
        assert_eq!((blocking(0.0, 3.0), waiting(0.0, 3.0)), (0.0, 0.0));
        for (erlangs, lines) in [(-1.0, 5.0), (5.0, -1.0), (5.0, 1.5), (5.0, 1e7)] {
            assert!(blocking(erlangs, lines).is_nan() && waiting(erlangs, lines).is_nan());
        }
    }
}
