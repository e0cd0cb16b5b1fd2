//! How an engine is put together: what it reads, what it may use, what it may do.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;
use datafusion::catalog::{CatalogProviderList, MemoryCatalogProviderList, TableProvider};
use datafusion::common::DataFusionError;
use datafusion::datasource::MemTable;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};

use super::catalog::{Catalog, Namespace, SessionRef};
use super::day_of::DaysByDivision;
use super::gate::{Capability, Gate};
use super::sliced_join::SliceJoins;
use super::{Engine, information_schema};
use crate::error::{Error, Result};
use crate::schema::{DATABASES, DBO};
use crate::store::{AsOf, Mirror};
use crate::tsql::{SqlServerTypes, TextPlus, fold};
use crate::views;

/// Home of `_` and of the session's own objects.
pub(super) const HOME: (&str, &str) = ("cdrql", "main");

/// Bytes of decoded columns to keep where no memory limit is set.
const COLUMN_CACHE: usize = 2 << 30;

/// Assembles an [`Engine`]. Without anything said it reads nothing and may do nothing but read.
#[derive(Debug, Default)]
#[must_use]
pub struct EngineBuilder {
    source: Source,
    as_of: Option<AsOf>,
    tables: Vec<InMemory>,
    memory_limit: Option<usize>,
    column_cache: Option<usize>,
    spill_dir: Option<PathBuf>,
    threads: Option<usize>,
    time_zone: Option<String>,
    gate: Gate,
}

#[derive(Debug, Default)]
enum Source {
    #[default]
    Nothing,
    Mirror(PathBuf),
    #[cfg(feature = "sample")]
    Sample,
}

#[derive(Debug)]
struct InMemory {
    database: String,
    name: String,
    batches: Vec<RecordBatch>,
}

impl EngineBuilder {
    /// Reads the mirror in this directory.
    pub fn mirror(mut self, dir: impl AsRef<Path>) -> Self {
        self.source = Source::Mirror(dir.as_ref().to_path_buf());
        self
    }

    /// Reads the sample that comes inside this crate.
    #[cfg(feature = "sample")]
    pub fn sample(mut self) -> Self {
        self.source = Source::Sample;
        self
    }

    /// Opens an older snapshot of the mirror instead of the newest.
    pub fn as_of(mut self, as_of: AsOf) -> Self {
        self.as_of = Some(as_of);
        self
    }

    /// Adds a table of the host's own: `database` is `LcsCDR`, `QoEMetrics` or `cdrql`; all batches
    /// have one schema. A table of the mirror with that name is hidden by it.
    pub fn table(mut self, database: &str, name: &str, batches: Vec<RecordBatch>) -> Self {
        self.tables.push(InMemory { database: database.into(), name: name.into(), batches });
        self
    }

    /// Bytes that queries may hold, decoded columns included; sorts, joins and groups spill what
    /// is more. Unlimited if not said.
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.memory_limit = Some(bytes);
        self
    }

    /// Bytes of decoded columns that are kept for the next query; half of the memory limit if not
    /// said, or 2 GiB where there is none. Scans of more than that read the files each time.
    pub fn column_cache(mut self, bytes: usize) -> Self {
        self.column_cache = Some(bytes);
        self
    }

    /// Where spilled data goes; the system's directory for temporary files if not said.
    pub fn spill_dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.spill_dir = Some(dir.as_ref().to_path_buf());
        self
    }

    /// Threads a query may use; one per core if not said.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Time zone of functions whose argument `tz` is left out, as `Europe/Berlin`; UTC if not said.
    /// `SET cdrql.time_zone` changes it. Times themselves are stored and shown in UTC.
    pub fn time_zone(mut self, name: impl Into<String>) -> Self {
        self.time_zone = Some(name.into());
        self
    }

    /// Lets the session do one thing more than read.
    pub fn allow(mut self, capability: Capability) -> Self {
        self.gate.allow(capability);
        self
    }

    /// Lets the session do everything.
    pub fn allow_all(mut self) -> Self {
        Capability::ALL.into_iter().for_each(|c| self.gate.allow(c));
        self
    }

    /// Opens the source and builds the session.
    ///
    /// # Errors
    /// A mirror that is missing or damaged, an unknown database or time zone, a spill directory
    /// that cannot be written.
    pub fn build(self) -> Result<Engine> {
        let mirror = self.open_mirror()?;
        let runtime = self.runtime()?;
        let ctx = SessionContext::new_with_state(
            SessionStateBuilder::new()
                .with_default_features()
                .with_config(self.config())
                .with_runtime_env(Arc::new(runtime))
                .with_catalog_list(Arc::new(MemoryCatalogProviderList::new()))
                .with_type_planner(Arc::new(SqlServerTypes))
                .with_optimizer_rule(Arc::new(DaysByDivision::default()))
                .with_physical_optimizer_rule(Arc::new(SliceJoins::default()))
                .build(),
        );
        let internal = |e: DataFusionError| Error::internal(e.to_string());
        ctx.state_ref().write().register_expr_planner(Arc::new(TextPlus)).map_err(internal)?;
        cdrql_udfs::register_all(&ctx).map_err(internal)?;
        if let Some(zone) = &self.time_zone {
            set_time_zone(&ctx, zone)?;
        }
        if let Some(mirror) = &mirror {
            let (url, store) = mirror.object_store();
            ctx.register_object_store(&url, store);
        }
        let catalogs = catalogs(mirror.as_ref(), ctx.state_weak_ref())?;
        register(&ctx, &catalogs);
        let engine = Engine::assemble(ctx, catalogs, self.gate, mirror);
        for table in self.tables {
            engine.add_table(&table.database, &table.name, memory_table(&table)?)?;
        }
        Ok(engine)
    }

    fn open_mirror(&self) -> Result<Option<Mirror>> {
        let as_of = self.as_of.unwrap_or(AsOf::Newest);
        match &self.source {
            Source::Nothing => Ok(None),
            Source::Mirror(dir) => Mirror::open(dir, as_of).map(Some),
            #[cfg(feature = "sample")]
            Source::Sample => crate::sample_data::open().map(Some),
        }
        .map(|mirror| mirror.map(|m| m.with_column_cache(self.cached_bytes())))
    }

    fn cached_bytes(&self) -> usize {
        let share = self.memory_limit.map_or(COLUMN_CACHE, |limit| limit / 2);
        self.column_cache.unwrap_or(share)
    }

    fn runtime(&self) -> Result<RuntimeEnv> {
        let mut builder = RuntimeEnvBuilder::new();
        if let Some(bytes) = self.memory_limit {
            let top_consumers = std::num::NonZeroUsize::MIN;
            let rest = bytes.saturating_sub(self.cached_bytes());
            let pool = TrackConsumersPool::new(FairSpillPool::new(rest), top_consumers);
            builder = builder.with_memory_pool(Arc::new(pool));
        }
        if let Some(dir) = &self.spill_dir {
            let mode = DiskManagerMode::Directories(vec![dir.clone()]);
            builder =
                builder.with_disk_manager_builder(DiskManagerBuilder::default().with_mode(mode));
        }
        builder.build().map_err(|e| Error::source(e.to_string()))
    }

    fn config(&self) -> SessionConfig {
        let mut config = SessionConfig::new()
            .with_default_catalog_and_schema(HOME.0, HOME.1)
            .with_create_default_catalog_and_schema(false);
        if let Some(threads) = self.threads {
            config = config.with_target_partitions(threads.max(1));
        }
        let options = config.options_mut();
        // SQL Server sorts NULL below every value.
        options.sql_parser.default_null_ordering = "nulls_min".into();
        options.sql_parser.collect_spans = true;
        options.execution.parquet.pushdown_filters = true;
        // UNION keeps the declared name of one side's column in the plan of names and of the other
        // side's in the plan of work; the check takes that for a difference of schemas.
        options.execution.skip_physical_aggregate_schema_check = true;
        config
    }
}

fn set_time_zone(ctx: &SessionContext, zone: &str) -> Result<()> {
    let state = ctx.state_ref();
    let set = state.write().config_mut().options_mut().set("cdrql.time_zone", zone);
    set.map_err(|e| Error::usage(e.strip_backtrace()))
}

fn memory_table(table: &InMemory) -> Result<Arc<dyn TableProvider>> {
    let first = table.batches.first();
    let schema = first.map(RecordBatch::schema).ok_or_else(|| {
        Error::usage(format!("table {}: give it at least one batch, even an empty one", table.name))
    })?;
    MemTable::try_new(schema, vec![table.batches.clone()])
        .map(|t| Arc::new(t) as _)
        .map_err(|e| Error::usage(format!("table {}: {e}", table.name)))
}

fn catalogs(mirror: Option<&Mirror>, session: SessionRef) -> Result<Vec<Arc<Catalog>>> {
    let information_schema = Arc::new(OnceLock::new());
    let cdr = Arc::new(views_of("cdr", Namespace::new("cdr"), &session));
    let mut stored = Vec::new();
    for database in databases(mirror) {
        let mut dbo = Namespace::new(DBO);
        if let Some(mirror) = mirror {
            fill(&mut dbo, mirror, &database)?;
        }
        stored.push((database.clone(), Arc::new(views_of(&database, dbo, &session))));
    }
    let mut main = Namespace::new(HOME.1);
    main.fall_back_to(stored.iter().map(|(_, dbo)| Arc::clone(dbo)));
    main.fall_back_to([Arc::clone(&cdr)]);
    let main = Arc::new(main);
    stored.iter().map(|(_, dbo)| dbo).chain([&cdr]).for_each(|n| n.find_previous_in(&main));
    let catalog = |name: &str, home: Arc<Namespace>| {
        let namespaces = vec![home, Arc::clone(&cdr)];
        let information_schema = Arc::clone(&information_schema);
        Arc::new(Catalog { name: name.into(), namespaces, information_schema })
    };
    let mut all = vec![catalog(HOME.0, main)];
    all.extend(stored.into_iter().map(|(database, dbo)| catalog(&database, dbo)));
    // Set once, right here.
    let _ = information_schema.set(information_schema::provider(&all));
    Ok(all)
}

/// The two monitoring databases, and whatever else the mirror holds.
fn databases(mirror: Option<&Mirror>) -> Vec<String> {
    let mut names: Vec<String> = DATABASES.map(String::from).to_vec();
    for entry in mirror.iter().flat_map(|m| &m.snapshot().tables) {
        if !names.iter().any(|n| fold(n) == fold(&entry.def.database)) {
            names.push(entry.def.database.clone());
        }
    }
    names
}

fn fill(dbo: &mut Namespace, mirror: &Mirror, database: &str) -> Result<()> {
    let of_database =
        mirror.snapshot().tables.iter().filter(|t| fold(&t.def.database) == fold(database));
    for entry in of_database {
        let provider = mirror.provider(entry)?;
        dbo.add_table(&entry.def.name, provider)
            .map_err(|e| Error::source(format!("table {}: {e}", entry.def.name)))?;
    }
    Ok(())
}

fn views_of(home: &str, mut namespace: Namespace, session: &SessionRef) -> Namespace {
    for view in views::all().iter().filter(|v| v.home == home) {
        namespace.add_view(*view, session.clone());
    }
    namespace
}

fn register(ctx: &SessionContext, catalogs: &[Arc<Catalog>]) {
    let state = ctx.state();
    let list: &Arc<dyn CatalogProviderList> = state.catalog_list();
    for catalog in catalogs {
        list.register_catalog(fold(&catalog.name), Arc::clone(catalog) as _);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_time_zone_is_known_or_refused() {
        let engine = EngineBuilder::default().time_zone("Europe/Berlin").build().unwrap();
        let entries = engine.ctx.state().config_options().entries();
        let zone = entries.into_iter().find(|e| e.key == "cdrql.time_zone").unwrap();
        assert_eq!(zone.value.as_deref(), Some("Europe/Berlin"));

        let error = EngineBuilder::default().time_zone("Berlin").build().err().unwrap();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.message.contains("no time zone 'Berlin'"), "{error}");
    }
}
