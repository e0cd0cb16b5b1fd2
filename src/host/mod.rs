//! What both programs, the shell and the batch runner, need of the machine they run on.

pub mod atomic_file;
pub mod progress;
pub mod script_text;
pub mod terminal;
