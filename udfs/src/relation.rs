//! How a table function is written that takes a relation:
//! `name(relation or (subquery), expressions over it and constants, by position or name)`.
//! Functions over relations of a known shape (calls, edges) find their columns by name instead.
//!
//! A [`RelationFunction`] holds what such functions differ in. The session plans the relation as
//! it plans any other, so that whatever it enforces there holds here; the expressions become a
//! projection of it, and a [`RelationTable`] runs that projection and hands all of its rows to
//! the function. DataFusion's own table functions could see neither columns nor subqueries.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, DFSchemaRef, Result, plan_err};
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    Documentation, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, TableType,
};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, FunctionArg, FunctionArgExpr, ObjectName, TableFactor,
};
use futures::{TryStreamExt, stream};

use crate::call::{Call, CancelOnDrop, Cancelled, Options};
use crate::parameter::{self, Parameter};

/// A table function over a relation.
#[derive(Debug, Clone, Copy)]
pub struct RelationFunction {
    /// The SQL name.
    pub name: &'static str,
    /// Columns that the function reads by these names, before those that are passed as
    /// expressions; one with a default may be missing.
    pub columns: &'static [Parameter],
    /// The parameters after the relation. They are constants if the function reads its columns by
    /// name or their kind is one of constants, else expressions over the relation's columns.
    pub parameters: &'static [Parameter],
    /// The columns of the result, when the columns that it reads have these types.
    pub schema: fn(&[DataType]) -> SchemaRef,
    /// The result.
    pub evaluate: fn(&mut Call) -> Result<RecordBatch>,
    /// The text that manuals show.
    pub documentation: Option<&'static Documentation>,
}

impl RelationFunction {
    fn is_constant(&self, parameter: &Parameter) -> bool {
        !self.columns.is_empty() || parameter.kind.is_constant()
    }

    /// The expression for each parameter, from arguments by position and then by name.
    pub(crate) fn bind(
        &self,
        arguments: Vec<(Option<String>, SqlExpr)>,
        input: &DFSchema,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<Vec<Expr>> {
        let mut bound: Vec<Option<Expr>> = vec![None; self.parameters.len()];
        for (position, (name, argument)) in arguments.into_iter().enumerate() {
            let place = match &name {
                Some(name) => self.parameters.iter().position(|p| p.name == name),
                None => Some(position).filter(|position| *position < bound.len()),
            };
            match place {
                Some(place) if bound[place].is_none() => {
                    bound[place] = Some(context.sql_to_expr(argument, input)?);
                }
                Some(place) => {
                    return plan_err!(
                        "{}: `{}` is given twice",
                        self.name,
                        self.parameters[place].name
                    );
                }
                None => {
                    let what = name.map_or(format!("for {argument}"), |name| format!("`{name}`"));
                    return plan_err!("{}: no parameter {what}; {}", self.name, self.usage());
                }
            }
        }
        let default = |parameter: &Parameter| parameter.default().map(|v| Expr::Literal(v, None));
        let all = bound.into_iter().zip(self.parameters).map(|(given, parameter)| {
            match given.or_else(|| default(parameter)) {
                Some(expr) => Ok(expr),
                None => {
                    plan_err!("{}: `{}` is missing; {}", self.name, parameter.name, self.usage())
                }
            }
        });
        let all = all.collect::<Result<_>>()?;
        let options = context.context_provider().options();
        parameter::with_session_zone(self.name, self.parameters, all, options)
    }

    fn usage(&self) -> String {
        let names = self.parameters.iter().map(|p| p.name);
        let all: Vec<_> = std::iter::once("relation").chain(names).collect();
        format!("it takes ({})", all.join(", "))
    }

    /// The expression for each of these columns that are read by name.
    pub(crate) fn read_columns(
        &self,
        columns: &[Parameter],
        input: &DFSchema,
    ) -> Result<Vec<Expr>> {
        let all = columns.iter().map(|column| {
            let mut found =
                input.iter().filter(|(_, f)| f.name().eq_ignore_ascii_case(column.name));
            match (found.next(), found.next(), column.default()) {
                (Some(field), None, _) => Ok(Expr::Column(field.into())),
                (None, _, Some(default)) => Ok(Expr::Literal(default, None)),
                (Some(_), Some(_), _) => {
                    plan_err!("{}: the relation has several columns `{}`", self.name, column.name)
                }
                (None, _, None) => plan_err!(
                    "{}: the relation has no column `{}`, only {}; give it that name in a \
                     subquery: (SELECT ... AS {} FROM ...)",
                    self.name,
                    column.name,
                    input.field_names().join(", "),
                    column.name
                ),
            }
        });
        all.collect()
    }

    /// A scan of the function's result over `input`.
    pub(crate) fn call(&self, input: LogicalPlan, arguments: Vec<Expr>) -> Result<LogicalPlan> {
        let schema = Arc::clone(input.schema());
        let arguments = self.fold_constants(arguments, &schema)?;
        parameter::check(self.name, self.parameters, arguments.iter().map(parameter::literal))?;

        let mut columns =
            typed(self, self.columns, self.read_columns(self.columns, &schema)?, &schema)?;
        let mut constants = vec![];
        for (parameter, expr) in typed(self, self.parameters, arguments, &schema)? {
            match (self.is_constant(parameter), parameter::literal(&expr)) {
                (true, Some(literal)) => constants.push((parameter, literal.clone())),
                (true, None) => {
                    return plan_err!("{}: `{}` must be a constant", self.name, parameter.name);
                }
                (false, _) => columns.push((parameter, expr)),
            }
        }
        let types = columns.iter().map(|(_, e)| e.get_type(&schema)).collect::<Result<Vec<_>>>()?;
        let columns = columns.into_iter().map(|(parameter, expr)| expr.alias(parameter.name));
        let table = RelationTable {
            function: *self,
            input: LogicalPlanBuilder::from(input).project(columns)?.build()?,
            options: Options { function: self.name, values: constants },
            schema: (self.schema)(&types),
        };
        LogicalPlanBuilder::scan(self.name, provider_as_source(Arc::new(table)), None)?.build()
    }

    /// Computes constants that are written as expressions, such as lists.
    fn fold_constants(&self, arguments: Vec<Expr>, schema: &DFSchemaRef) -> Result<Vec<Expr>> {
        let context = SimplifyContext::builder().with_schema(Arc::clone(schema));
        let simplifier = ExprSimplifier::new(context.with_current_time().build());
        let folded = arguments.into_iter().zip(self.parameters).map(|(expr, parameter)| {
            match self.is_constant(parameter) && parameter::literal(&expr).is_none() {
                true => simplifier.simplify(simplifier.coerce(expr, schema)?),
                false => Ok(expr),
            }
        });
        folded.collect()
    }
}

/// Expressions as the types in which the function sees them.
pub(crate) fn typed(
    function: &RelationFunction,
    parameters: &'static [Parameter],
    expressions: Vec<Expr>,
    schema: &DFSchema,
) -> Result<Vec<(&'static Parameter, Expr)>> {
    let types = expressions.iter().map(|e| e.get_type(schema)).collect::<Result<Vec<_>>>()?;
    let types = parameter::coerce(function.name, parameters, &types)?;
    let typed = expressions.into_iter().zip(types).zip(parameters);
    let typed = typed.map(|((expr, data_type), parameter)| {
        let expr = match parameter::literal(&expr) {
            Some(literal) => match literal.cast_to(&data_type) {
                Ok(literal) => Expr::Literal(literal, None),
                Err(_) => {
                    return plan_err!(
                        "{}: argument `{}` is '{literal}', which cannot be read as {data_type}",
                        function.name,
                        parameter.name
                    );
                }
            },
            None => expr.cast_to(&data_type, schema)?,
        };
        Ok((parameter, expr))
    });
    typed.collect()
}

/// Plans calls of relation functions; registered with a session by `register_all`.
#[derive(Debug)]
pub struct RelationFunctionPlanner {
    functions: Vec<RelationFunction>,
}

impl RelationFunctionPlanner {
    /// A planner for these functions.
    pub fn new(functions: Vec<RelationFunction>) -> Self {
        Self { functions }
    }
}

/// Whether a relation is a call of a function.
pub(crate) fn is_call_of(function: &RelationFunction, relation: &TableFactor) -> bool {
    let TableFactor::Table { name: ObjectName(parts), args: Some(_), .. } = relation else {
        return false;
    };
    let [part] = parts.as_slice() else { return false };
    part.as_ident().is_some_and(|name| name.value.eq_ignore_ascii_case(function.name))
}

/// The arguments of a call, with their names if they have any.
pub(crate) fn arguments_of(
    function: &RelationFunction,
    call: TableFactor,
    context: &dyn RelationPlannerContext,
) -> Result<Vec<(Option<String>, SqlExpr)>> {
    let TableFactor::Table { args: Some(arguments), .. } = call else { return Ok(vec![]) };
    arguments.args.into_iter().map(|a| named(function.name, a, context)).collect()
}

impl RelationPlanner for RelationFunctionPlanner {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let called = self.functions.iter().find(|function| is_call_of(function, &relation));
        let (function, alias) = match (called, &relation) {
            (Some(function), TableFactor::Table { alias, .. }) => (*function, alias.clone()),
            _ => return Ok(RelationPlanning::Original(Box::new(relation))),
        };
        let mut arguments = arguments_of(&function, relation, context)?.into_iter();
        let input = match arguments.next() {
            Some((None, first)) => plan_input(&function, first, context)?,
            _ => {
                return plan_err!(
                    "{}: a relation must come first; {}",
                    function.name,
                    function.usage()
                );
            }
        };
        let expressions = function.bind(arguments.collect(), input.schema(), context)?;
        let options = context.context_provider().options();
        let expressions =
            parameter::with_session_zone(function.name, function.parameters, expressions, options)?;
        let plan = function.call(input, expressions)?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias))))
    }
}

fn named(
    function: &str,
    argument: FunctionArg,
    context: &dyn RelationPlannerContext,
) -> Result<(Option<String>, SqlExpr)> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok((None, expr)),
        FunctionArg::Named { name, arg: FunctionArgExpr::Expr(expr), .. }
        | FunctionArg::ExprNamed {
            name: SqlExpr::Identifier(name),
            arg: FunctionArgExpr::Expr(expr),
            ..
        } => Ok((Some(context.normalize_ident(name)), expr)),
        other => plan_err!("{function}: cannot take {other} as an argument"),
    }
}

/// Plans the relation. DataFusion looks tables up before it plans, where a statement names them as
/// relations, so that a bare name works for common table expressions, and for tables only where
/// the host turns it into a subquery first.
pub(crate) fn plan_input(
    function: &RelationFunction,
    argument: SqlExpr,
    context: &mut dyn RelationPlannerContext,
) -> Result<LogicalPlan> {
    let hint = match &argument {
        SqlExpr::Subquery(_) => None,
        name => {
            Some(format!("{}: if {name} is a table, write (SELECT * FROM {name})", function.name))
        }
    };
    let plan = context.plan(relation_of(function, argument)?);
    match hint {
        Some(hint) => plan.map_err(|error| error.context(hint)),
        None => plan,
    }
}

/// The relation that an argument names, or the subquery that it is.
fn relation_of(function: &RelationFunction, argument: SqlExpr) -> Result<TableFactor> {
    let name = match argument {
        SqlExpr::Identifier(name) => vec![name],
        SqlExpr::CompoundIdentifier(names) => names,
        SqlExpr::Subquery(subquery) => {
            return Ok(TableFactor::Derived {
                lateral: false,
                subquery,
                alias: None,
                sample: None,
            });
        }
        other => {
            let usage = function.usage();
            return plan_err!("{}: {other} is no relation or (subquery); {usage}", function.name);
        }
    };
    Ok(TableFactor::Table {
        name: name.into(),
        alias: None,
        args: None,
        with_hints: vec![],
        version: None,
        with_ordinality: false,
        partitions: vec![],
        json_path: None,
        sample: None,
        index_hints: vec![],
    })
}

/// A call of a relation function as a table.
#[derive(Debug)]
pub struct RelationTable {
    function: RelationFunction,
    input: LogicalPlan,
    options: Options,
    schema: SchemaRef,
}

impl RelationTable {
    /// What the call reads, for whoever has to judge it.
    pub fn input(&self) -> &LogicalPlan {
        &self.input
    }
}

#[async_trait]
impl TableProvider for RelationTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = session.create_physical_plan(&self.input).await?;
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        Ok(Arc::new(RelationExec {
            function: self.function,
            options: self.options.clone(),
            whole: Arc::clone(&self.schema),
            projection: projection.cloned(),
            properties: Arc::new(PlanProperties::new(
                EquivalenceProperties::new(schema),
                Partitioning::UnknownPartitioning(1),
                EmissionType::Final,
                Boundedness::Bounded,
            )),
            input,
            metrics: ExecutionPlanMetricsSet::new(),
        }))
    }
}

/// Gives its input to a relation function.
#[derive(Debug, Clone)]
struct RelationExec {
    function: RelationFunction,
    options: Options,
    /// The result's columns before the projection.
    whole: SchemaRef,
    projection: Option<Vec<usize>>,
    properties: Arc<PlanProperties>,
    input: Arc<dyn ExecutionPlan>,
    metrics: ExecutionPlanMetricsSet,
}

impl RelationExec {
    /// The call, which ends soon after what is returned beside it is dropped.
    fn call(&self, context: Arc<TaskContext>) -> (Call, CancelOnDrop) {
        let memory = MemoryConsumer::new(self.function.name).register(context.memory_pool());
        let cancelled = Cancelled::default();
        let waiting = cancelled.on_drop();
        let call = Call {
            options: self.options.clone(),
            schema: Arc::clone(&self.whole),
            projection: self.projection.clone(),
            input: Arc::clone(&self.input),
            context,
            memory,
            cancelled,
            skipped: MetricBuilder::new(&self.metrics).counter("skipped_rows", 0),
        };
        (call, waiting)
    }

    async fn run(self, context: Arc<TaskContext>) -> Result<RecordBatch> {
        let (mut call, _waiting) = self.call(context);
        // Off the async threads, for it may take long.
        let result = SpawnedTask::spawn_blocking(move || (self.function.evaluate)(&mut call));
        let result = result.join_unwind().await;
        let result = result.map_err(|error| DataFusionError::External(Box::new(error)))??;
        MetricBuilder::new(&self.metrics).output_rows(0).add(result.num_rows());
        match self.projection {
            Some(columns) => Ok(result.project(&columns)?),
            None => Ok(result),
        }
    }
}

/// The rows of a batch in batches of at most this size, without a copy.
fn slices(batch: RecordBatch, size: usize) -> impl Iterator<Item = RecordBatch> {
    let size = size.max(1);
    (0..batch.num_rows())
        .step_by(size)
        .map(move |start| batch.slice(start, size.min(batch.num_rows() - start)))
}

impl DisplayAs for RelationExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "RelationExec: {}", self.function.name)
    }
}

impl ExecutionPlan for RelationExec {
    fn name(&self) -> &'static str {
        "RelationExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(input) = children.pop() else { return Ok(self) };
        Ok(Arc::new(Self { input, ..Self::clone(&self) }))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        use datafusion::physical_plan::execution_plan::ChildrenPropertiesMode::Recompute;
        self.replace_children(children, ReplaceChildrenOptions::new(Recompute))
    }

    fn execute(
        &self,
        _partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let size = context.session_config().batch_size();
        let result = stream::once(self.clone().run(context));
        let batches = result.map_ok(move |batch| stream::iter(slices(batch, size).map(Ok)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches.try_flatten())))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}
