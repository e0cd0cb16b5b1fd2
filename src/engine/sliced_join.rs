//! Joins of tables on their time key, worked on stretch of time by stretch of time.
//!
//! Rows of two tables that join on (at least) their time keys lie in the same stretch of time, and
//! the mirror's files are in the order of time. So both sides are cut at the same moments and each
//! pair of stretches is joined by itself: no row changes partition, every hash table is small
//! enough for the processor's cache, and memory does not grow with the tables.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinSide, JoinType, NullEquality, Result};
use datafusion::config::ConfigOptions;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::union::InterleaveExec;
use datafusion::physical_plan::{
    Distribution, ExecutionPlan, ExecutionPlanProperties, Partitioning,
};

use super::concatenate::Concatenate;
use super::key_partitioned::KeyPartitioned;
use crate::store::{self, DataFile};

/// Rows of both sides together in a stretch: a hash table of half of them fits in a core's cache.
const ROWS: u64 = 64 * 1024;

/// Replaces hash joins on the time key by [`Concatenate`] over joins of stretches.
#[derive(Debug)]
pub(super) struct SliceJoins {
    rows: u64,
}

impl Default for SliceJoins {
    fn default() -> Self {
        Self { rows: ROWS }
    }
}

impl PhysicalOptimizerRule for SliceJoins {
    fn name(&self) -> &'static str {
        "slice_joins"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let cores = config.execution.target_partitions;
        let sliced = plan.transform_down(|node| {
            // It keeps partitions by hash as they are, and cannot be made of others.
            if node.is::<InterleaveExec>() {
                return Ok(Transformed::new(node, false, TreeNodeRecursion::Jump));
            }
            match self.slice(&node, cores)? {
                Some(sliced) => Ok(Transformed::new(sliced, true, TreeNodeRecursion::Jump)),
                None => Ok(Transformed::no(node)),
            }
        })?;
        if !sliced.transformed {
            return Ok(sliced.data);
        }
        let plan = sliced.data.transform_up(|node| distributed(node, cores))?;
        Ok(plan.data)
    }
}

/// Brings rows back into partitions by hash where a node wants them so: it may have taken over those
/// of a join below, which are none any more.
fn distributed(
    node: Arc<dyn ExecutionPlan>,
    cores: usize,
) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
    let mut changed = false;
    let requirements = node.input_distribution_requirements();
    let children = node.children().into_iter().zip(requirements.per_child_distributions());
    let children = children.map(|(child, wanted)| {
        let has = child.output_partitioning();
        let Distribution::KeyPartitioned(keys) = wanted else { return Ok(Arc::clone(child)) };
        if has.satisfaction(wanted, child.equivalence_properties(), true).is_satisfied() {
            return Ok(Arc::clone(child));
        }
        changed = true;
        let by_hash = Partitioning::Hash(keys.clone(), cores);
        let exchange = RepartitionExec::try_new(Arc::clone(child), by_hash)?;
        Ok(Arc::new(exchange.with_preserve_order()) as _)
    });
    let children = children.collect::<Result<Vec<_>>>()?;
    if !changed {
        return Ok(Transformed::no(node));
    }
    replace_children_if_necessary(node, children).map(Transformed::yes)
}

impl SliceJoins {
    /// The same rows as the node gives, in stretches; None where it is no such join, or too small.
    fn slice(
        &self,
        node: &Arc<dyn ExecutionPlan>,
        cores: usize,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(join) = node.downcast_ref::<HashJoinExec>() else { return Ok(None) };
        if *join.partition_mode() != PartitionMode::Partitioned {
            return Ok(None);
        }
        for (left, right) in plain_keys(join) {
            let mut files: Vec<DataFile> = Vec::new();
            let look = &mut |scan: &Arc<dyn ExecutionPlan>, column: usize| {
                files.extend_from_slice(store::timed_files(scan.as_ref(), column)?);
                Some(Arc::clone(scan))
            };
            if join_sides(join, left, right, look)?.is_none() {
                continue;
            }
            let bounds = store::bounds(files.iter(), self.rows);
            let Some(keeps_order) = order_of_time(join, left, right) else { return Ok(None) };
            if bounds.len() < cores {
                return Ok(None);
            }
            let cut = &mut |scan: &Arc<dyn ExecutionPlan>, _| store::sliced(scan.as_ref(), &bounds);
            let sliced = join_sides(join, left, right, cut)?;
            return Ok(sliced.map(|s| Arc::new(Concatenate::new(s, cores, keeps_order)) as _));
        }
        Ok(None)
    }
}

/// What to put in the place of a scan, told which of its columns must be the time key.
type Cut<'a> = &'a mut dyn FnMut(&Arc<dyn ExecutionPlan>, usize) -> Option<Arc<dyn ExecutionPlan>>;

/// The plan with the scans replaced that its rows come from, and no exchange of rows between
/// partitions left; None unless its column there is the time key of each of them.
fn replace_scans(
    plan: &Arc<dyn ExecutionPlan>,
    column: usize,
    cut: Cut,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let (input, column) = if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let source = projection.expr()[column].expr.downcast_ref::<Column>().map(Column::index);
        let Some(column) = source else { return Ok(None) };
        (projection.input(), column)
    } else if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        let source = filter.projection().as_ref().map_or(column, |columns| columns[column]);
        (filter.input(), source)
    } else if let Some(cooperative) = plan.downcast_ref::<CooperativeExec>() {
        (cooperative.input(), column)
    } else if let Some(exchange) = plan.downcast_ref::<RepartitionExec>() {
        return replace_scans(exchange.input(), column, cut);
    } else if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return replace_scans_of_join(join, column, cut);
    } else {
        return Ok(cut(plan, column));
    };
    let Some(input) = replace_scans(input, column, cut)? else { return Ok(None) };
    replace_children_if_necessary(Arc::clone(plan), vec![input]).map(Some)
}

fn replace_scans_of_join(
    join: &HashJoinExec,
    column: usize,
    cut: Cut,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some((side, column)) = source(join, column) else { return Ok(None) };
    let of_side = |(left, right): &(usize, usize)| match side {
        JoinSide::Left => *left == column,
        _ => *right == column,
    };
    if *join.partition_mode() == PartitionMode::Partitioned {
        let Some((left, right)) = plain_keys(join).find(of_side) else { return Ok(None) };
        return join_sides(join, left, right, cut);
    }
    // The left side is gathered once for all partitions; it must not be what rows are kept from.
    let probes = matches!(
        join.join_type(),
        JoinType::Inner | JoinType::Right | JoinType::RightSemi | JoinType::RightAnti
    );
    if side == JoinSide::Left || !probes {
        return Ok(None);
    }
    let Some(right) = replace_scans(join.right(), column, cut)? else { return Ok(None) };
    rejoined(join, Arc::clone(join.left()), right).map(Some)
}

/// The join with the scans of both sides replaced, whose time keys are `left` and `right`.
fn join_sides(
    join: &HashJoinExec,
    left: usize,
    right: usize,
    cut: Cut,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    // A row without a time may stand in any stretch, so it must match nothing.
    let plain = join.null_equality() == NullEquality::NullEqualsNothing && !join.null_aware;
    if !plain || join.fetch().is_some() {
        return Ok(None);
    }
    let Some(left) = replace_scans(join.left(), left, cut)? else { return Ok(None) };
    let Some(right) = replace_scans(join.right(), right, cut)? else { return Ok(None) };
    let (left_keys, right_keys) = join.on().iter().cloned().unzip();
    let left = Arc::new(KeyPartitioned::new(left, left_keys));
    let right = Arc::new(KeyPartitioned::new(right, right_keys));
    rejoined(join, left, right).map(Some)
}

/// The join over other inputs. Its dynamic filter is left out: it waits for all partitions.
fn rejoined(
    join: &HashJoinExec,
    left: Arc<dyn ExecutionPlan>,
    right: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(Arc::new(HashJoinExec::try_new(
        left,
        right,
        join.on().to_vec(),
        join.filter().cloned(),
        join.join_type(),
        join.projection.as_ref().map(|columns| columns.to_vec()),
        *join.partition_mode(),
        join.null_equality(),
        join.null_aware,
    )?))
}

/// The pairs of columns that must be equal.
fn plain_keys(join: &HashJoinExec) -> impl Iterator<Item = (usize, usize)> {
    join.on().iter().filter_map(|(left, right)| {
        let (left, right) = (left.downcast_ref::<Column>()?, right.downcast_ref::<Column>()?);
        Some((left.index(), right.index()))
    })
}

/// The side and the column there that an output column comes from.
fn source(join: &HashJoinExec, column: usize) -> Option<(JoinSide, usize)> {
    let column = join.projection.as_ref().map_or(column, |columns| columns[column]);
    let left = join.left().schema().fields().len();
    match join.join_type() {
        JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => {
            let right = column.checked_sub(left);
            Some(right.map_or((JoinSide::Left, column), |column| (JoinSide::Right, column)))
        }
        JoinType::LeftSemi | JoinType::LeftAnti => Some((JoinSide::Left, column)),
        JoinType::RightSemi | JoinType::RightAnti => Some((JoinSide::Right, column)),
        JoinType::LeftMark | JoinType::RightMark => None,
    }
}

/// Whether the join's order is that of time, which stretches keep; None where it is another, which
/// they would not.
fn order_of_time(join: &HashJoinExec, left: usize, right: usize) -> Option<bool> {
    let Some(order) = join.properties().output_ordering() else { return Some(false) };
    let first = order.first();
    let column = first.expr.downcast_ref::<Column>()?.index();
    let source = source(join, column)?;
    let of_time = source == (JoinSide::Left, left) || source == (JoinSide::Right, right);
    (of_time && !first.options.descending).then_some(true)
}

#[cfg(all(test, feature = "sample"))]
mod tests {
    use super::*;
    use crate::{Capability, Engine};
    use arrow::util::pretty::pretty_format_batches;
    use datafusion::physical_plan::execution_plan::InvariantLevel;
    use datafusion::physical_plan::{collect, displayable};

    const MEDIA: &str = "LcsCDR.dbo.SessionDetails s {} LcsCDR.dbo.Media m \
         ON m.SessionIdTime = s.SessionIdTime AND m.SessionIdSeq = s.SessionIdSeq";

    async fn engine() -> Engine {
        let engine = Engine::builder().sample().threads(2).allow(Capability::ChangeSettings);
        let engine = engine.build().unwrap();
        // The sample is so small that one side would be gathered in one partition.
        for setting in ["threshold", "threshold_rows"] {
            let set = format!("SET datafusion.optimizer.hash_join_single_partition_{setting} = 0");
            engine.sql(&set).await.unwrap();
        }
        engine
    }

    /// The rows as text, in the order that the statement asks for or else in any; and whether the plan was cut into stretches of so many rows.
    async fn rows(engine: &Engine, sql: &str, stretch: Option<u64>) -> (Vec<String>, bool) {
        let statement = engine.statements(sql).unwrap().remove(0).parse(&Default::default());
        let state = engine.ctx.state();
        let logical = state.statement_to_plan(statement.unwrap().statement).await.unwrap();
        let mut plan = state.create_physical_plan(&logical).await.unwrap();
        if let Some(rows) = stretch {
            plan = SliceJoins { rows }.optimize(plan, state.config_options()).unwrap();
            plan.apply(|node| {
                node.check_invariants(InvariantLevel::Executable)?;
                Ok(TreeNodeRecursion::Continue)
            })
            .unwrap();
        }
        let cut = displayable(plan.as_ref()).indent(false).to_string().contains("Concatenate");
        let batches = collect(plan, engine.ctx.task_ctx()).await.unwrap();
        let text = pretty_format_batches(&batches).unwrap().to_string();
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        if !sql.contains("ORDER BY s.") {
            lines.sort();
        }
        (lines, cut)
    }

    /// Every kind of join over stretches of any length gives what the whole join gives.
    #[tokio::test]
    async fn stretches_give_the_rows_of_the_whole() {
        let engine = engine().await;
        let selected = "SELECT s.SessionIdTime, s.SessionIdSeq, m.MediaId FROM";
        let mut queries: Vec<String> = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]
            .map(|kind| format!("{selected} {} AND m.MediaId > 1", MEDIA.replace("{}", kind)))
            .into();
        queries.extend(["EXISTS", "NOT EXISTS"].map(|exists| {
            format!(
                "SELECT m.* FROM LcsCDR.dbo.Media m WHERE {exists} (SELECT 1 FROM LcsCDR.dbo.SessionDetails s \
                 WHERE m.SessionIdTime = s.SessionIdTime AND m.SessionIdSeq = s.SessionIdSeq AND s.User1Id > 40)"
            )
        }));
        queries.push(format!(
            "{selected} {} LEFT JOIN LcsCDR.dbo.VoipDetails v ON v.SessionIdTime = s.SessionIdTime \
             AND v.SessionIdSeq = s.SessionIdSeq WHERE s.User2Id > 20",
            MEDIA.replace("{}", "LEFT JOIN")
        ));
        // What stands above takes the partitions of the join for its own.
        let keys = "s.SessionIdTime, s.SessionIdSeq";
        let joined = MEDIA.replace("{}", "JOIN");
        queries.push(format!("SELECT {keys}, count(*) AS n FROM {joined} GROUP BY {keys}"));
        queries.push(format!(
            "SELECT {keys}, m.MediaId, row_number() OVER (PARTITION BY {keys} ORDER BY m.MediaId) AS n \
             FROM {joined}"
        ));
        queries.push(format!("SELECT {keys}, m.MediaId FROM {joined} ORDER BY {keys}, m.MediaId"));
        queries.push(format!(
            "SELECT {keys}, count(*) AS n FROM {joined} GROUP BY {keys} ORDER BY {keys}"
        ));
        queries.push("SELECT * FROM cdr.call_quality".into());
        for sql in queries {
            let (whole, cut) = rows(&engine, &sql, None).await;
            assert!(!cut && whole.len() > 100, "{sql}");
            for stretch in [30, 500, 2_000] {
                let (stretches, cut) = rows(&engine, &sql, Some(stretch)).await;
                assert!(cut, "{sql}");
                assert_eq!(stretches, whole, "{sql} by {stretch}");
            }
        }
    }

    /// Every view, over stretches, holds what it holds as a whole; but for one with sums whose last
    /// digit depends on the order of rows.
    #[tokio::test]
    async fn views_over_stretches_are_the_same() {
        let engine = engine().await;
        let sql = "SELECT table_catalog, table_schema, table_name FROM information_schema.tables \
                   WHERE table_type = 'VIEW' AND table_name <> 'network_load' \
                   AND (table_schema = 'dbo' OR table_schema = 'cdr' AND table_catalog = 'LcsCDR')";
        let names = engine.sql(sql).await.unwrap().collect().await.unwrap();
        let mut cuts = 0;
        for batch in &names {
            let part = |column: usize, row| {
                arrow::util::display::array_value_to_string(batch.column(column), row).unwrap()
            };
            for row in 0..batch.num_rows() {
                let view = [0, 1, 2].map(|column| format!("[{}]", part(column, row))).join(".");
                let sql = format!("SELECT * FROM {view}");
                let (stretches, cut) = rows(&engine, &sql, Some(500)).await;
                if !cut {
                    continue;
                }
                let (whole, _) = rows(&engine, &sql, None).await;
                let differs = whole.iter().zip(&stretches).find(|(a, b)| a != b);
                assert!(stretches == whole, "{view}: {differs:?}");
                cuts += 1;
            }
        }
        assert!(cuts > 5, "{cuts}");
    }

    /// What would lose or double rows in stretches is left whole.
    #[tokio::test]
    async fn other_joins_are_left_alone() {
        let engine = engine().await;
        for sql in [
            "SELECT count(*) FROM LcsCDR.dbo.SessionDetails s JOIN LcsCDR.dbo.Media m \
             ON m.SessionIdSeq = s.SessionIdSeq",
            "SELECT count(*) FROM LcsCDR.dbo.SessionDetails s JOIN LcsCDR.dbo.Media m \
             ON m.SessionIdTime = s.SessionEndTime",
            "SELECT count(*) FROM LcsCDR.dbo.SessionDetails s JOIN LcsCDR.dbo.Media m \
             ON m.SessionIdTime + INTERVAL '1 hour' = s.SessionIdTime",
            "SELECT count(*) FROM LcsCDR.dbo.SessionDetails s JOIN LcsCDR.dbo.Media m \
             ON m.SessionIdTime IS NOT DISTINCT FROM s.SessionIdTime",
            "SELECT t, q, count(*) FROM (SELECT s.SessionIdTime AS t, s.SessionIdSeq AS q \
             FROM LcsCDR.dbo.SessionDetails s JOIN LcsCDR.dbo.Media m \
             ON m.SessionIdTime = s.SessionIdTime AND m.SessionIdSeq = s.SessionIdSeq \
             UNION ALL SELECT m.SessionIdTime, m.SessionIdSeq \
             FROM LcsCDR.dbo.SessionDetails s JOIN LcsCDR.dbo.Media m \
             ON m.SessionIdTime = s.SessionIdTime AND m.SessionIdSeq = s.SessionIdSeq) GROUP BY t, q",
        ] {
            assert!(!rows(&engine, sql, Some(30)).await.1, "{sql}");
        }
    }
}
