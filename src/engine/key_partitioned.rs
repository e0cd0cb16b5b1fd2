//! Tells the planner what stretches of time have in common with partitions by hash: rows with equal
//! keys are in the same one.

use std::fmt::Formatter;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties,
};

/// Passes its input's partitions on as partitions by key. A join checks that both of its sides say
/// this, and which rows go together is decided by the bounds that both were cut at.
#[derive(Debug)]
pub(super) struct KeyPartitioned {
    input: Arc<dyn ExecutionPlan>,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    properties: Arc<PlanProperties>,
}

impl KeyPartitioned {
    /// No two rows of different partitions may be equal in all keys.
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, keys: Vec<Arc<dyn PhysicalExpr>>) -> Self {
        let count = input.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            input.equivalence_properties().clone(),
            Partitioning::Hash(keys.clone(), count),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Self { input, keys, properties: Arc::new(properties) }
    }
}

impl DisplayAs for KeyPartitioned {
    fn fmt_as(&self, _t: DisplayFormatType, f: &mut Formatter) -> std::fmt::Result {
        let keys = self.keys.iter().map(|key| key.to_string()).collect::<Vec<_>>().join(", ");
        write!(f, "KeyPartitioned: [{keys}]")
    }
}

impl ExecutionPlan for KeyPartitioned {
    fn name(&self) -> &'static str {
        "KeyPartitioned"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        use ChildrenPropertiesMode::Recompute;
        self.replace_children(children, ReplaceChildrenOptions::new(Recompute))
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let [input] = children.as_slice() else {
            return internal_err!("KeyPartitioned has one input");
        };
        Ok(Arc::new(Self::new(Arc::clone(input), self.keys.clone())))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.keys
            .iter()
            .try_fold(TreeNodeRecursion::Continue, |done, key| done.visit_sibling(|| f(key)))
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.input.execute(partition, context)
    }
}
