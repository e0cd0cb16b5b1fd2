//! One evaluation of a relation function: the rows that come in, the options that were given, and
//! what the work may use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, new_null_array};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::{Result, ScalarValue, exec_err, internal_datafusion_err, internal_err};
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::metrics::Count;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;
use futures::executor::block_on;

use crate::parameter::{Parameter, as_f64};

/// The rows of a call and what it may use. It runs on a thread of its own and may block.
pub struct Call {
    pub(crate) options: Options,
    pub(crate) schema: SchemaRef,
    /// Which columns of the result are wanted; `None` for all.
    pub(crate) projection: Option<Vec<usize>>,
    pub(crate) input: Arc<dyn ExecutionPlan>,
    pub(crate) context: Arc<TaskContext>,
    pub(crate) memory: MemoryReservation,
    pub(crate) cancelled: Cancelled,
    pub(crate) skipped: Count,
}

impl Call {
    /// The options of the call.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The columns of the result.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The columns of the input.
    pub fn input_schema(&self) -> SchemaRef {
        self.input.schema()
    }

    /// All rows of the input, in no order that could be relied on.
    ///
    /// # Errors
    /// When the input cannot be run.
    pub fn input(&self) -> Result<Part> {
        self.part(&CoalescePartitionsExec::new(Arc::clone(&self.input)), 0)
    }

    /// What `work` makes of each partition of the input; it runs for all of them at the same time.
    ///
    /// # Errors
    /// Those of `work` and of the input.
    pub fn in_parts<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Part) -> Result<T> + Clone + Send + 'static,
    ) -> Result<Vec<T>> {
        let start = |partition| {
            let (mut part, work) = (self.part(&*self.input, partition)?, work.clone());
            Ok(SpawnedTask::spawn_blocking(move || work(&mut part)))
        };
        let partitions = self.input.output_partitioning().partition_count();
        let tasks = (0..partitions).map(start).collect::<Result<Vec<_>>>()?;
        let results = tasks.into_iter().map(|task| {
            let result = block_on(task.join_unwind());
            result.map_err(|error| DataFusionError::External(Box::new(error)))?
        });
        results.collect()
    }

    fn part(&self, input: &dyn ExecutionPlan, partition: usize) -> Result<Part> {
        Ok(Part {
            input: input.execute(partition, Arc::clone(&self.context))?,
            memory: self.memory.new_empty(),
            cancelled: self.cancelled.clone(),
            skipped: self.skipped.clone(),
        })
    }

    /// Whether the query uses this column of the result; one that it does not may hold anything
    /// of its type.
    pub fn wants(&self, column: &str) -> bool {
        let position = self.schema.index_of(column).ok();
        match (&self.projection, position) {
            (Some(wanted), Some(position)) => wanted.contains(&position),
            _ => true,
        }
    }

    /// All rows of the input, for work that needs its columns whole.
    ///
    /// # Errors
    /// Those of the input, and when they do not fit into memory.
    pub fn all_rows(&self) -> Result<RecordBatch> {
        let mut batches = vec![];
        let mut input = self.input()?;
        while let Some(batch) = input.next_batch()? {
            self.memory.try_grow(batch.get_array_memory_size())?;
            batches.push(batch);
        }
        Ok(concat_batches(&self.input_schema(), &batches)?)
    }

    /// Takes this much memory from the session's pool until the call ends.
    ///
    /// # Errors
    /// When the pool has no more.
    pub fn reserve(&self, bytes: usize) -> Result<()> {
        self.memory.try_grow(bytes)
    }

    /// What the call holds of the session's pool.
    pub fn memory(&self) -> &MemoryReservation {
        &self.memory
    }

    /// Whether somebody still waits for the result.
    pub fn cancelled(&self) -> &Cancelled {
        &self.cancelled
    }

    /// A column of the result that takes work to make; NULL if the query does not use it.
    ///
    /// # Errors
    /// Those of making it.
    pub fn column(
        &self,
        name: &str,
        rows: usize,
        make: impl FnOnce() -> Result<ArrayRef>,
    ) -> Result<ArrayRef> {
        match self.wants(name) {
            true => make(),
            false => Ok(new_null_array(self.schema.field_with_name(name)?.data_type(), rows)),
        }
    }

    /// The result out of its columns.
    ///
    /// # Errors
    /// When they do not fit the declared ones.
    pub fn result(&self, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
        Ok(RecordBatch::try_new(self.schema(), columns)?)
    }
}

/// Rows of the input of a call, all of them or those of one partition.
pub struct Part {
    input: SendableRecordBatchStream,
    memory: MemoryReservation,
    cancelled: Cancelled,
    skipped: Count,
}

impl Part {
    /// The columns of the input.
    pub fn schema(&self) -> SchemaRef {
        self.input.schema()
    }

    /// The next rows.
    ///
    /// # Errors
    /// Those of the input, and when nobody waits for the result any more.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        self.cancelled.check()?;
        block_on(self.input.next()).transpose()
    }

    /// What is held of the session's pool for what was made of these rows; the call takes over
    /// when they are at an end.
    pub fn memory(&self) -> &MemoryReservation {
        &self.memory
    }

    /// Counts rows that could not be used; EXPLAIN ANALYZE shows the number.
    pub fn skip(&self, rows: usize) {
        self.skipped.add(rows);
    }
}

/// Says whether somebody still waits for a result.
#[derive(Debug, Clone, Default)]
pub struct Cancelled(Arc<AtomicBool>);

impl Cancelled {
    /// An error when nobody waits any more. Long work asks now and then.
    ///
    /// # Errors
    /// When the query was cancelled.
    pub fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) {
            return exec_err!("the query was cancelled");
        }
        Ok(())
    }

    /// Cancels when it is dropped.
    pub(crate) fn on_drop(&self) -> CancelOnDrop {
        CancelOnDrop(self.clone())
    }
}

/// Tells the work that nobody waits for it any more.
pub(crate) struct CancelOnDrop(Cancelled);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// The constants of a call by the names of their parameters.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) function: &'static str,
    pub(crate) values: Vec<(&'static Parameter, ScalarValue)>,
}

impl Options {
    /// The SQL name of the function, for errors.
    pub fn function(&self) -> &'static str {
        self.function
    }

    fn value(&self, name: &str) -> Result<&ScalarValue> {
        let found = self.values.iter().find(|(parameter, _)| parameter.name == name);
        found
            .map(|(_, value)| value)
            .ok_or_else(|| internal_datafusion_err!("{}: no option `{name}`", self.function))
    }

    /// A number.
    ///
    /// # Errors
    /// When it is NULL.
    pub fn number(&self, name: &str) -> Result<f64> {
        match as_f64(self.value(name)?) {
            Some(number) => Ok(number),
            None => exec_err!("{}: `{name}` must be a number", self.function),
        }
    }

    /// A whole number; what is beyond every limit is the largest one.
    ///
    /// # Errors
    /// When it is NULL or has a fraction.
    pub fn count(&self, name: &str) -> Result<usize> {
        let number = self.number(name)?;
        if number < 0.0 || (number.fract() != 0.0) {
            return exec_err!("{}: `{name}` must be a whole number, not {number}", self.function);
        }
        // The cast saturates.
        Ok(number as usize)
    }

    /// A whole number, or `None` if it was left out.
    ///
    /// # Errors
    /// When it has a fraction.
    pub fn optional_count(&self, name: &str) -> Result<Option<usize>> {
        match self.value(name)?.is_null() {
            true => Ok(None),
            false => self.count(name).map(Some),
        }
    }

    /// A number, or `None` if it was left out.
    ///
    /// # Errors
    /// When there is no such option.
    pub fn optional_number(&self, name: &str) -> Result<Option<f64>> {
        Ok(as_f64(self.value(name)?))
    }

    /// A Boolean; NULL is false.
    ///
    /// # Errors
    /// When there is no such option.
    pub fn flag(&self, name: &str) -> Result<bool> {
        Ok(as_f64(self.value(name)?) == Some(1.0))
    }

    /// A text, or `None` if it was left out.
    ///
    /// # Errors
    /// When it is no text.
    pub fn text(&self, name: &str) -> Result<Option<&str>> {
        let value = self.value(name)?;
        match value.try_as_str() {
            Some(text) => Ok(text),
            None if value.is_null() => Ok(None),
            None => internal_err!("{}: `{name}` is no text", self.function),
        }
    }

    /// Keys, of their own type; none if they were left out.
    ///
    /// # Errors
    /// When they are no list.
    pub fn keys(&self, name: &str) -> Result<Option<ArrayRef>> {
        match self.value(name)? {
            value if value.is_null() => Ok(None),
            ScalarValue::List(list) if list.is_null(0) => Ok(None),
            ScalarValue::List(list) => Ok(Some(list.value(0))),
            other => internal_err!("{}: `{name}` is no list but {other}", self.function),
        }
    }

    /// A point in time of any type, or `None` if it was left out.
    ///
    /// # Errors
    /// When there is no such option.
    pub fn moment(&self, name: &str) -> Result<Option<&ScalarValue>> {
        Ok(Some(self.value(name)?).filter(|value| !value.is_null()))
    }
}
