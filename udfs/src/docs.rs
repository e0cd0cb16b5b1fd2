//! The reference page of all functions, from their own documentation.

use std::collections::BTreeMap;
use std::fmt::Write;

use datafusion::logical_expr::Documentation;

const HEAD: &str = "\
# Functions

Written by `cargo run -p cdrql-udfs --example functions_md > docs/functions.md`; edit the
functions' own documentation instead of this page.

Unless a function says otherwise: an argument that is NULL, NaN, infinite or out of its range
gives NULL and never an error, for stored records contain rubbish; a constant that no row could
ever use (an unknown rule set, a negative edge) is an error before the query runs. Numbers of any
type are accepted and compared as 64-bit floating point. Units are in the names of the arguments:
`_ms`, `_s`, `_kbps`, `_pct` (0 to 100), `_ratio` (0 to 1). Aggregates skip rows with NULL, NaN or
an infinite number and give NULL when nothing is left. The comments in the examples are their results.
";

/// The text of `docs/functions.md`.
pub fn functions_markdown() -> String {
    let functions = crate::functions();
    let mut sections: BTreeMap<&str, BTreeMap<&str, &Documentation>> = BTreeMap::new();
    for (name, documentation) in functions.documented() {
        if let Some(documentation) = documentation {
            let section = sections.entry(documentation.doc_section.label).or_default();
            section.insert(name, documentation);
        }
    }
    let mut page = HEAD.to_string();
    for (label, functions) in sections {
        page += &format!("\n## {label}\n");
        for (name, documentation) in functions {
            page += &entry(name, documentation);
        }
    }
    page
}

fn entry(name: &str, documentation: &Documentation) -> String {
    let mut entry = format!(
        "\n### {name}\n\n`{}`\n\n{}\n",
        documentation.syntax_example, documentation.description
    );
    let arguments = documentation.arguments.iter().flatten();
    for (i, (argument, meaning)) in arguments.enumerate() {
        let lead = if i == 0 { "\n" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(entry, "{lead}- `{argument}`: {meaning}");
    }
    if let Some(example) = &documentation.sql_example {
        entry += &format!("\n{example}\n");
    }
    entry
}
