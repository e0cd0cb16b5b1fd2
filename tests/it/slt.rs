//! Runs `tests/slt/**/*.slt` over the built-in sample. The functions' own files run in their crate.

use std::fs;
use std::path::Path;

use cdrql::arrow::datatypes::DataType;
use cdrql::arrow::util::display::array_value_to_string;
use cdrql::{Answer, Engine, Error};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

struct Database(Engine);

#[async_trait::async_trait]
impl AsyncDB for Database {
    type Error = Error;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        let Answer::Rows(rows) = self.0.sql(sql).await? else {
            return Ok(DBOutput::StatementComplete(0));
        };
        let types = rows.schema().fields().iter().map(|f| column_type(f.data_type())).collect();
        let mut lines = Vec::new();
        for batch in rows.collect().await? {
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().map(|column| match column.is_null(row) {
                    true => "NULL".to_string(),
                    false => array_value_to_string(column, row).unwrap(),
                });
                lines.push(cells.collect());
            }
        }
        Ok(DBOutput::Rows { types, rows: lines })
    }

    async fn shutdown(&mut self) {}
}

fn column_type(data_type: &DataType) -> DefaultColumnType {
    match data_type {
        t if t.is_integer() => DefaultColumnType::Integer,
        t if t.is_numeric() => DefaultColumnType::FloatingPoint,
        DataType::Null => DefaultColumnType::Any,
        _ => DefaultColumnType::Text,
    }
}

#[tokio::test]
async fn sql_tests_hold_over_the_sample() {
    for folder in ["engine", "views"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt").join(folder);
        for file in fs::read_dir(folder).unwrap() {
            let mut runner = Runner::new(|| async {
                Ok(Database(Engine::builder().sample().allow_all().build()?))
            });
            if let Err(error) = runner.run_file_async(file.unwrap().path()).await {
                panic!("{}", error.display(false));
            }
        }
    }
}
