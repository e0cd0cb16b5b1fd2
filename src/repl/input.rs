//! What a piece of input is: a command line, or SQL that ends in `;` or a `GO` line.

use crate::tsql;

/// What marks a command at the start of a line: ours, psql's, sqlcmd's.
pub const MARKS: [char; 3] = ['.', '\\', ':'];
/// Words that people type without a mark, each alone on its line.
const BARE: [&str; 3] = ["help", "quit", "exit"];

/// A command line taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandLine<'a> {
    /// Without its mark.
    pub name: &'a str,
    /// The rest, trimmed, without a closing `;`.
    pub argument: &'a str,
}

/// The command on this line; None for SQL.
pub fn command(line: &str) -> Option<CommandLine<'_>> {
    let line = line.trim();
    let line = line.strip_suffix(';').unwrap_or(line).trim_end();
    if let Some(name) = line.strip_prefix(MARKS) {
        let (name, argument) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
        return Some(CommandLine { name, argument: argument.trim() });
    }
    let bare = BARE.iter().any(|word| word.eq_ignore_ascii_case(line));
    bare.then_some(CommandLine { name: line, argument: "" })
}

/// True when Enter should run the text rather than begin a new line.
pub fn is_complete(text: &str) -> bool {
    let ends = |piece: Piece<'_>| command(piece.text).is_some() || tsql::is_complete(piece.text);
    pieces(text).last().is_none_or(ends)
}

/// A stretch of a script that runs as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    pub text: &'a str,
    /// Its first line in the script, from 1.
    pub line: usize,
}

/// Cuts a script into command lines and complete SQL; what is left open at the end is the last
/// piece. A line counts as a command only where no statement is open.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    let mut line = 1;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let piece = Piece { text: &rest[..piece_length(rest)], line };
        rest = &rest[piece.text.len()..];
        line += piece.text.matches('\n').count();
        Some(piece)
    })
    .filter(|piece| !piece.text.trim().is_empty())
}

fn piece_length(text: &str) -> usize {
    let mut length = 0;
    let mut blank = true;
    for line in text.split_inclusive('\n') {
        if blank && command(line).is_some() {
            // Blank lines and comments before a command are a piece of their own.
            return if length == 0 { line.len() } else { length };
        }
        length += line.len();
        // Only these lines can end a statement; to tokenise at every line would be quadratic.
        if may_end(line) && tsql::is_complete(&text[..length]) {
            return length;
        }
        blank &= line.trim().is_empty() || is_comment(line);
    }
    length
}

fn may_end(line: &str) -> bool {
    let go = line.trim_start().get(..2).is_some_and(|word| word.eq_ignore_ascii_case("go"));
    go || line.contains(';')
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("--")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn texts(text: &str) -> Vec<(usize, &str)> {
        pieces(text).map(|p| (p.line, p.text.trim_end())).collect()
    }

    #[test]
    fn three_marks_and_three_bare_words_are_commands() {
        let parts = |line| command(line).map(|c| (c.name, c.argument));
        assert_eq!(parts(".tables Sess"), Some(("tables", "Sess")));
        assert_eq!(parts("\\d  SessionDetails ;"), Some(("d", "SessionDetails")));
        assert_eq!(parts(":r my file.sql"), Some(("r", "my file.sql")));
        assert_eq!(parts("EXIT;"), Some(("EXIT", "")));
        assert_eq!(parts("exit strategy"), None);
        assert_eq!(parts("select .5;"), None);
        assert_eq!(parts(""), None);
    }

    #[test]
    fn a_script_is_cut_at_statements_and_commands() {
        let script = ".timing off\nselect 1;\nselect\n  2;\n.mode csv\nselect 3\nGO 2\nselect 4";
        assert_eq!(
            texts(script),
            [
                (1, ".timing off"),
                (2, "select 1;"),
                (3, "select\n  2;"),
                (5, ".mode csv"),
                (6, "select 3\nGO 2"),
                (8, "select 4"),
            ]
        );
    }

    #[test]
    fn a_command_mark_inside_a_statement_is_text() {
        let script = "select '\n.quit\n', 1\n;\n";
        assert_eq!(texts(script), [(1, "select '\n.quit\n', 1\n;")]);
    }

    #[test]
    fn a_command_after_a_comment_is_a_command() {
        assert_eq!(texts("-- first\n\n.mode csv\n"), [(1, "-- first"), (3, ".mode csv")]);
    }

    #[test]
    fn a_quote_in_a_command_line_opens_nothing() {
        assert_eq!(texts(".read it's.sql\nselect 1;"), [(1, ".read it's.sql"), (2, "select 1;")]);
    }

    #[test]
    fn enter_runs_commands_and_closed_statements() {
        for complete in ["", "  ", ".mode csv", "select 1;", "select 1\nGO", "select 1;\n.tables"] {
            assert!(is_complete(complete), "{complete:?}");
        }
        for open in ["select 1", "select 1\n.tables", ".tables\nselect", "select 'it''s;"] {
            assert!(!is_complete(open), "{open:?}");
        }
    }

    /// What matters to the cutting.
    const WORDS: &[&str] = &[
        "select", " ", "\n", "\r\n", ";", "'", "\"", "[", "]", "--", "/*", "*/", "go", "GO 2",
        ".x", "ä",
    ];

    fn scripts() -> impl Strategy<Value = String> {
        vec(select(WORDS), 0..30).prop_map(|words| words.concat())
    }

    proptest! {
        #[test]
        fn nothing_of_a_script_is_lost(script in scripts()) {
            let mut rest = script.as_str();
            while !rest.is_empty() {
                let length = piece_length(rest);
                prop_assert!(length > 0, "no progress at {rest:?}");
                rest = &rest[length..];
            }
        }

        #[test]
        fn a_piece_stands_on_its_line(script in scripts()) {
            for piece in pieces(&script) {
                let before: String = script.split_inclusive('\n').take(piece.line - 1).collect();
                prop_assert!(script[before.len()..].starts_with(piece.text));
            }
        }

        #[test]
        fn all_pieces_but_the_last_are_complete(script in scripts()) {
            let pieces: Vec<_> = pieces(&script).collect();
            for pair in pieces.windows(2) {
                let ends = command(pair[0].text).is_some() || tsql::is_complete(pair[0].text);
                prop_assert!(ends || command(pair[1].text).is_some(), "{pair:?}");
            }
        }
    }
}
