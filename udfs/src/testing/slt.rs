//! Runs tests/slt/functions/*.slt.

use std::fs;

use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

use super::documentation::repository;
use super::session;

struct Database(SessionContext);

#[async_trait::async_trait]
impl AsyncDB for Database {
    type Error = DataFusionError;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, DataFusionError> {
        let frame = self.0.sql(sql).await?;
        let types = frame.schema().fields().iter().map(|field| match field.data_type() {
            data_type if data_type.is_integer() => DefaultColumnType::Integer,
            data_type if data_type.is_numeric() => DefaultColumnType::FloatingPoint,
            DataType::Null => DefaultColumnType::Any,
            _ => DefaultColumnType::Text,
        });
        let types = types.collect();
        let mut rows = vec![];
        for batch in frame.collect().await? {
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().map(|column| {
                    if column.is_null(row) {
                        return Ok("NULL".to_string());
                    }
                    Ok(array_value_to_string(column, row)?)
                });
                rows.push(cells.collect::<Result<_, DataFusionError>>()?);
            }
        }
        Ok(DBOutput::Rows { types, rows })
    }

    async fn shutdown(&mut self) {}
}

#[tokio::test]
async fn sql_tests() {
    let files = fs::read_dir(repository().join("tests/slt/functions")).unwrap();
    for file in files {
        let mut runner = Runner::new(|| async { Ok(Database(session())) });
        let file = file.unwrap().path();
        if let Err(error) = runner.run_file_async(&file).await {
            panic!("{}", error.display(false));
        }
    }
}
