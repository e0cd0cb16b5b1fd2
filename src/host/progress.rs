//! A bar for what takes longer than a second.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use crate::engine::Progress;

const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);
/// Steps of a whole bar.
const STEPS: u64 = 1_000;

/// A bar on standard error; it vanishes when dropped.
pub struct Bar {
    bar: ProgressBar,
    followed: Arc<OnceLock<Progress>>,
    drawer: JoinHandle<()>,
}

impl Bar {
    /// Begins to wait; draws nothing where nobody watches.
    pub fn start(watched: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(STEPS), ProgressDrawTarget::hidden());
        let followed = Arc::new(OnceLock::new());
        let drawer = match watched {
            true => tokio::spawn(draw(bar.clone(), Arc::clone(&followed))),
            false => tokio::spawn(async {}),
        };
        Self { bar, followed, drawer }
    }

    /// Shows the progress of this query from now on.
    pub fn follow(&self, progress: Progress) {
        // A bar follows one query; a second call changes nothing.
        let _ = self.followed.set(progress);
    }

    /// Takes the bar off the screen for good.
    pub fn erase(&self) {
        self.eraser().erase();
    }

    /// A handle that takes the bar off the screen for good, before something is printed there.
    pub fn eraser(&self) -> Eraser {
        Eraser(self.bar.clone())
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.drawer.abort();
        self.bar.finish_and_clear();
    }
}

/// See [`Bar::eraser`].
pub struct Eraser(ProgressBar);

impl Eraser {
    /// For a place where no bar is drawn.
    pub fn none() -> Self {
        Self(ProgressBar::hidden())
    }

    pub fn erase(&self) {
        if !self.0.is_finished() {
            self.0.finish_and_clear();
        }
    }
}

async fn draw(bar: ProgressBar, followed: Arc<OnceLock<Progress>>) {
    tokio::time::sleep(PATIENCE).await;
    if bar.is_finished() {
        return;
    }
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let mut known = false;
    bar.set_style(style("{spinner} {elapsed}"));
    while !bar.is_finished() {
        if let Some(fraction) = followed.get().and_then(Progress::fraction) {
            if !known {
                bar.set_style(style("[{bar:40}] {percent:>3} %  {elapsed}, about {eta} left"));
                known = true;
            }
            // Between 0 and STEPS, so the cast is exact enough and never negative.
            bar.set_position((fraction.clamp(0.0, 1.0) * STEPS as f64) as u64);
        }
        bar.tick();
        tokio::time::sleep(TICK).await;
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
