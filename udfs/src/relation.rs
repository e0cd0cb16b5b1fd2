//! How a table function is written that takes a relation:
//! `name(relation or (subquery), expressions over it and constants, by position or name)`.
//!
//! A [`RelationFunction`] holds what such functions differ in. The session plans the relation as
//! it plans any other, so that whatever it enforces there holds here; the expressions become a
//! projection of it, and a [`RelationTable`] runs that projection and hands all of its rows to
//! the function. DataFusion's own table functions could see neither columns nor subqueries.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, Result, ScalarValue, plan_err};
use datafusion::datasource::provider_as_source;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{
    Documentation, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, TableType,
};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{
    Boundedness, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties,
};
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, FunctionArg, FunctionArgExpr, ObjectName, TableFactor,
};
use futures::{StreamExt, TryStreamExt};

use crate::parameter::{self, Kind, Parameter};

/// A table function over a relation.
#[derive(Debug, Clone, Copy)]
pub struct RelationFunction {
    /// The SQL name.
    pub name: &'static str,
    /// The parameters after the relation. One of kind [`Kind::Setting`] or [`Kind::Choice`] is a
    /// constant, any other an expression over the relation's columns.
    pub parameters: &'static [Parameter],
    /// The columns of the result, when the columns that are passed have these types.
    pub schema: fn(&[DataType]) -> SchemaRef,
    /// The result: from one column for each expression, and the constants.
    pub evaluate: fn(&RecordBatch, &[ScalarValue], SchemaRef) -> Result<RecordBatch>,
    /// The text that manuals show.
    pub documentation: Option<&'static Documentation>,
}

impl RelationFunction {
    fn is_constant(parameter: &Parameter) -> bool {
        matches!(parameter.kind, Kind::Setting(..) | Kind::Choice(_))
    }

    /// The expression for each parameter, from arguments by position and then by name.
    fn bind(
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
                    return plan_err!(
                        "{}: no parameter for {argument}; {}",
                        self.name,
                        self.usage()
                    );
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
        all.collect()
    }

    fn usage(&self) -> String {
        let names: Vec<_> = self.parameters.iter().map(|p| p.name).collect();
        format!("it takes (relation, {})", names.join(", "))
    }

    /// A scan of the function's result over `input`.
    fn call(&self, input: LogicalPlan, expressions: Vec<Expr>) -> Result<LogicalPlan> {
        let schema = Arc::clone(input.schema());
        let types = expressions.iter().map(|e| e.get_type(&schema)).collect::<Result<Vec<_>>>()?;
        let types = parameter::coerce(self.name, self.parameters, &types)?;
        parameter::check(self.name, self.parameters, expressions.iter().map(parameter::literal))?;

        let (mut columns, mut constants, mut column_types) = (vec![], vec![], vec![]);
        for ((expr, data_type), parameter) in
            expressions.into_iter().zip(types).zip(self.parameters)
        {
            if !Self::is_constant(parameter) {
                columns.push(expr.cast_to(&data_type, &schema)?.alias(parameter.name));
                column_types.push(data_type);
            } else if let Some(literal) = parameter::literal(&expr) {
                constants.push(literal.cast_to(&data_type)?);
            } else {
                return plan_err!("{}: `{}` must be a constant", self.name, parameter.name);
            }
        }
        let table = RelationTable {
            function: *self,
            input: LogicalPlanBuilder::from(input).project(columns)?.build()?,
            constants,
            schema: (self.schema)(&column_types),
        };
        LogicalPlanBuilder::scan(self.name, provider_as_source(Arc::new(table)), None)?.build()
    }
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

    fn find(&self, name: &ObjectName) -> Option<&RelationFunction> {
        let [part] = name.0.as_slice() else { return None };
        let name = &part.as_ident()?.value;
        self.functions.iter().find(|function| function.name.eq_ignore_ascii_case(name))
    }
}

impl RelationPlanner for RelationFunctionPlanner {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let (function, arguments, alias) = match &relation {
            TableFactor::Table { name, args: Some(args), alias, .. } => match self.find(name) {
                Some(function) => (*function, args.args.clone(), alias.clone()),
                None => return Ok(RelationPlanning::Original(Box::new(relation))),
            },
            _ => return Ok(RelationPlanning::Original(Box::new(relation))),
        };
        let arguments = arguments.into_iter().map(|a| named(function.name, a, context));
        let mut arguments = arguments.collect::<Result<Vec<_>>>()?.into_iter();
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
fn plan_input(
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
    constants: Vec<ScalarValue>,
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
            constants: self.constants.clone(),
            whole: Arc::clone(&self.schema),
            projection: projection.cloned(),
            properties: Arc::new(PlanProperties::new(
                EquivalenceProperties::new(schema),
                Partitioning::UnknownPartitioning(1),
                EmissionType::Final,
                Boundedness::Bounded,
            )),
            input: Arc::new(CoalescePartitionsExec::new(input)),
        }))
    }
}

/// Collects its input and gives it to a relation function.
#[derive(Debug, Clone)]
struct RelationExec {
    function: RelationFunction,
    constants: Vec<ScalarValue>,
    /// The result's columns before the projection.
    whole: SchemaRef,
    projection: Option<Vec<usize>>,
    properties: Arc<PlanProperties>,
    input: Arc<dyn ExecutionPlan>,
}

impl RelationExec {
    async fn run(self, context: Arc<TaskContext>) -> Result<RecordBatch> {
        let memory = MemoryConsumer::new(self.function.name).register(context.memory_pool());
        let schema = self.input.schema();
        let mut input = self.input.execute(0, context)?;
        let mut batches = vec![];
        while let Some(batch) = input.next().await.transpose()? {
            memory.try_grow(batch.get_array_memory_size())?;
            batches.push(batch);
        }
        // Off the async threads, for it may take long.
        let result = SpawnedTask::spawn_blocking(move || {
            let rows = concat_batches(&schema, &batches)?;
            (self.function.evaluate)(&rows, &self.constants, self.whole)
        });
        let result = result
            .join_unwind()
            .await
            .map_err(|e| datafusion::error::DataFusionError::External(Box::new(e)))??;
        drop(memory);
        match self.projection {
            Some(columns) => Ok(result.project(&columns)?),
            None => Ok(result),
        }
    }
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
        // An optimizer may have dropped the node that made one partition of the input.
        let input = match input.output_partitioning().partition_count() {
            1 => input,
            _ => Arc::new(CoalescePartitionsExec::new(input)),
        };
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
        let result = futures::stream::once(self.clone().run(context));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), result.into_stream())))
    }
}
