//! The names that the engine knows at this moment, for a thread that may block.

use tokio::runtime::Handle;

use crate::engine::{Engine, FunctionInfo, Object};

/// Asks the engine anew each time, so that a table just made is proposed at once.
pub struct Names {
    engine: Engine,
    runtime: Handle,
}

impl Names {
    pub fn new(engine: Engine, runtime: Handle) -> Self {
        Self { engine, runtime }
    }

    pub fn objects(&self) -> Vec<Object> {
        self.engine.objects()
    }

    pub fn functions(&self) -> Vec<FunctionInfo> {
        self.engine.functions()
    }

    /// The declared names of its columns; none where it cannot be opened, for a proposal is no
    /// place to complain.
    pub fn columns(&self, object: &Object) -> Vec<String> {
        let columns = self.runtime.block_on(self.engine.columns(object)).unwrap_or_default();
        columns.into_iter().map(|column| column.name).collect()
    }
}
