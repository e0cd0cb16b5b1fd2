//! Runs statements: rows to their destination, a status line, the result kept as `_`.

use std::io::BufWriter;
use std::time::Instant;

use arrow::array::RecordBatch;
use futures::StreamExt;

use super::destination::SCREEN_ROWS;
use super::interrupt::Interrupt;
use super::pager::Pager;
use super::previous::{Keeper, Kept, MAX_BYTES, MAX_ROWS};
use super::session::{Session, Stop};
use super::showing::Showing;
use crate::engine::{Answer, Rows};
use crate::error::Result;
use crate::host::progress::{Bar, Eraser};
use crate::output::{self, Format, Style};
use crate::tsql::Statement;

impl Session {
    /// Runs every statement of a text, each as often as its `GO` says.
    pub async fn run_sql(&mut self, text: &str) -> Result<(), Stop> {
        for statement in self.engine.statements(text)? {
            for _ in 0..statement.repeat() {
                self.execute(&statement).await?;
            }
        }
        Ok(())
    }

    async fn execute(&mut self, statement: &Statement) -> Result<(), Stop> {
        self.previous.statement = Some(statement.text().to_owned());
        let started = Instant::now();
        let bar = Bar::start(self.terminal.is_interactive() && self.terminal.stderr && !self.quiet);
        let mut interrupt = Interrupt::after(self.timeout);
        match interrupt.unless(self.plan(statement)).await? {
            Answer::Done(message) => {
                drop(bar);
                self.say(self.timed(message, started));
            }
            Answer::Rows(rows) => {
                let shown = self.show_rows(rows, &bar, &mut interrupt).await?;
                drop(bar);
                self.conclude(shown, started);
            }
        }
        Ok(())
    }

    /// All rows of one statement, for a command that shows them in its own way.
    pub async fn collect(&self, statement: &Statement) -> Result<Vec<RecordBatch>> {
        let mut interrupt = Interrupt::after(self.timeout);
        match interrupt.unless(self.plan(statement)).await? {
            Answer::Done(_) => Ok(Vec::new()),
            Answer::Rows(rows) => interrupt.unless(rows.collect()).await,
        }
    }

    /// Shows a listing of a command as a result; a long one whole, in the pager.
    pub fn show_batch(&mut self, batch: &RecordBatch) -> Result<(), Stop> {
        let kept = Kept { schema: batch.schema(), batches: vec![batch.clone()] };
        let long = batch.num_rows() > SCREEN_ROWS && !self.quiet;
        if long { self.show_whole(&kept) } else { self.show_kept(&kept) }
    }

    /// Shows all rows and columns; on a terminal in the pager, until the person leaves it.
    pub fn show_whole(&mut self, kept: &Kept) -> Result<(), Stop> {
        let paged = self.terminal.stdout && self.destination.is_screen();
        match if paged { Pager::start() } else { None } {
            Some(pager) => Ok(page(kept, self.format, pager)?),
            None => self.show_kept(kept),
        }
    }

    fn show_kept(&mut self, kept: &Kept) -> Result<(), Stop> {
        let mut showing = Showing::open(self, kept.schema.clone(), Eraser::none())?;
        kept.batches.iter().try_for_each(|batch| showing.write(batch))?;
        showing.finish()
    }

    fn plan(&self, statement: &Statement) -> impl Future<Output = Result<Answer>> + Send + 'static {
        let (engine, params, statement) =
            (self.engine.clone(), self.params.clone(), statement.clone());
        async move { engine.run(&statement, &params).await }
    }

    async fn show_rows(
        &mut self,
        rows: Rows,
        bar: &Bar,
        interrupt: &mut Interrupt,
    ) -> Result<Keeper, Stop> {
        let schema = rows.schema();
        let progress = rows.progress();
        bar.follow(move || progress.fraction());
        let mut showing = Showing::open(self, schema.clone(), bar.eraser())?;
        let mut keeper = Keeper::new(schema);
        let mut rows = rows;
        while let (Some(batch), rest) = interrupt.unless(advance(rows)).await? {
            rows = rest;
            let room = self.max_rows.map_or(usize::MAX, |most| most - keeper.rows());
            let batch = batch.slice(0, batch.num_rows().min(room));
            showing.write(&batch)?;
            keeper.pass(&batch);
            if Some(keeper.rows()) == self.max_rows {
                break;
            }
        }
        showing.finish()?;
        Ok(keeper)
    }

    /// The status line, and the result as `_`.
    fn conclude(&mut self, shown: Keeper, started: Instant) {
        let rows = shown.rows();
        if self.terminal.is_interactive() || self.timing {
            let count = format!("{rows} row{}", if rows == 1 { "" } else { "s" });
            self.say(format!("({})", self.timed(count, started)));
        }
        match shown.finish() {
            Some(kept) => self.keep(kept),
            None => self.say(format!(
                "the result is not kept as _: it has more than {MAX_ROWS} rows or {} MiB; _ is still the one before",
                MAX_BYTES >> 20
            )),
        }
    }

    fn keep(&mut self, kept: Kept) {
        match self.engine.remember(kept.schema.clone(), kept.batches.clone()) {
            Ok(()) => {}
            Err(error) => self.say(format!("the result is not kept as _: {error}")),
        }
        self.previous.result = Some(kept);
    }

    fn timed(&self, what: String, started: Instant) -> String {
        match self.timing {
            true => format!("{what}, {:.3} s", started.elapsed().as_secs_f64()),
            false => what,
        }
    }
}

fn page(kept: &Kept, format: Format, pager: Pager) -> Result<()> {
    let format = if format.is_binary() { Format::Table } else { format };
    let sink = Box::new(BufWriter::new(pager));
    let mut writer = output::writer(format, kept.schema.clone(), sink, &Style::default())?;
    let written = kept.batches.iter().try_for_each(|batch| writer.write(batch));
    // Whoever leaves early has seen enough; nothing else can go wrong in a pipe.
    let _ = written.and_then(|()| writer.finish());
    Ok(())
}

/// The next batch, and the rows after it.
async fn advance(mut rows: Rows) -> Result<(Option<RecordBatch>, Rows)> {
    let batch = rows.next().await.transpose()?;
    Ok((batch, rows))
}
