//! The mirror on disk. Nothing but this room knows how a mirror is laid out.
//!
//! ```text
//! DIR/_cdrql/lock                             held by the one writer
//! DIR/_cdrql/snapshots/00000007.json          which files make up every table, as of one moment
//! DIR/<database>/<schema>/<table>/_delta_log  the table as a Delta Lake table, for other readers
//! DIR/<database>/<schema>/<table>/2014-02_<id>.parquet
//! ```
//!
//! A [`Mirror`] is opened from its newest snapshot file (or an older one) and needs nothing else
//! but the Parquet files. A [`Writer`] (feature `delta`) adds files, commits them to each table's
//! Delta log and then publishes a snapshot of all tables at once; what is not published, no reader
//! of ours ever sees.
//!
//! A scan reads Parquet with DataFusion, or, where the cache has room for the whole columns, goes
//! through it: what is asked often is decoded once.

mod column_cache;
mod column_reader;
mod column_scan;
mod data_file;
mod def;
mod layout;
mod mirror;
mod period;
mod place;
mod provider;
mod slices;
mod snapshot;
mod statistics;
mod verify;

#[cfg(all(test, feature = "delta"))]
mod tests;

#[cfg(feature = "delta")]
mod delta;
#[cfg(feature = "delta")]
mod disk;
#[cfg(feature = "delta")]
mod file_writer;
#[cfg(feature = "delta")]
mod files;
#[cfg(feature = "delta")]
mod lock;
#[cfg(feature = "delta")]
mod merge;
#[cfg(feature = "delta")]
mod retain;
#[cfg(feature = "delta")]
mod seen;
#[cfg(feature = "delta")]
mod upsert;
#[cfg(feature = "delta")]
mod writer;

pub use data_file::{DataFile, TimeRange};
pub use def::TableDef;
pub use mirror::{AsOf, Mirror};
pub use period::Period;
pub use slices::{bounds, sliced, timed_files};
pub use snapshot::{Snapshot, SnapshotId, TableEntry};
pub use verify::{Damage, VerifyReport};

#[cfg(feature = "delta")]
pub use disk::private_file;
#[cfg(feature = "delta")]
pub use file_writer::FileWriter;
#[cfg(feature = "delta")]
pub use files::Files;
#[cfg(feature = "delta")]
pub use merge::Merged;
#[cfg(feature = "delta")]
pub use retain::{Removed, Retention};
#[cfg(feature = "delta")]
pub use upsert::{Upsert, Upserted};
#[cfg(feature = "delta")]
pub use writer::{Change, Step, TableChange, Writer};
