//! Where a mirror's bytes are: in a directory, or inside the binary.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use datafusion::object_store::local::LocalFileSystem;
use datafusion::object_store::memory::InMemory;
use datafusion::object_store::{ObjectStore, ObjectStoreExt, path};
use futures::FutureExt;

use super::layout;
use super::snapshot::SnapshotId;
use crate::{Error, Result};

#[derive(Debug, Clone)]
pub enum Place {
    Directory(PathBuf),
    Embedded(Arc<BTreeMap<String, Bytes>>),
}

/// An opened data file.
pub enum Input {
    File(File),
    Bytes(Bytes),
}

impl Place {
    /// The path for people to read.
    pub fn path(&self, path: &str) -> PathBuf {
        match self {
            Self::Directory(root) => root.join(path),
            Self::Embedded(_) => Path::new("<built-in>").join(path),
        }
    }

    pub fn read(&self, path: &str) -> Result<Bytes> {
        match self {
            Self::Directory(_) => {
                let path = self.path(path);
                fs::read(&path).map(Bytes::from).map_err(|e| Error::file(&path, e))
            }
            Self::Embedded(files) => self.embedded(files, path),
        }
    }

    /// Opens a file and tells its size in bytes.
    pub fn open(&self, path: &str) -> Result<(Input, u64)> {
        match self {
            Self::Directory(_) => {
                let path = self.path(path);
                let open = || -> std::io::Result<_> {
                    let file = File::open(&path)?;
                    let size = file.metadata()?.len();
                    Ok((Input::File(file), size))
                };
                open().map_err(|e| Error::file(&path, e))
            }
            Self::Embedded(files) => {
                let bytes = self.embedded(files, path)?;
                let size = bytes.len() as u64;
                Ok((Input::Bytes(bytes), size))
            }
        }
    }

    fn embedded(&self, files: &BTreeMap<String, Bytes>, path: &str) -> Result<Bytes> {
        files.get(path).cloned().ok_or_else(|| Error::file(&self.path(path), "no such file"))
    }

    /// The snapshots that exist, oldest first; None where there is no mirror at all.
    pub fn snapshot_ids(&self) -> Result<Option<Vec<SnapshotId>>> {
        let mut ids = match self {
            Self::Directory(root) => match ids_in(&root.join(layout::SNAPSHOTS))? {
                Some(ids) => ids,
                None => return Ok(None),
            },
            Self::Embedded(files) => files
                .keys()
                .filter_map(|path| path.strip_prefix(layout::SNAPSHOTS)?.strip_prefix('/'))
                .filter_map(layout::snapshot_id)
                .collect(),
        };
        ids.sort_unstable();
        Ok(Some(ids))
    }

    /// The files as DataFusion reads them.
    pub fn object_store(&self) -> Result<Arc<dyn ObjectStore>> {
        match self {
            Self::Directory(root) => LocalFileSystem::new_with_prefix(root)
                .map(|store| Arc::new(store) as _)
                .map_err(|e| Error::file(root, e)),
            Self::Embedded(files) => {
                let store = InMemory::new();
                for (path, bytes) in files.iter() {
                    // A store in memory never waits, so the future is ready at once.
                    let location = path::Path::from(path.as_str());
                    let put = store.put(&location, bytes.clone().into());
                    put.now_or_never()
                        .ok_or_else(|| Error::internal("the in-memory store waits"))?
                        .map_err(|e| Error::file(&self.path(path), e))?;
                }
                Ok(Arc::new(store))
            }
        }
    }
}

fn ids_in(dir: &Path) -> Result<Option<Vec<SnapshotId>>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::file(dir, e)),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| Error::file(dir, e))?;
        ids.extend(entry.file_name().to_str().and_then(layout::snapshot_id));
    }
    Ok(Some(ids))
}
