//! Rows on the wire: ROW, and NBCROW where leaving NULLs out is shorter (MS-TDS 2.2.7.19, 2.2.7.13).

use arrow::array::RecordBatch;

use crate::column_metadata::WireColumn;
use crate::error::SqlError;
use crate::value::Values;

const ROW: u8 = 0xD1;
const NBCROW: u8 = 0xD2;

/// A batch of a result, column by column in the types that the wire wants.
#[derive(Debug)]
pub struct WireRows {
    columns: Vec<Values>,
    rows: usize,
}

impl WireRows {
    pub fn new(batch: &RecordBatch, columns: &[WireColumn]) -> Result<Self, SqlError> {
        let values = columns.iter().zip(batch.columns()).map(|(c, array)| Values::new(c, array));
        Ok(Self { columns: values.collect::<Result<_, _>>()?, rows: batch.num_rows() })
    }

    pub fn len(&self) -> usize {
        self.rows
    }

    /// Puts one row.
    pub fn put(&self, row: usize, out: &mut Vec<u8>) {
        let nulls = self.columns.iter().filter(|values| values.is_null(row)).count();
        let bitmap = self.columns.len().div_ceil(8);
        if nulls > bitmap {
            self.put_compressed(row, bitmap, out);
        } else {
            out.push(ROW);
            self.columns.iter().for_each(|values| values.put(row, out));
        }
    }

    /// A bit for each column tells the NULLs; they have no value.
    fn put_compressed(&self, row: usize, bitmap: usize, out: &mut Vec<u8>) {
        out.push(NBCROW);
        let start = out.len();
        out.resize(start + bitmap, 0);
        for (i, values) in self.columns.iter().enumerate() {
            if values.is_null(row) {
                out[start + i / 8] |= 1 << (i % 8);
            } else {
                values.put(row, out);
            }
        }
    }
}
