//! Many partitions as a few: each output runs its share of the inputs one after the other, so that
//! only as many are at work as there are outputs.

use std::fmt::Formatter;
use std::ops::Range;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties,
};
use futures::{StreamExt, TryStreamExt};

/// Runs the input's partitions in order, a stretch of them in each output partition.
#[derive(Debug)]
pub(super) struct Concatenate {
    input: Arc<dyn ExecutionPlan>,
    outputs: usize,
    properties: Arc<PlanProperties>,
}

impl Concatenate {
    /// `keeps_order` says that the input's partitions follow one another in its order.
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, outputs: usize, keeps_order: bool) -> Self {
        let mut equivalences: EquivalenceProperties = input.equivalence_properties().clone();
        if !keeps_order {
            equivalences.clear_orderings();
        }
        let properties = PlanProperties::new(
            equivalences,
            Partitioning::UnknownPartitioning(outputs),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Self { input, outputs, properties: Arc::new(properties) }
    }

    /// The inputs of an output.
    fn share(&self, output: usize) -> Range<usize> {
        let inputs = self.input.output_partitioning().partition_count();
        inputs * output / self.outputs..inputs * (output + 1) / self.outputs
    }
}

impl DisplayAs for Concatenate {
    fn fmt_as(&self, _t: DisplayFormatType, f: &mut Formatter) -> std::fmt::Result {
        let inputs = self.input.output_partitioning().partition_count();
        write!(f, "Concatenate: {inputs} partitions to {}", self.outputs)
    }
}

impl ExecutionPlan for Concatenate {
    fn name(&self) -> &'static str {
        "Concatenate"
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
            return internal_err!("Concatenate has one input");
        };
        let keeps_order = self.properties.eq_properties.output_ordering().is_some();
        Ok(Arc::new(Self::new(Arc::clone(input), self.outputs, keeps_order)))
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let input = Arc::clone(&self.input);
        let rows = futures::stream::iter(self.share(partition))
            .map(move |n| input.execute(n, Arc::clone(&context)))
            .try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}
