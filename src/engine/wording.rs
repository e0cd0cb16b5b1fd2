//! DataFusion's messages in fewer words: what is wrong, without which of its parts found it.

/// What an error is called where it is wrapped in another.
const WRAPPERS: [&str; 7] = [
    "Error during planning: ",
    "Execution error: ",
    "This feature is not implemented: ",
    "Invalid or Unsupported Configuration: ",
    "Arrow error: ",
    "External error: ",
    "Invalid argument error: ",
];

/// A message as the user should read it.
pub(super) fn plain(message: &str) -> String {
    let mut rest = message.trim();
    while let Some(inner) = WRAPPERS.iter().find_map(|wrapper| rest.strip_prefix(wrapper)) {
        rest = inner;
    }
    wrong_arguments(rest)
        .or_else(|| not_grouped(rest))
        .or_else(|| unsupported(rest))
        .unwrap_or_else(|| first_lines(rest))
}

/// A file that cannot be read: which, and the innermost cause.
pub(super) fn unreadable(message: &str) -> String {
    let named = message.split_once("Failed to fetch metadata for file ");
    match named.and_then(|(_, rest)| rest.split_once(": ")) {
        Some((file, cause)) => {
            let cause = cause.rsplit("error: ").next().unwrap_or(cause);
            format!("{file}: it cannot be read: {cause}")
        }
        None => first_lines(message),
    }
}

/// Long messages repeat whole plans; the first two lines say what matters.
pub(super) fn first_lines(message: &str) -> String {
    message.lines().take(2).collect::<Vec<_>>().join("\n")
}

/// A function that refuses its arguments: what our own say of it, else the call that none fits.
fn wrong_arguments(message: &str) -> Option<String> {
    let (before, call) =
        message.split_once(" No function matches the given name and argument types '")?;
    let said =
        before.split_once("coercion failed with: ").map(|(_, said)| said.trim_end_matches('.'));
    Some(match said {
        Some(said) => plain(said),
        None => {
            format!("no form of this function takes such arguments: {}", call.split('\'').next()?)
        }
    })
}

fn not_grouped(message: &str) -> Option<String> {
    let about =
        message.strip_prefix("Column in SELECT must be in GROUP BY or an aggregate function: ")?;
    let column = about.split('"').nth(1)?;
    Some(format!("column {column} must stand in GROUP BY or in an aggregate function"))
}

/// A piece of syntax, of which DataFusion shows how the parser keeps it.
fn unsupported(message: &str) -> Option<String> {
    let (what, rest) = message.strip_prefix("Unsupported ast node ")?.split_once([' ', '('])?;
    let what = if what == "in" { rest.split_once(": ")?.1.split([' ', '(']).next()? } else { what };
    Some(format!("{} is not supported", what.to_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_go() {
        assert_eq!(plain("Arrow error: Divide by zero error"), "Divide by zero error");
        assert_eq!(
            plain("This feature is not implemented: UPDATE not supported for Base table"),
            "UPDATE not supported for Base table"
        );
    }

    #[test]
    fn a_damaged_file_is_named_with_its_cause() {
        let message = "Parquet error: Failed to fetch metadata for file LcsCDR/dbo/Users/all.parquet: Object \
            Store error: Generic LocalFileSystem error: Requested range was invalid";
        assert_eq!(
            unreadable(message),
            "LcsCDR/dbo/Users/all.parquet: it cannot be read: Requested range was invalid"
        );
        assert_eq!(unreadable("disk is gone"), "disk is gone");
    }

    #[test]
    fn a_function_says_what_it_takes() {
        let message = "Execution error: Function 'r_to_mos' user-defined coercion failed with: Error during \
            planning: r_to_mos takes (r), got 0 arguments. No function matches the given name and argument \
            types 'r_to_mos()'. You might need to add explicit type casts.\n\tCandidate functions:\n";
        assert_eq!(plain(message), "r_to_mos takes (r), got 0 arguments");
        let message = "Internal error: Function 'sum' failed to match any signature, errors: ..\nThis issue \
            was likely caused by a bug. No function matches the given name and argument types \
            'sum(Utf8View)'. You might";
        assert_eq!(plain(message), "no form of this function takes such arguments: sum(Utf8View)");
    }

    #[test]
    fn syntax_is_named_and_not_drawn() {
        let message = "Unsupported ast node in sqltorel: Collate { expr: Value(ValueWithSpan) }";
        assert_eq!(plain(message), "COLLATE is not supported");
        assert_eq!(plain("Unsupported ast node Pivot { table: Table }"), "PIVOT is not supported");
    }

    #[test]
    fn a_column_outside_of_the_groups_is_named() {
        let message = "Column in SELECT must be in GROUP BY or an aggregate function: While expanding \
            wildcard, column \"s.a\" must appear in the GROUP BY clause or must be part of an aggregate";
        assert_eq!(plain(message), "column s.a must stand in GROUP BY or in an aggregate function");
    }
}
