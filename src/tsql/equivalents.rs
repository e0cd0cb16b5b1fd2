//! SQL Server's functions that are missing here, and what does the same.

use super::fold;

/// What to write instead of a function of SQL Server's; None for any other name.
pub fn equivalent(function: &str) -> Option<&'static str> {
    let function = fold(function);
    EQUIVALENTS.iter().find(|(names, _)| names.contains(&function.as_str())).map(|(_, sql)| *sql)
}

/// Over numbers `a` and `b`, times `t` and `u`, text `s`.
const EQUIVALENTS: [(&[&str], &str); 26] = [
    (&["isnull"], "coalesce(a, b)"),
    (&["iif"], "CASE WHEN a > b THEN a ELSE b END"),
    (&["choose"], "CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'two' END"),
    (&["getdate", "getutcdate", "sysdatetime", "sysutcdatetime"], "now()"),
    (&["dateadd"], "t + INTERVAL '1 day'"),
    (&["datediff", "datediff_big"], "to_unixtime(u) - to_unixtime(t)"),
    (&["datepart"], "date_part('hour', t)"),
    (&["datename"], "to_char(t, '%A')"),
    (&["year"], "date_part('year', t)"),
    (&["month"], "date_part('month', t)"),
    (&["day"], "date_part('day', t)"),
    (&["datetrunc"], "date_trunc('hour', t)"),
    (&["eomonth"], "date_trunc('month', t) + INTERVAL '1 month' - INTERVAL '1 day'"),
    (&["datefromparts"], "make_date(2014, 2, 28)"),
    (&["format"], "to_char(t, '%Y-%m-%d')"),
    (&["convert", "try_convert"], "cast(a AS varchar)"),
    (&["len"], "length(rtrim(s))"),
    (&["charindex"], "strpos(s, 'part')"),
    (&["patindex"], "regexp_instr(s, 'pattern')"),
    (&["stuff"], "overlay(s PLACING 'new' FROM 1 FOR 2)"),
    (&["isnumeric"], "TRY_CAST(s AS double) IS NOT NULL"),
    (&["newid"], "uuid()"),
    (&["count_big"], "count(*)"),
    (&["stdev"], "stddev(a)"),
    (&["stdevp"], "stddev_pop(a)"),
    (&["varp"], "var_pop(a)"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    #[tokio::test]
    async fn what_is_proposed_runs() {
        let engine = Engine::builder().build().unwrap();
        for (names, sql) in EQUIVALENTS {
            let text = format!(
                "SELECT {sql} FROM (VALUES (1, 2, timestamp '2014-02-03', timestamp '2014-02-04', 'x')) \
                 v(a, b, t, u, s)"
            );
            let answer = engine.sql(&text).await.unwrap_or_else(|e| panic!("{names:?}: {e}"));
            answer.collect().await.unwrap_or_else(|e| panic!("{names:?}: {e}"));
        }
    }

    #[tokio::test]
    async fn a_missing_function_is_answered_with_one_that_is_there() {
        let engine = Engine::builder().build().unwrap();
        let hint = async |text: &'static str| engine.sql(text).await.unwrap_err().hints;
        assert_eq!(hint("SELECT IsNull(1, 2)").await, ["write coalesce(a, b)"]);
        assert_eq!(hint("SELECT r_to_mso(80)").await, ["did you mean r_to_mos?"]);
        assert_eq!(hint("SELECT * FROM component((SELECT 1))").await, ["did you mean components?"]);
    }
}
