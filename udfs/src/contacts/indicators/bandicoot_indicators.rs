//! bandicoot's indicators of one person as a table.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Builder, RecordBatch, StringViewBuilder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef};
use datafusion::common::{HashMap, Result, exec_err};
use datafusion_macros::user_doc;

use super::indicator::{INDICATORS, Indicator, Measure, statistics};
use super::period::{PERIODS, period_of};
use super::record::{Kind as RecordKind, Part, Record};
use crate::call::Call;
use crate::local_time::{Zone, instants};
use crate::parameter::{Kind, choice, flag, number, parameter, text, zone};
use crate::relation::RelationFunction;

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Table function: what the records of one person tell of that person, by the \
formulas of bandicoot (github.com/computationalprivacy/bandicoot, 86e5f19). A row for each indicator, \
interaction (call, text, callandtext), part_of_week and part_of_day, period and statistic (mean, std, \
median, skewness, kurtosis, min, max of a distribution; NULL for a single number), with its value. \
Periods are those in which the person has records; bandicoot's own figures are mean and population std \
over them. Columns a, b, start, seconds and kind are read by name (`cdr.contacts` has them); where \
there is answered, only what was answered counts. Messages are im or text, all else is a call; night is \
from 19 to 7, the weekend Saturday and Sunday. Indicators of places and recharges are not there. It \
describes one person's behaviour: use it only where that is agreed.",
    syntax_example = "bandicoot_indicators(relation or (subquery), person [, groupby [, split [, tz]]])",
    argument(name = "person", description = "The key of a or b whose records are meant."),
    argument(name = "groupby", description = "week if left out, day, month, year, none."),
    argument(
        name = "split",
        description = "Whether to tell weekdays and weekends, days and nights too; false if left out."
    ),
    argument(
        name = "tz",
        description = "The person's time zone, such as 'Europe/Berlin'; if left out, cdrql.time_zone."
    ),
    sql_example = "```sql\nSELECT indicator, period, statistic, value FROM bandicoot_indicators((SELECT * FROM (VALUES ('ann', 'bob', TIMESTAMP '2026-03-02T09:00:00', 120, 'audio'), ('bob', 'ann', TIMESTAMP '2026-03-02T19:30:00', 300, 'audio')) AS t(a, b, start, seconds, kind)), 'ann') WHERE interaction = 'call' AND indicator LIKE 'percent_%';\n-- percent_nocturnal | 2026-W10 | NULL | 0.5\n-- percent_initiated_interactions | 2026-W10 | NULL | 0.5\n-- percent_pareto_interactions | 2026-W10 | NULL | 1.0\n-- percent_pareto_durations | 2026-W10 | NULL | 1.0\n```"
)]
struct BandicootIndicators;

/// `bandicoot_indicators(relation, person [, groupby [, split [, tz]]])`
pub(super) fn bandicoot_indicators() -> RelationFunction {
    RelationFunction {
        name: "bandicoot_indicators",
        columns: const {
            &[
                parameter("a", Kind::Key),
                parameter("b", Kind::Key),
                parameter("start", Kind::Instant),
                number("seconds"),
                text("kind"),
                flag("answered").or(1.0),
            ]
        },
        parameters: const {
            &[
                text("person"),
                choice("groupby", PERIODS).or_text("week"),
                flag("split").or(0.0),
                zone("tz"),
            ]
        },
        schema: |_| schema(),
        evaluate,
        documentation: BandicootIndicators.doc(),
    }
}

fn schema() -> SchemaRef {
    let texts = ["indicator", "interaction", "part_of_week", "part_of_day", "period", "statistic"];
    let texts = texts.map(|name| Field::new(name, DataType::Utf8View, true));
    let value = Field::new("value", DataType::Float64, true);
    Arc::new(Schema::new(texts.into_iter().chain([value]).collect::<Vec<_>>()))
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let options = call.options();
    let Some(person) = options.text("person")?.map(str::to_owned) else {
        return exec_err!("bandicoot_indicators: `person` must not be NULL");
    };
    let zone = options.text("tz")?.and_then(Zone::named).unwrap_or_default();
    let groupby = options.text("groupby")?.unwrap_or("none").to_owned();
    let parts = Part::all(options.flag("split")?);
    let records = records_of(call, &person, zone)?;
    let mut table = Table::default();
    for indicator in INDICATORS {
        for kind in indicator.kinds {
            for part in &parts {
                let records = part.of(&records, *kind);
                let period = |record: &Record| period_of(&groupby, record.time);
                for group in records.chunk_by(|a, b| period(a) == period(b)) {
                    table.append(indicator, *kind, *part, period(&group[0]).as_deref(), group);
                }
            }
        }
    }
    call.result(table.finish())
}

/// The person's records in order of time.
fn records_of(call: &mut Call, person: &str, zone: Zone) -> Result<Vec<Record>> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut records = vec![];
    let mut input = call.input()?;
    while let Some(batch) = input.next_batch()? {
        let known = records.len();
        read(&batch, person, zone, &mut numbers, &mut records)?;
        call.reserve((records.len() - known) * size_of::<Record>())?;
    }
    // Total, for a time that is not a number is none.
    records.sort_by(|a: &Record, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    Ok(records)
}

/// Adds the person's records among these rows.
fn read(
    rows: &RecordBatch,
    person: &str,
    zone: Zone,
    numbers: &mut HashMap<String, u32>,
    records: &mut Vec<Record>,
) -> Result<()> {
    let texts = |i: usize| cast(rows.column(i), &DataType::Utf8View);
    let (a, b, kinds) = (texts(0)?, texts(1)?, texts(4)?);
    let (a, b, kinds) = (a.as_string_view(), b.as_string_view(), kinds.as_string_view());
    let starts = instants(rows.column(2))?;
    let [seconds, answered] = [3, 5].map(|i| rows.column(i).as_primitive::<Float64Type>());
    for row in 0..rows.num_rows() {
        let complete = a.is_valid(row) && b.is_valid(row) && starts.is_valid(row);
        let counts = complete && answered.is_valid(row) && answered.value(row) == 1.0;
        let (from, to) = (a.value(row), b.value(row));
        if !counts || from == to || (from != person && to != person) {
            continue;
        }
        let (other, outgoing) = if from == person { (to, true) } else { (from, false) };
        let next = numbers.len() as u32;
        let other = *numbers.entry_ref(other).or_insert(next);
        let lasted = if seconds.is_valid(row) { seconds.value(row) } else { 0.0 };
        let kind = if kinds.is_valid(row) { kinds.value(row) } else { "" };
        records.push(Record::new(zone.local(starts.value(row)), other, outgoing, kind, lasted));
    }
    Ok(())
}

/// The result's columns.
#[derive(Default)]
struct Table {
    texts: [StringViewBuilder; 6],
    values: Float64Builder,
}

impl Table {
    fn append(
        &mut self,
        indicator: &Indicator,
        kind: RecordKind,
        part: Part,
        period: Option<&str>,
        records: &[Record],
    ) {
        let mut row = |statistic: Option<&str>, value: Option<f64>| {
            let texts = [Some(indicator.name), Some(kind.name()), Some(part.week), Some(part.day)];
            let texts = texts.into_iter().chain([period, statistic]);
            self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.append_option(text));
            self.values.append_option(value);
        };
        match indicator.measure {
            Measure::Number(measure) => row(None, measure(records)),
            Measure::Distribution(measure) => {
                let all = statistics(measure(records));
                all.into_iter().for_each(|(statistic, value)| row(Some(statistic), value));
            }
        }
    }

    fn finish(mut self) -> Vec<ArrayRef> {
        let texts = self.texts.iter_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef);
        let mut columns: Vec<ArrayRef> = texts.collect();
        columns.push(Arc::new(self.values.finish()));
        columns
    }
}
