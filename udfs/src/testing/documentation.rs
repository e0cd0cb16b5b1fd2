//! Every function has documentation, an example that runs, a case in the SQL tests; the
//! reference page is up to date.

use std::fs;
use std::path::{Path, PathBuf};

use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::Result;
use datafusion::prelude::SessionContext;

use super::session;

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The result of a statement: a line per row, columns separated by a bar.
pub async fn run(ctx: &SessionContext, sql: &str) -> Result<Vec<String>> {
    let mut lines = vec![];
    for batch in ctx.sql(sql).await?.collect().await? {
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| {
                if column.is_null(row) {
                    return Ok("NULL".to_string());
                }
                Ok(array_value_to_string(column, row)?)
            });
            lines.push(cells.collect::<Result<Vec<_>>>()?.join(" | "));
        }
    }
    Ok(lines)
}

#[tokio::test]
async fn every_example_runs_and_gives_what_it_says() {
    let ctx = session();
    let functions = crate::functions();
    let mut failures = vec![];
    for (name, documentation) in functions.documented() {
        let documentation = documentation.unwrap_or_else(|| panic!("{name} has no documentation"));
        let example = documentation.sql_example.as_deref();
        let example = example.unwrap_or_else(|| panic!("{name} has no example"));
        let body = example.trim_start_matches("```sql\n").trim_end_matches("\n```");
        let (sql, comments) = body.split_once(";\n").unwrap_or_else(|| panic!("{name}: {body}"));
        let expected: Vec<_> = comments.lines().map(|l| l.trim_start_matches("-- ")).collect();
        assert!(sql.contains(&format!("{name}(")), "the example of {name} does not use it");
        match run(&ctx, sql).await {
            Ok(actual) if actual == expected => {}
            actual => failures.push(format!("{name}: {actual:?} instead of {expected:?}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_argument_is_documented() {
    let functions = crate::functions();
    let scalar = functions.scalar.iter().map(|udf| {
        let function = &udf.inner().downcast_ref::<crate::scalar::Adapter>().unwrap().function;
        (udf.name(), function.documentation, function.parameters)
    });
    let relation = functions.relation.iter().map(|f| (f.name, f.documentation, f.parameters));
    for (name, documentation, parameters) in scalar.chain(relation) {
        let documented = documentation.unwrap().arguments.iter().flatten();
        let documented: Vec<_> = documented.map(|(name, _)| name.as_str()).collect();
        let parameters: Vec<_> = parameters.iter().map(|p| p.name).collect();
        assert_eq!(documented, parameters, "{name}");
    }
}

#[test]
fn every_function_has_a_sql_test() {
    let cases = fs::read_dir(repository().join("tests/slt/functions")).unwrap();
    let cases: String =
        cases.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let functions = crate::functions();
    let missing: Vec<_> = functions
        .documented()
        .map(|(name, _)| name)
        .filter(|name| {
            let call = format!("{name}(");
            let calls = cases.match_indices(&call);
            // `idd(` must not be found in `my_idd(`.
            let mut starts = calls.map(|(at, _)| cases[..at].chars().next_back());
            !starts.any(|before| before.is_none_or(|c| !c.is_alphanumeric() && c != '_'))
        })
        .collect();
    assert!(missing.is_empty(), "no case in tests/slt/functions for {missing:?}");
}

#[test]
fn the_reference_page_is_up_to_date() {
    let page = fs::read_to_string(repository().join("docs/functions.md")).unwrap_or_default();
    assert!(
        page.replace("\r\n", "\n") == crate::functions_markdown(),
        "run: cargo run -p cdrql-udfs --example functions_md > docs/functions.md"
    );
}
