//! What may stand at the cursor: commands and their arguments, or names and words of SQL.

mod command;
mod files;
mod names;
mod scope;
mod sql;

pub use names::Names;

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What the list of proposals shows.
    pub display: String,
    /// What takes the place of the word at the cursor.
    pub insert: String,
}

impl Candidate {
    /// A proposal that is shown as it is inserted.
    fn plain(text: impl Into<String>) -> Self {
        let insert = text.into();
        Self { display: insert.clone(), insert }
    }
}

/// Where the word at byte `pos` starts, and what could stand there, best first.
pub fn complete(text: &str, pos: usize, names: &Names) -> (usize, Vec<Candidate>) {
    command::complete(text, pos, names).unwrap_or_else(|| sql::complete(text, pos, names))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use tokio::runtime::Runtime;

    use super::*;
    use crate::engine::Engine;

    /// An engine over tables that stand in no schema file, so that nothing else has their columns.
    struct Fixture {
        names: Names,
        _runtime: Runtime,
    }

    fn table(columns: &[&str]) -> Vec<RecordBatch> {
        let column =
            |name: &&str| (name.to_string(), Arc::new(Int64Array::from(vec![1])) as ArrayRef);
        vec![RecordBatch::try_from_iter(columns.iter().map(column)).unwrap()]
    }

    impl Fixture {
        fn new() -> Self {
            let runtime = Runtime::new().unwrap();
            let engine = Engine::builder()
                .table("LcsCDR", "GateTest", table(&["GateId", "GateName", "Queue Length"]))
                .table("QoEMetrics", "LineTest", table(&["LineId", "GateId", "Jitter"]))
                .build()
                .unwrap();
            Self { names: Names::new(engine, runtime.handle().clone()), _runtime: runtime }
        }

        /// What is proposed at the `|`, with the text that it would become.
        fn at(&self, marked: &str) -> Vec<String> {
            let pos = marked.find('|').unwrap();
            let text = marked.replacen('|', "", 1);
            let (start, candidates) = complete(&text, pos, &self.names);
            assert!(text.is_char_boundary(start) && start <= pos);
            candidates
                .into_iter()
                .map(|c| format!("{}{}{}", &text[..start], c.insert, &text[pos..]))
                .collect()
        }

        fn shown(&self, marked: &str) -> Vec<String> {
            let pos = marked.find('|').unwrap();
            let text = marked.replacen('|', "", 1);
            complete(&text, pos, &self.names).1.into_iter().map(|c| c.display).collect()
        }
    }

    #[test]
    fn tables_stand_after_from_and_join() {
        let fixture = Fixture::new();
        assert_eq!(fixture.at("select * from gatet|"), ["select * from GateTest"]);
        assert_eq!(
            fixture.at("select * from GateTest g join linet|"),
            ["select * from GateTest g join LineTest"]
        );
        assert_eq!(
            fixture.at("select 1; select * from GateTest, linet|;"),
            ["select 1; select * from GateTest, LineTest;"]
        );
    }

    #[test]
    fn a_path_is_completed_part_by_part() {
        let fixture = Fixture::new();
        assert_eq!(fixture.at("select * from lcsc|"), ["select * from LcsCDR"]);
        assert_eq!(fixture.at("select * from LcsCDR.d|"), ["select * from LcsCDR.dbo"]);
        assert_eq!(
            fixture.at("select * from lcscdr.dbo.gatet|"),
            ["select * from lcscdr.dbo.GateTest"]
        );
        assert_eq!(fixture.at("select * from lcscdr..gatet|"), ["select * from lcscdr..GateTest"]);
        assert_eq!(fixture.at("use qoe|"), ["use QoEMetrics"]);
    }

    #[test]
    fn columns_are_those_of_the_statements_tables() {
        let fixture = Fixture::new();
        assert_eq!(fixture.at("select gaten| from GateTest"), ["select GateName from GateTest"]);
        let proposed = fixture.at("select jit| from GateTest");
        assert!(!proposed.contains(&"select Jitter from GateTest".to_string()), "{proposed:?}");
        assert_eq!(
            fixture.at("select * from QoEMetrics.dbo.LineTest where jit|"),
            ["select * from QoEMetrics.dbo.LineTest where Jitter"]
        );
        assert_eq!(
            fixture.shown("select gatei| from GateTest, LineTest"),
            ["GateId"],
            "a name is proposed once"
        );
        assert_eq!(
            fixture.at("select lineid| from LineTest; select 2"),
            ["select LineId from LineTest; select 2"]
        );
        assert_eq!(
            fixture.at("select gaten| from LineTest; select * from GateTest"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_alias_chooses_the_table() {
        let fixture = Fixture::new();
        let from = "from GateTest g join LineTest as l on g.GateId = l.";
        assert_eq!(fixture.shown(&format!("select * {from}|")), ["GateId", "Jitter", "LineId"]);
        assert_eq!(
            fixture.shown("select g.| from GateTest g, LineTest l"),
            ["GateId", "GateName", "Queue Length"]
        );
        assert_eq!(fixture.shown("select gatetest.gatei| from GateTest"), ["GateId"]);
    }

    #[test]
    fn columns_come_before_words_and_functions() {
        let fixture = Fixture::new();
        let shown = fixture.shown("select l| from LineTest");
        assert_eq!(shown.first().map(String::as_str), Some("LineId"));
        assert!(shown.iter().any(|name| name.starts_with("lower(")), "{shown:?}");
    }

    #[test]
    fn functions_are_shown_with_their_arguments() {
        let fixture = Fixture::new();
        let (start, candidates) = complete("select date_tr", 14, &fixture.names);
        let trunc = candidates.iter().find(|c| c.insert == "date_trunc(").unwrap();
        assert_eq!((start, trunc.display.as_str()), (7, "date_trunc(precision, expression)"));
    }

    #[test]
    fn names_that_need_quotes_get_them() {
        let fixture = Fixture::new();
        assert_eq!(
            fixture.at("select que| from GateTest"),
            ["select [Queue Length] from GateTest"]
        );
        assert_eq!(
            fixture.at("select [que| from GateTest"),
            ["select [Queue Length] from GateTest"]
        );
        assert_eq!(
            fixture.at("select g.[que| from GateTest g"),
            ["select g.[Queue Length] from GateTest g"]
        );
        assert_eq!(
            fixture.at("select \"gaten| from GateTest"),
            ["select \"GateName\" from GateTest"]
        );
    }

    #[test]
    fn a_named_query_is_a_table() {
        let fixture = Fixture::new();
        assert_eq!(
            fixture.at("with busiest as (select 1) select * from busi|"),
            ["with busiest as (select 1) select * from busiest"]
        );
    }

    #[test]
    fn words_follow_the_case_that_was_begun() {
        let fixture = Fixture::new();
        assert_eq!(fixture.at("sele|"), ["select"]);
        assert_eq!(fixture.at("SELE|"), ["SELECT"]);
        assert_eq!(fixture.at("select 1 ; desc|"), ["select 1 ; describe"]);
    }

    #[test]
    fn strings_and_comments_are_left_alone() {
        let fixture = Fixture::new();
        for text in [
            "select 'gat|",
            "select 1 -- gat|",
            "select /* gat|",
            "select * from GateTest where x = 'g|",
        ] {
            assert_eq!(fixture.at(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn file_names_stand_where_statements_and_commands_take_them() {
        let fixture = Fixture::new();
        assert_eq!(fixture.at("copy GateTest to 'Cargo.t|"), ["copy GateTest to 'Cargo.toml"]);
        assert_eq!(fixture.at(".read Cargo.t|"), [".read Cargo.toml"]);
        assert_eq!(fixture.at(":out Cargo.t|"), [":out Cargo.toml"]);
    }

    #[test]
    fn commands_and_what_they_take() {
        let fixture = Fixture::new();
        assert_eq!(fixture.at(".des|"), [".describe"]);
        assert_eq!(fixture.at("\\tim|"), ["\\timing"]);
        assert_eq!(fixture.at(".mode nd|"), [".mode ndjson"]);
        assert_eq!(fixture.at(".timing |"), [".timing on", ".timing off"]);
        assert_eq!(fixture.at("\\d gatet|"), ["\\d GateTest"]);
        assert_eq!(fixture.at(".describe lcscdr.dbo.gatet|"), [".describe lcscdr.dbo.GateTest"]);
        assert_eq!(fixture.at(".help watc|"), [".help watch"]);
        assert_eq!(fixture.at(".manual date_tr|"), [".manual date_trunc"]);
        assert_eq!(
            fixture.at(".explain select gaten| from GateTest"),
            [".explain select GateName from GateTest"]
        );
    }

    #[test]
    fn any_cursor_in_any_text_is_answered() {
        let fixture = Fixture::new();
        let text =
            ".watch 5 select 'é', [ä b], \"x from lcscdr.dbo.[é where a in (b. /* ; */) -- ü\n;go";
        for pos in (0..=text.len()).filter(|&pos| text.is_char_boundary(pos)) {
            for from in [0, 9] {
                let (text, pos) = (&text[from..], pos.saturating_sub(from));
                let (start, _) = complete(
                    text,
                    if text.is_char_boundary(pos) { pos } else { 0 },
                    &fixture.names,
                );
                assert!(text.is_char_boundary(start));
            }
        }
    }
}
