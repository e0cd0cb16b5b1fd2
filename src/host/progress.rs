//! A bar for what takes longer than a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);
/// Steps of a whole bar.
const STEPS: u64 = 1_000;

/// The share of the work that is done, 0 to 1; None where nobody knows.
type Fraction = Box<dyn Fn() -> Option<f64> + Send + Sync>;

/// A bar on standard error; it vanishes when dropped.
pub struct Bar {
    bar: ProgressBar,
    followed: Arc<OnceLock<Fraction>>,
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

    /// Shows this share from now on.
    pub fn follow(&self, fraction: impl Fn() -> Option<f64> + Send + Sync + 'static) {
        // A bar follows one piece of work; a second call changes nothing.
        let _ = self.followed.set(Box::new(fraction));
    }

    /// What is told from now on, by whoever does the work, is shown.
    pub fn told(&self) -> Told {
        let told = Told::default();
        let heard = told.clone();
        self.follow(move || heard.fraction());
        told
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

/// See [`Bar::told`].
#[derive(Clone, Default)]
pub struct Told(Arc<AtomicU64>);

impl Told {
    pub fn tell(&self, done: u64, all: u64) {
        let fraction = if all == 0 { 1.0 } else { done as f64 / all as f64 };
        self.0.store(fraction.to_bits(), Ordering::Relaxed);
    }

    /// Before the first word nothing is known: zero has no bits set.
    fn fraction(&self) -> Option<f64> {
        Some(f64::from_bits(self.0.load(Ordering::Relaxed))).filter(|fraction| *fraction > 0.0)
    }
}

async fn draw(bar: ProgressBar, followed: Arc<OnceLock<Fraction>>) {
    tokio::time::sleep(PATIENCE).await;
    if bar.is_finished() {
        return;
    }
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let mut known = false;
    bar.set_style(style("{spinner} {elapsed}"));
    while !bar.is_finished() {
        if let Some(fraction) = followed.get().and_then(|fraction| fraction()) {
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
