//! Titles for formats that address values by name, where two alike would lose one.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;

/// The schema with every title different: a second `name` becomes `name_2`.
pub(super) fn distinct(schema: &SchemaRef) -> SchemaRef {
    let mut taken: HashSet<String> =
        schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut seen = HashSet::new();
    let fields = schema.fields().iter().map(|field| {
        let mut title = field.name().clone();
        if !seen.insert(title.clone()) {
            let numbered = (2..).map(|number| format!("{}_{number}", field.name()));
            title = numbered.into_iter().find(|title| taken.insert(title.clone())).unwrap_or(title);
        }
        Field::new(title, field.data_type().clone(), true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The same columns under the other schema.
pub(super) fn retitled(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &options)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn a_repeated_title_is_numbered_past_the_taken_ones() {
        let fields =
            ["id", "id", "id_2", "ID", "id"].map(|name| Field::new(name, DataType::Int32, false));
        let titles = distinct(&Arc::new(Schema::new(fields.to_vec())));
        let names: Vec<&String> = titles.fields().iter().map(|field| field.name()).collect();
        assert_eq!(names, ["id", "id_3", "id_2", "ID", "id_4"]);
    }
}
