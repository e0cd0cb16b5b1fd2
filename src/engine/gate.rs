//! The one gate: every plan passes it before anything runs, EXPLAIN and SET included.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::{DdlStatement, LogicalPlan, Statement, WriteOp};

use crate::error::{Error, Result};

/// Something a session may do besides reading what it was opened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Create, fill and drop the session's own views and in-memory tables.
    CreateObjects,
    /// Read the user's files: `CREATE EXTERNAL TABLE`.
    ReadFiles,
    /// Write the user's files: `COPY TO`, `INSERT INTO` an external table.
    WriteFiles,
    /// Change settings: `SET`, `RESET`.
    ChangeSettings,
}

impl Capability {
    /// All of them: what the REPL and batch runs have.
    pub const ALL: [Self; 4] =
        [Self::CreateObjects, Self::ReadFiles, Self::WriteFiles, Self::ChangeSettings];

    fn describe(self) -> &'static str {
        match self {
            Self::CreateObjects => "create or change objects",
            Self::ReadFiles => "read files",
            Self::WriteFiles => "write files",
            Self::ChangeSettings => "change settings",
        }
    }
}

/// What a session may do.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate {
    allowed: Vec<Capability>,
}

impl Gate {
    pub(super) fn allow(&mut self, capability: Capability) {
        self.allowed.push(capability);
    }

    /// Refuses a plan that needs what this session may not do, subqueries and EXPLAIN included.
    pub(super) fn pass(&self, plan: &LogicalPlan) -> Result<()> {
        let mut refused = None;
        let visited = plan.apply_with_subqueries(|node| {
            refused = needs(node).filter(|c| !self.allowed.contains(c));
            let go_on = refused.is_none();
            Ok(if go_on { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
        });
        match (visited, refused) {
            (_, Some(capability)) => Err(self.refuse(capability)),
            (Err(e), None) => Err(Error::internal(e.to_string())),
            (Ok(_), None) => Ok(()),
        }
    }

    fn refuse(&self, capability: Capability) -> Error {
        Error::statement(format!("this session may not {}", capability.describe())).hinted(format!(
            "the application can allow it: Engine::builder().allow(Capability::{capability:?})"
        ))
    }
}

fn needs(node: &LogicalPlan) -> Option<Capability> {
    match node {
        LogicalPlan::Ddl(DdlStatement::CreateExternalTable(_)) => Some(Capability::ReadFiles),
        LogicalPlan::Ddl(_) => Some(Capability::CreateObjects),
        LogicalPlan::Dml(dml) => Some(match dml.op {
            WriteOp::Ctas => Capability::CreateObjects,
            // Whether the target is a file or a table in memory, it is changed.
            _ => Capability::WriteFiles,
        }),
        LogicalPlan::Copy(_) => Some(Capability::WriteFiles),
        LogicalPlan::Statement(Statement::SetVariable(_) | Statement::ResetVariable(_)) => {
            Some(Capability::ChangeSettings)
        }
        _ => None,
    }
}
