//! A bar for each table that is being read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

use crate::host::terminal::Terminal;
use crate::mirror::{RunProgress, State};

const TICK: Duration = Duration::from_millis(250);

/// Bars on standard error; they vanish when dropped. Nothing is drawn where nobody watches.
pub struct Bars {
    bars: MultiProgress,
    drawer: Option<JoinHandle<()>>,
}

impl Bars {
    pub fn start(progress: Arc<RunProgress>) -> Self {
        let bars = MultiProgress::new();
        let watched = Terminal::detect().stderr;
        let drawer = watched.then(|| tokio::spawn(draw(bars.clone(), progress)));
        Self { bars, drawer }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some(drawer) = &self.drawer {
            drawer.abort();
            // A terminal that is gone needs no clearing.
            let _ = self.bars.clear();
        }
    }
}

async fn draw(bars: MultiProgress, progress: Arc<RunProgress>) {
    let all = bars.add(ProgressBar::new_spinner());
    let mut shown: HashMap<String, ProgressBar> = HashMap::new();
    loop {
        let tables = progress.tables();
        let done = tables.iter().filter(|table| table.state() == State::Done).count();
        all.set_message(format!("{done} of {} tables", tables.len()));
        all.tick();
        for table in &tables {
            let bar = shown.get(&table.name);
            match (table.state(), bar) {
                (State::Reading, Some(bar)) => bar.set_position(table.read()),
                (State::Reading, None) => {
                    let bar = bars.add(of_table(&table.name, table.expected()));
                    shown.insert(table.name.clone(), bar);
                }
                (_, Some(_)) => {
                    if let Some(bar) = shown.remove(&table.name) {
                        bar.finish_and_clear();
                    }
                }
                (_, None) => {}
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

fn of_table(name: &str, expected: Option<u64>) -> ProgressBar {
    let (bar, template) = match expected {
        Some(rows) => (
            ProgressBar::new(rows),
            "  {msg:40} [{bar:24}] {human_pos} of about {human_len} rows, {per_sec}, about {eta} left",
        ),
        _ => (ProgressBar::no_length(), "  {msg:40} {human_pos} rows, {per_sec}"),
    };
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(name.to_owned());
    bar
}
