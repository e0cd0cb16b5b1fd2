//! An application that asks a mirror questions:
//! `cargo run --no-default-features --example embed -- sample-data`

use cdrql::{Engine, arrow};
use futures::StreamExt;

const QUERY: &str = "
    SELECT CAST(SessionIdTime AS date) AS Day, count(*) AS Sessions
    FROM LcsCDR.dbo.SessionDetails
    GROUP BY 1
    ORDER BY 1";

#[tokio::main]
async fn main() -> cdrql::Result<()> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| "sample-data".into());
    let engine = Engine::builder().mirror(dir).memory_limit(1 << 30).build()?;

    let cdrql::Answer::Rows(mut rows) = engine.sql(QUERY).await? else { return Ok(()) };
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        let days = arrow::util::display::array_value_to_string;
        for row in 0..batch.num_rows() {
            let day = days(batch.column(0), row).unwrap_or_default();
            let sessions = days(batch.column(1), row).unwrap_or_default();
            println!("{day}  {sessions}");
        }
    }
    Ok(())
}
