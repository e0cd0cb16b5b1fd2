//! What a mirrored table is: where it comes from, its columns, its key, what orders it in time.

use std::fmt;

use arrow::datatypes::SchemaRef;
#[cfg(feature = "delta")]
use arrow::datatypes::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};

use crate::schema;
#[cfg(feature = "delta")]
use crate::{Error, Result};

/// A table of the mirror with its columns as they are declared at the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDef {
    pub database: String,
    pub schema: String,
    pub name: String,
    #[serde(with = "columns")]
    pub columns: SchemaRef,
    /// Empty if the table has none; such a table cannot be merged.
    pub primary_key: Vec<String>,
    /// The timestamp column (microseconds) that sorts the rows of a file and cuts the table into periods.
    pub time_key: Option<String>,
}

impl From<&schema::Table> for TableDef {
    fn from(table: &schema::Table) -> Self {
        Self {
            database: table.database.into(),
            schema: schema::DBO.into(),
            name: table.name.into(),
            columns: table.arrow_schema(),
            primary_key: table.primary_key().into_iter().map(String::from).collect(),
            time_key: table.time_key().map(String::from),
        }
    }
}

impl fmt::Display for TableDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.database, self.schema, self.name)
    }
}

impl TableDef {
    /// Index of the time key among the columns.
    pub fn time_index(&self) -> Option<usize> {
        self.time_key.as_deref().and_then(|key| self.columns.index_of(key).ok())
    }

    /// Indices of the primary key's columns.
    pub fn key_indices(&self) -> Vec<usize> {
        self.primary_key.iter().filter_map(|key| self.columns.index_of(key).ok()).collect()
    }

    #[cfg(feature = "delta")]
    /// Holds that the keys name columns and that the time key is a timestamp in microseconds.
    pub(super) fn check(&self) -> Result<()> {
        let keys = self.primary_key.iter().chain(&self.time_key);
        for key in keys {
            if self.columns.index_of(key).is_err() {
                return Err(Error::usage(format!(
                    "{self}: key column {key} is not a column of the table"
                )));
            }
        }
        match self.time_index().map(|i| self.columns.field(i)) {
            Some(field)
                if !matches!(field.data_type(), DataType::Timestamp(TimeUnit::Microsecond, _)) =>
            {
                let (name, found) = (field.name(), field.data_type());
                Err(Error::usage(format!(
                    "{self}: time key {name} is {found}, not a timestamp in µs"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Columns as JSON: Arrow's own text for the type, so that the file can be read by eye.
mod columns {
    use arrow::datatypes::{Field, Schema, SchemaRef};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Column {
        name: String,
        #[serde(rename = "type")]
        data_type: String,
        nullable: bool,
    }

    pub fn serialize<S: Serializer>(schema: &SchemaRef, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(schema.fields().iter().map(|f| Column {
            name: f.name().clone(),
            data_type: f.data_type().to_string(),
            nullable: f.is_nullable(),
        }))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SchemaRef, D::Error> {
        let columns = Vec::<Column>::deserialize(deserializer)?;
        let fields = columns.into_iter().map(|c| {
            let data_type = c.data_type.parse().map_err(D::Error::custom)?;
            Ok(Field::new(c.name, data_type, c.nullable))
        });
        Ok(Schema::new(fields.collect::<Result<Vec<_>, D::Error>>()?).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_table_survives_json() {
        for table in schema::base_tables() {
            let def = TableDef::from(table);
            def.check().unwrap();
            let text = serde_json::to_string(&def).unwrap();
            assert_eq!(serde_json::from_str::<TableDef>(&text).unwrap(), def);
        }
    }

    #[test]
    fn a_key_that_is_no_column_is_refused() {
        let mut def = TableDef::from(schema::table("LcsCDR", "SessionDetails").unwrap());
        def.primary_key.push("Nowhere".into());
        assert!(def.check().unwrap_err().message.contains("Nowhere"));
    }

    #[test]
    fn a_time_key_must_be_a_timestamp() {
        let mut def = TableDef::from(schema::table("LcsCDR", "SessionDetails").unwrap());
        def.time_key = Some("SessionIdSeq".into());
        assert!(def.check().unwrap_err().message.contains("SessionIdSeq"));
    }
}
