//! Laws that hold for every graph, in SQL over random calls.

use datafusion::arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;
use proptest::prelude::*;

use crate::testing::session;

/// Caller, called, start, seconds.
type Call = (u32, u32, i64, i64);

fn any_calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec((0_u32..9, 0_u32..9, 0_i64..40, 0_i64..9), 1..40)
}

/// A relation of these calls, in text.
fn relation(calls: &[Call]) -> String {
    let rows = calls.iter().enumerate();
    let rows = rows.map(|(id, (a, b, start, s))| format!("({id}, 'n{a}', 'n{b}', {start}, {s})"));
    let rows: Vec<_> = rows.collect();
    format!("(SELECT * FROM (VALUES {}) AS t(id, a, b, start, seconds))", rows.join(", "))
}

/// The rows of a statement, in which `$calls` stands for the relation, as text.
async fn rows(ctx: &SessionContext, sql: &str, calls: &[Call]) -> Vec<Vec<String>> {
    let sql = sql.replace("$calls", &relation(calls));
    let batches = ctx.sql(&sql).await.unwrap().collect().await.unwrap();
    let rows = batches.iter().flat_map(|batch| {
        (0..batch.num_rows()).map(move |row| {
            let columns = batch.columns().iter();
            columns.map(|column| array_value_to_string(column, row).unwrap()).collect()
        })
    });
    rows.collect()
}

/// Runs statements over calls.
struct Session(tokio::runtime::Runtime, SessionContext);

impl Session {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self(runtime, session())
    }

    fn rows(&self, sql: &str, calls: &[Call]) -> Vec<Vec<String>> {
        self.0.block_on(rows(&self.1, sql, calls))
    }

    fn texts(&self, sql: &str, calls: &[Call]) -> Vec<String> {
        self.rows(sql, calls).into_iter().map(|row| row.join(" ")).collect()
    }
}

/// Statements about everybody, whose keys are all text.
const OF_EVERYBODY: &[&str] = &[
    "SELECT * FROM contact_pairs($calls)",
    "SELECT * FROM contact_chain($calls, ['n1', 'n2'], 3)",
    "SELECT * FROM chain_evidence($calls, 'n1', 3)",
    "SELECT * FROM contact_hubs($calls, max_degree => 2, seeds => 'n1')",
    "SELECT * FROM common_contacts($calls, ['n1', 'n2', 'n3'])",
    "SELECT * FROM ego_network($calls, 'n1')",
    "SELECT * FROM shortest_contacts($calls, 'n1', 'n2', 3, 'inverse')",
    "SELECT * FROM temporal_reach($calls, 'n1')",
    "SELECT * FROM temporal_path($calls, 'n1', 'n2', objective => 'fastest')",
    "SELECT * FROM new_contacts($calls)",
    "SELECT * FROM contact_change($calls)",
    "SELECT * FROM components($calls)",
    "SELECT * FROM strong_components($calls)",
    "SELECT * FROM core_number($calls)",
    "SELECT * FROM articulation($calls)",
    "SELECT * FROM bridges($calls)",
    "SELECT * FROM degree($calls)",
    "SELECT * FROM clustering($calls, weighted => true)",
    "SELECT * FROM triangles($calls)",
    "SELECT * FROM pagerank($calls)",
    "SELECT * FROM betweenness($calls)",
    "SELECT * FROM closeness($calls, 'inverse')",
    "SELECT * FROM communities($calls)",
    "SELECT * FROM communities($calls, 'louvain')",
    "SELECT * FROM communities($calls, 'label_propagation')",
    "SELECT * FROM overlap($calls)",
];

#[test]
fn every_function_is_among_the_statements() {
    for function in super::functions() {
        let call = format!(" {}(", function.name);
        assert!(OF_EVERYBODY.iter().any(|sql| sql.contains(&call)), "{}", function.name);
    }
}

/// Nothing in, nothing out: no rows at all, rows without parties, calls to oneself.
#[test]
fn rows_that_are_no_contacts_give_nothing() {
    let session = Session::new();
    let nothing = [
        "(SELECT * FROM (VALUES (1, 'n1', 'n2', 0, 1)) AS t(id, a, b, start, seconds) WHERE id = 0)",
        "(SELECT * FROM (VALUES (1, 'n1', NULL, 0, 1), (2, NULL, 'n1', 0, 1), (3, 'n1', 'n1', 0, 1)) AS t(id, a, b, start, seconds))",
        "(SELECT 1 AS id, NULL AS a, NULL AS b, 0 AS start, 1 AS seconds)",
        "(SELECT NULL AS id, NULL AS a, NULL AS b, NULL AS start, NULL AS seconds)",
        "(SELECT 1 AS id, 'n1' AS a, 'n2' AS b, NULL AS start, 1 AS seconds, false AS answered)",
        "(SELECT 1 AS id, 'n1' AS a, 'n2' AS b, 0 AS start, 1 AS seconds, false AS answered)",
        "(SELECT 1 AS id, 'n1' AS a, 'n2' AS b, 0 AS start, 1 AS seconds, CAST(NULL AS BOOLEAN) AS answered)",
    ];
    for (sql, relation) in OF_EVERYBODY.iter().flat_map(|sql| nothing.map(|r| (sql, r))) {
        let rows = session.texts(&sql.replace("$calls", relation), &[]);
        // A chain says of a seed that nobody knows it.
        let expected = if sql.contains("contact_chain(") { 2 } else { 0 };
        assert_eq!(rows.len(), expected, "{sql} over {relation}: {rows:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The order of rows, and so their partitioning, changes nothing, to the last digit.
    #[test]
    fn the_order_of_rows_does_not_matter(calls in any_calls(), turn in 0_usize..40) {
        let session = Session::new();
        let numbered: Vec<_> = calls.iter().enumerate().collect();
        let relation = |calls: &[(usize, &Call)]| {
            let rows = calls.iter().map(|(id, (a, b, start, s))| {
                format!("SELECT {id} AS id, 'n{a}' AS a, 'n{b}' AS b, {start} AS start, {s} + 0.1 AS seconds")
            });
            format!("({})", rows.collect::<Vec<_>>().join(" UNION ALL "))
        };
        let mut turned = numbered.clone();
        turned.rotate_left(turn % calls.len());
        turned.reverse();
        for sql in OF_EVERYBODY {
            let one = session.texts(&sql.replace("$calls", &relation(&numbered)), &[]);
            let other = session.texts(&sql.replace("$calls", &relation(&turned)), &[]);
            prop_assert_eq!(one, other, "{}", sql);
        }
    }

    #[test]
    fn directions_swap_in_and_out(calls in any_calls()) {
        let session = Session::new();
        let back: Vec<Call> = calls.iter().map(|(a, b, start, s)| (*b, *a, *start, *s)).collect();
        for (one, other) in [
            ("SELECT node, degree, in_degree, out_degree, in_calls, out_calls FROM degree($calls)",
             "SELECT node, degree, out_degree, in_degree, out_calls, in_calls FROM degree($calls)"),
            ("SELECT a, b, calls, calls_ab, seconds_ba, burstiness FROM contact_pairs($calls)",
             "SELECT a, b, calls, calls_ba, seconds_ab, burstiness FROM contact_pairs($calls)"),
            ("SELECT * FROM strong_components($calls)", "SELECT * FROM strong_components($calls)"),
            ("SELECT * FROM betweenness($calls)", "SELECT * FROM betweenness($calls)"),
        ] {
            prop_assert_eq!(session.texts(one, &calls), session.texts(other, &back));
        }
    }

    #[test]
    fn duplicates_double_counts_and_add_intervals_of_zero(calls in any_calls()) {
        let session = Session::new();
        let twice: Vec<Call> = calls.iter().flat_map(|call| [*call, *call]).collect();
        let sql = |n| format!(
            "SELECT a, b, calls * {n}, seconds * {n}, round(coalesce(iet_mean * (calls - 1), 0), 6), active_days, reciprocity, initiation, offhours_calls * {n} FROM contact_pairs($calls)"
        );
        prop_assert_eq!(session.texts(&sql(2), &calls), session.texts(&sql(1), &twice));
        for sql in ["SELECT * FROM overlap($calls)", "SELECT * FROM core_number($calls)"] {
            prop_assert_eq!(session.texts(sql, &calls), session.texts(sql, &twice));
        }
    }

    #[test]
    fn strangers_change_nothing_for_others(calls in any_calls()) {
        let session = Session::new();
        let mut more = calls.clone();
        more.push((77, 78, 3, 4));
        for sql in [
            "SELECT * FROM components($calls) WHERE node < 'n7'",
            "SELECT * FROM core_number($calls) WHERE node < 'n7'",
            "SELECT * FROM clustering($calls) WHERE node < 'n7'",
            "SELECT * FROM bridges($calls) WHERE a < 'n7'",
            "SELECT * FROM overlap($calls) WHERE a < 'n7'",
            "SELECT * FROM betweenness($calls, normalized => false) WHERE node < 'n7'",
            "SELECT * FROM contact_chain($calls, 'n1', 5)",
        ] {
            prop_assert_eq!(session.texts(sql, &calls), session.texts(sql, &more));
        }
    }

    #[test]
    fn an_hour_later_is_the_same_but_for_the_clock(calls in any_calls()) {
        let session = Session::new();
        let later: Vec<Call> = calls.iter().map(|(a, b, start, s)| (*a, *b, start + 3600, *s)).collect();
        for sql in [
            "SELECT a, b, calls, seconds, iet_mean, iet_std, burstiness FROM contact_pairs($calls)",
            "SELECT node, arrival - departure, hops, via, call_id FROM temporal_reach($calls, 'n1')",
        ] {
            prop_assert_eq!(session.texts(sql, &calls), session.texts(sql, &later));
        }
    }

    /// Leaving a hub out is leaving its calls out.
    #[test]
    fn a_hub_that_is_dropped_might_as_well_not_call(calls in any_calls()) {
        let session = Session::new();
        let without: Vec<Call> =
            calls.iter().filter(|call| call.0 != 3 && call.1 != 3).copied().collect();
        prop_assume!(without.iter().any(|call| (call.0 == 1) != (call.1 == 1)));
        let dropped = "SELECT * FROM contact_chain($calls, 'n1', 4, exclude => 'n3', hub_mode => 'drop')";
        let removed = "SELECT * FROM contact_chain($calls, 'n1', 4)";
        prop_assert_eq!(session.texts(dropped, &calls), session.texts(removed, &without));
    }

    #[test]
    fn chains_grow_from_neighbours_to_components(calls in any_calls()) {
        let session = Session::new();
        prop_assume!(calls.iter().any(|call| (call.0 == 1) != (call.1 == 1)));
        let reached = |hops: usize| {
            let sql = format!("SELECT node, hop FROM contact_chain($calls, 'n1', {hops})");
            session.texts(&sql, &calls)
        };
        for hops in 0..5 {
            let more = reached(hops + 1);
            prop_assert!(reached(hops).iter().all(|row| more.contains(row)));
        }
        let neighbours = "SELECT CASE WHEN a = 'n1' THEN b ELSE a END FROM contact_pairs($calls) WHERE a = 'n1' OR b = 'n1' ORDER BY 1";
        let first = "SELECT node FROM contact_chain($calls, 'n1', 1) WHERE hop = 1";
        prop_assert_eq!(session.texts(first, &calls), session.texts(neighbours, &calls));
        let component = "SELECT o.node FROM components($calls) AS o JOIN components($calls) AS m ON o.component = m.component WHERE m.node = 'n1' ORDER BY 1";
        let all = "SELECT node FROM contact_chain($calls, 'n1', 99) ORDER BY 1";
        prop_assert_eq!(session.texts(all, &calls), session.texts(component, &calls));
    }

    /// Who is reached in time is reached, and nobody sooner for setting out later.
    #[test]
    fn reach_in_time_is_reach_and_grows_with_time(calls in any_calls(), from in 0_i64..40, later in 0_i64..9) {
        let session = Session::new();
        let beyond = "SELECT node FROM temporal_reach($calls, 'n1') EXCEPT SELECT node FROM contact_chain($calls, 'n1', 99)";
        prop_assert_eq!(session.texts(beyond, &calls), [""; 0]);
        let sooner = format!(
            "SELECT l.node FROM temporal_reach($calls, 'n1', from => {}) AS l \
             LEFT JOIN temporal_reach($calls, 'n1', from => {from}) AS e ON e.node = l.node \
             WHERE e.node IS NULL OR e.arrival > l.arrival", from + later,
        );
        prop_assert_eq!(session.texts(&sooner, &calls), [""; 0]);
    }

    #[test]
    fn relabelled_people_have_the_same_results(calls in any_calls()) {
        let session = Session::new();
        // 0 and 8 change places, and so on: keys come in another order.
        let other: Vec<Call> = calls.iter().map(|(a, b, start, s)| (8 - a, 8 - b, *start, *s)).collect();
        for sql in [
            "SELECT $node, round(rank, 9) FROM pagerank($calls)",
            "SELECT $node, in_degree, out_calls FROM degree($calls)",
            "SELECT $node, round(betweenness, 9) FROM betweenness($calls, length => 'inverse')",
            "SELECT $node, round(closeness, 9) FROM closeness($calls)",
            "SELECT $node, core FROM core_number($calls)",
            "SELECT $node, round(clustering, 9) FROM clustering($calls, weighted => true)",
            "SELECT $node, count(*) OVER (PARTITION BY component) FROM strong_components($calls)",
            "SELECT $node, pieces FROM articulation($calls)",
            "SELECT $node, arrival, hops FROM temporal_reach($calls, $n1)",
        ] {
            let renamed = "concat('n', 8 - CAST(substr(node, 2) AS INT))";
            let (one, two) = (sql.replace("$n1", "'n1'"), sql.replace("$n1", "'n7'"));
            let mut one = session.texts(&one.replace("$node", "node"), &calls);
            let mut two = session.texts(&two.replace("$node", renamed), &other);
            one.sort();
            two.sort();
            prop_assert_eq!(one, two, "{}", sql);
        }
    }
}
