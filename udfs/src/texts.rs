//! Columns of text, written row by row without an allocation for each.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, StringViewArray, StringViewBuilder};

/// A Utf8View array of so many rows: `row` writes the text of a row, or says false for NULL.
pub(crate) fn write_texts(
    rows: usize,
    mut row: impl FnMut(usize, &mut String) -> bool,
) -> ArrayRef {
    let mut texts = StringViewBuilder::with_capacity(rows);
    let mut text = String::new();
    for i in 0..rows {
        text.clear();
        let present = row(i, &mut text);
        texts.append_option(present.then_some(&text));
    }
    Arc::new(texts.finish())
}

/// A Utf8View array with what `part` takes out of each text.
pub(crate) fn map_texts(
    texts: &StringViewArray,
    part: impl for<'a> Fn(&'a str) -> Option<&'a str>,
) -> ArrayRef {
    Arc::new(StringViewArray::from_iter(texts.iter().map(|text| text.and_then(&part))))
}

/// The text of a row.
pub(crate) fn text_at(texts: &StringViewArray, row: usize) -> Option<&str> {
    texts.is_valid(row).then(|| texts.value(row))
}
