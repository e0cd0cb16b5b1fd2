//! Who was behind an address at a time, by a directory.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int64Builder, RecordBatch, StringViewArray, StringViewBuilder,
    TimestampMicrosecondArray,
};
use datafusion::arrow::compute::{SortColumn, cast, lexsort_to_indices, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{HashMap, Result};
use datafusion_macros::user_doc;
use rlibphonenumber::Region;

use super::contact_key::key_of;
use crate::call::Call;
use crate::local_time::{Zone, instants};
use crate::lookup::{IS_SECOND, LookupFunction, both};
use crate::parameter::{Kind, Parameter, parameter, text, zone};
use crate::relation::RelationFunction;
use crate::texts::text_at;

/// How many of [`COLUMNS`] are the contacts'.
const OF_CONTACTS: usize = 3;

const COLUMNS: &[Parameter] = &[
    parameter("id", Kind::Id),
    text("key"),
    parameter("start", Kind::Instant),
    text("uri").or_null(),
    text("line_uri").or_null(),
    text("person"),
    text("department").or_null(),
    text("cost_centre").or_null(),
    text("site").or_null(),
    parameter("valid_from", Kind::Instant).or_null(),
    parameter("valid_to", Kind::Instant).or_null(),
    IS_SECOND,
];

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Table function: who was behind an address when something happened, a row for each \
in the order of `id`: id, key, person, department, cost_centre, site, and matches, the number of \
entries of the directory that fit (Int64). An address that fits none stays itself as the person, with 0 \
matches; of several the one that is valid longest counts, then the first by name. The first relation \
has the columns id, key (an address, a number or a key of `contact_key`) and start; the directory has \
person and may have uri, line_uri, department, cost_centre, site, valid_from and valid_to (from a time \
on, and not at its end; without limit where NULL). Numbers are given to others in time: without dates \
the directory answers for today only.",
    syntax_example = "resolve_persons(contacts, directory [, region [, tz]])",
    argument(
        name = "region",
        description = "Two letters of the country of numbers without `+`, if there are any."
    ),
    argument(
        name = "tz",
        description = "The time zone of the directory's dates; if left out, cdrql.time_zone."
    ),
    sql_example = "```sql\nSELECT id, person, cost_centre FROM resolve_persons((SELECT * FROM (VALUES (1, '+49301234567', TIMESTAMP '2026-03-31T23:59:59'), (2, '+49301234567', TIMESTAMP '2026-04-01T00:00:00'), (3, 'sip:eve@a.com', TIMESTAMP '2026-04-01T00:00:00')) AS c(id, key, start)), (SELECT * FROM (VALUES ('Ann', 'tel:+49-30-1234567', '10', NULL, DATE '2026-04-01'), ('Bob', 'tel:+49-30-1234567', '20', DATE '2026-04-01', NULL)) AS d(person, line_uri, cost_centre, valid_from, valid_to)));\n-- 1 | Ann | 10\n-- 2 | Bob | 20\n-- 3 | sip:eve@a.com | NULL\n```"
)]
struct ResolvePersons;

/// `resolve_persons(contacts, directory [, region [, tz]])`
pub(super) fn resolve_persons() -> LookupFunction {
    let function = RelationFunction {
        name: "resolve_persons",
        columns: COLUMNS,
        parameters: const { &[parameter("region", Kind::Region).or_null(), zone("tz")] },
        schema,
        evaluate,
        documentation: ResolvePersons.doc(),
    };
    LookupFunction { function, first: OF_CONTACTS }
}

fn schema(columns: &[DataType]) -> SchemaRef {
    let id = columns.first().cloned().unwrap_or(DataType::Null);
    let texts = ["key", "person", "department", "cost_centre", "site"];
    let texts = texts.map(|name| Field::new(name, DataType::Utf8View, true));
    let (id, matches) = (Field::new("id", id, true), Field::new("matches", DataType::Int64, false));
    Arc::new(Schema::new([id].into_iter().chain(texts).chain([matches]).collect::<Vec<_>>()))
}

fn evaluate(call: &mut Call) -> Result<RecordBatch> {
    let [contacts, directory] = both(call)?;
    let zone = call.options().text("tz")?.and_then(Zone::named).unwrap_or_default();
    let region = call.options().text("region")?.and_then(|letters| letters.parse().ok());
    let directory = Directory::read(&directory, region)?;
    let keys = contacts.columns()[..OF_CONTACTS].iter().map(Arc::clone);
    let keys: Vec<_> = keys.map(|values| SortColumn { values, options: None }).collect();
    let contacts = take_record_batch(&contacts, &lexsort_to_indices(&keys, None)?)?;
    let columns = persons(&contacts, &directory, region, zone)?;
    call.result(columns)
}

/// The result's columns.
fn persons(
    contacts: &RecordBatch,
    directory: &Directory,
    region: Option<Region>,
    zone: Zone,
) -> Result<Vec<ArrayRef>> {
    let keys = cast(contacts.column(1), &DataType::Utf8View)?;
    let starts = instants(contacts.column(2))?;
    let mut texts: [StringViewBuilder; 4] = Default::default();
    let mut matches = Int64Builder::new();
    for (key, start) in keys.as_string_view().iter().zip(&starts) {
        let key = key.unwrap_or_default();
        let time = start.map(|start| zone.local(start).0);
        let found = directory.at(&key_of(key, region).unwrap_or_default(), time);
        matches.append_value(found.len() as i64);
        let best = found.into_iter().min_by(|a, b| a.rank().cmp(&b.rank()));
        let itself = (!key.is_empty()).then_some(key);
        for (i, column) in texts.iter_mut().enumerate() {
            let itself = itself.filter(|_| i == 0);
            column.append_option(best.map_or(itself, |entry| entry.texts[i].as_deref()));
        }
    }
    let texts = texts.iter_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef);
    let first = [Arc::clone(contacts.column(0)), keys.clone()];
    let matches: ArrayRef = Arc::new(matches.finish());
    Ok(first.into_iter().chain(texts).chain([matches]).collect())
}

/// Who has an address, and when.
#[derive(Debug)]
struct Entry {
    /// person, department, cost_centre, site
    texts: [Option<String>; 4],
    valid_from: i64,
    valid_to: i64,
}

impl Entry {
    /// Less for the entry that counts of several.
    fn rank(&self) -> (i64, &[Option<String>; 4]) {
        (self.valid_from.saturating_sub(self.valid_to), &self.texts)
    }
}

/// Entries by the keys of their addresses.
#[derive(Debug, Default)]
struct Directory(HashMap<String, Vec<Arc<Entry>>>);

impl Directory {
    fn read(rows: &RecordBatch, region: Option<Region>) -> Result<Self> {
        let texts = |i: usize| -> Result<StringViewArray> {
            Ok(cast(rows.column(i), &DataType::Utf8View)?.as_string_view().clone())
        };
        let addresses = [texts(OF_CONTACTS)?, texts(OF_CONTACTS + 1)?];
        let person = OF_CONTACTS + 2;
        let columns = [texts(person)?, texts(person + 1)?, texts(person + 2)?, texts(person + 3)?];
        let valid = [instants(rows.column(person + 4))?, instants(rows.column(person + 5))?];
        let mut directory = Self::default();
        for row in 0..rows.num_rows() {
            let time =
                |times: &TimestampMicrosecondArray| times.is_valid(row).then(|| times.value(row));
            let entry = Arc::new(Entry {
                texts: columns.each_ref().map(|column| text_at(column, row).map(str::to_owned)),
                valid_from: time(&valid[0]).unwrap_or(i64::MIN),
                valid_to: time(&valid[1]).unwrap_or(i64::MAX),
            });
            let keys =
                addresses.iter().filter_map(|address| key_of(text_at(address, row)?, region));
            for key in keys {
                directory.0.entry(key).or_default().push(Arc::clone(&entry));
            }
        }
        Ok(directory)
    }

    /// The entries of a key that are valid at a local time.
    fn at(&self, key: &str, time: Option<i64>) -> Vec<&Entry> {
        let entries = self.0.get(key).into_iter().flatten().map(AsRef::as_ref);
        let valid =
            |entry: &&Entry| time.is_some_and(|t| entry.valid_from <= t && t < entry.valid_to);
        entries.filter(valid).collect()
    }
}
