//! The committed sample, a small mirror, inside the binary.

use include_dir::{Dir, include_dir};

use crate::error::Result;
use crate::store::Mirror;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sample-data");

/// Opens the sample; nothing is unpacked.
pub(crate) fn open() -> Result<Mirror> {
    Mirror::embedded(files(&FILES))
}

/// Every file below a directory, by its path in the mirror.
fn files(dir: &'static Dir<'static>) -> Vec<(&'static str, &'static [u8])> {
    let here = dir.files().filter_map(|f| Some((f.path().to_str()?, f.contents())));
    here.chain(dir.dirs().flat_map(files)).collect()
}
