//! What share of users, and which words, go with a rating, ITU-T G.107 Annex B and G.109.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;
use datafusion_macros::user_doc;

use crate::normal::cumulative;
use crate::parameter::number;
use crate::scalar::ScalarFunction;

fn good_or_better_pct(r: f64) -> f64 {
    100.0 * cumulative((r - 60.0) / 16.0)
}

fn poor_or_worse_pct(r: f64) -> f64 {
    100.0 * cumulative((45.0 - r) / 16.0)
}

const CATEGORIES: &[&str] = &["not recommended", "poor", "low", "medium", "high", "best"];

/// The index in [`CATEGORIES`]; a limit belongs to the category above it.
#[inline(always)]
fn category(r: f64) -> i64 {
    [50.0, 60.0, 70.0, 80.0, 90.0].iter().map(|limit| i64::from(r >= *limit)).sum()
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Share of users, 0 to 100 %, who find a connection of rating R good or better \
(GoB). Source: ITU-T G.107 Annex B.",
    syntax_example = "r_to_gob_pct(r)",
    argument(name = "r", description = "Transmission rating, usually 0 to 100."),
    sql_example = "```sql\nSELECT CAST(r_to_gob_pct(80) AS DECIMAL(9,2));\n-- 89.44\n```"
)]
struct RToGobPct;

/// `r_to_gob_pct(r)`
pub fn r_to_gob_pct() -> ScalarUDF {
    ScalarFunction {
        name: "r_to_gob_pct",
        parameters: const { &[number("r")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[r]| good_or_better_pct(r)),
        documentation: RToGobPct.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Share of users, 0 to 100 %, who find a connection of rating R poor or worse \
(PoW). Source: ITU-T G.107 Annex B.",
    syntax_example = "r_to_pow_pct(r)",
    argument(name = "r", description = "Transmission rating, usually 0 to 100."),
    sql_example = "```sql\nSELECT CAST(r_to_pow_pct(50) AS DECIMAL(9,2));\n-- 37.73\n```"
)]
struct RToPowPct;

/// `r_to_pow_pct(r)`
pub fn r_to_pow_pct() -> ScalarUDF {
    ScalarFunction {
        name: "r_to_pow_pct",
        parameters: const { &[number("r")] },
        returns: |_| DataType::Float64,
        evaluate: |arguments| arguments.floats(|[r]| poor_or_worse_pct(r)),
        documentation: RToPowPct.doc(),
    }
    .into()
}

#[user_doc(
    doc_section(label = "Scores and E-model"),
    description = "Speech quality category of a rating R: 'best' from 90, 'high' from 80, 'medium' \
from 70, 'low' from 60, 'poor' from 50, else 'not recommended'. Source: ITU-T G.109.",
    syntax_example = "r_category(r)",
    argument(name = "r", description = "Transmission rating, usually 0 to 100."),
    sql_example = "```sql\nSELECT r_category(93.2);\n-- best\n```"
)]
struct RCategory;

/// `r_category(r)`
pub fn r_category() -> ScalarUDF {
    ScalarFunction {
        name: "r_category",
        parameters: const { &[number("r")] },
        returns: |_| DataType::Utf8View,
        evaluate: |arguments| arguments.names(CATEGORIES, |[r]| category(r)),
        documentation: RCategory.doc(),
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
            (90.0, 96.96, 0.25),
            (80.0, 89.44, 1.44),
            (70.0, 73.40, 5.91),
            (60.0, 50.0, 17.43),
            (50.0, 26.60, 37.73),
        ];
        for (r, good, poor) in table {
            assert_close(good_or_better_pct(r), good, 0.005);
            assert_close(poor_or_worse_pct(r), poor, 0.005);
        }
        assert_eq!(good_or_better_pct(60.0), 50.0);
        assert_eq!(poor_or_worse_pct(45.0), 50.0);
    }

    #[test]
    fn one_rises_and_the_other_falls() {
        for r in -50..150 {
            let (r, next) = (f64::from(r), f64::from(r + 1));
            assert!(good_or_better_pct(r) <= good_or_better_pct(next));
            assert!(poor_or_worse_pct(r) >= poor_or_worse_pct(next));
        }
    }

    #[test]
    fn categories_start_at_their_limits() {
        for (limit, name) in
            [(50.0, "poor"), (60.0, "low"), (70.0, "medium"), (80.0, "high"), (90.0, "best")]
        {
            let at = usize::try_from(category(limit)).unwrap();
            assert_eq!(CATEGORIES[at], name);
            assert_eq!(category(limit + 1e-9), category(limit));
            assert_eq!(category(limit - 1e-9), category(limit) - 1);
        }
        assert_eq!(CATEGORIES[usize::try_from(category(-3.0)).unwrap()], "not recommended");
    }
}
