//! Views as SQL files: the documented ones of both databases, and the friendlier ones of `cdr`.
//!
//! A view is one file, `<schema>/<Name>.sql`, found by itself; its leading comment is its
//! documentation. Views name their tables in full.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/views");

/// A view that comes with the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// `LcsCDR`, `QoEMetrics` or `cdr`.
    pub home: &'static str,
    pub name: &'static str,
    /// The query, without CREATE VIEW.
    pub sql: &'static str,
}

impl View {
    /// The comment at the top of the file, without its dashes.
    pub fn note(&self) -> String {
        let lines = self.sql.lines().map_while(|line| line.strip_prefix("--"));
        lines.map(str::trim).collect::<Vec<_>>().join("\n")
    }
}

/// Every view, by home and name.
pub fn all() -> &'static [View] {
    static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| {
        let mut views: Vec<View> = FILES.dirs().flat_map(Dir::files).filter_map(view).collect();
        views.sort_by_key(|v| (v.home, v.name));
        views
    });
    &VIEWS
}

fn view(file: &'static include_dir::File<'static>) -> Option<View> {
    let name = file.path().file_stem()?.to_str()?;
    let home = file.path().parent()?.file_name()?.to_str()?;
    let sql = file.contents_utf8()?;
    file.path().extension().is_some_and(|e| e == "sql").then_some(View { home, name, sql })
}
