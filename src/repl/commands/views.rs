//! `.views [PATTERN]`

use super::{Argument, Command, tables};
use crate::engine::ObjectKind;

pub static VIEWS: Command = Command {
    name: "views",
    aliases: &["\\dv"],
    argument: Argument::Relation,
    usage: "[PATTERN]",
    summary: "the views, or those whose name has PATTERN in it",
    run: |session, argument| {
        Box::pin(async move { tables::list(session, ObjectKind::View, argument) })
    },
};
