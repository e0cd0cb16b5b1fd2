//! The inner loop of every kernel: a function of one row over blocks of rows, in lanes of 64 bits
//! that the compiler turns into vector instructions.

use std::array::from_fn;

use datafusion::arrow::array::{Array, ArrowPrimitiveType, Float64Array, PrimitiveArray};
use datafusion::arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};

/// Rows that are computed in one go: small enough that the columns of a block stay in the L1
/// cache, and a constant, so that inner loops need no bounds checks. A multiple of 64, so that the
/// null bits of a block are whole words.
pub(crate) const BLOCK: usize = 256;

/// The whole number that means NULL.
pub(crate) const MISSING: i64 = i64::MIN;

/// A value of a result. Rows compute it in a lane as wide as the numbers that it comes from:
/// vectors hold as many lanes of both.
pub(crate) trait Cell: Copy + Default + 'static {
    /// Float64 or Int64.
    type Lane: Copy;

    /// The lane that means NULL.
    const MISSING: Self::Lane;

    /// Whether a lane means NULL.
    fn is_missing(lane: Self::Lane) -> bool;

    /// The value of a lane; any value for one that means NULL.
    fn narrow(lane: Self::Lane) -> Self;
}

impl Cell for f64 {
    type Lane = f64;
    const MISSING: f64 = f64::NAN;

    #[inline(always)]
    fn is_missing(lane: f64) -> bool {
        !lane.is_finite()
    }

    #[inline(always)]
    fn narrow(lane: f64) -> f64 {
        lane
    }
}

macro_rules! integer_cell {
    ($($native:ty),+) => {
        $(impl Cell for $native {
            type Lane = i64;
            const MISSING: i64 = MISSING;

            #[inline(always)]
            fn is_missing(lane: i64) -> bool {
                lane == MISSING
            }

            #[inline(always)]
            fn narrow(lane: i64) -> $native {
                lane as $native
            }
        })+
    };
}

integer_cell!(i8, i32, i64, u16);

/// Numbers that take part in a row: one for each, or the same one for all.
pub(crate) enum Column<'a> {
    Array(&'a Float64Array),
    Constant(f64),
}

/// What a row gets to see where a column is NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// Whatever number lies there: the result does not count.
    Anything,
    Nan,
}

impl Column<'_> {
    pub(crate) fn nulls(&self) -> Option<&NullBuffer> {
        match self {
            Self::Array(array) => array.nulls(),
            Self::Constant(_) => None,
        }
    }

    /// The numbers of a block from row `start` on, out of the column itself where that is possible.
    /// Beyond the last row they may be anything.
    #[inline(always)]
    fn block<'b>(
        &'b self,
        start: usize,
        nulls: Nulls,
        scratch: &'b mut [f64; BLOCK],
    ) -> &'b [f64; BLOCK] {
        let array = match self {
            Self::Array(array) => array,
            Self::Constant(value) => {
                scratch.fill(*value);
                return scratch;
            }
        };
        let rest = &array.values()[start..];
        let masked = nulls == Nulls::Nan && array.null_count() > 0;
        if let (Some(block), false) = (rest.first_chunk(), masked) {
            return block;
        }
        let rows = rest.len().min(BLOCK);
        scratch[..rows].copy_from_slice(&rest[..rows]);
        if masked {
            let present = |i: usize| array.is_valid(start + i);
            let numbers = scratch[..rows].iter_mut().enumerate();
            numbers.for_each(|(i, x)| *x = if present(i) { *x } else { f64::NAN });
        }
        scratch
    }
}

/// Results with the bits that say which of them are not NULL.
struct Results<T> {
    values: Vec<T>,
    present: Vec<u64>,
    any_missing: bool,
}

impl<T: Cell> Results<T> {
    #[inline(always)]
    fn push(&mut self, lanes: &[T::Lane; BLOCK], rows: usize) {
        let missing = lanes[..rows].iter().fold(false, |any, lane| any | T::is_missing(*lane));
        if missing {
            let (words, _) = lanes.as_chunks::<64>();
            self.present.extend(words.iter().map(present_bits::<T>));
        } else {
            self.present.extend_from_slice(&[u64::MAX; BLOCK / 64]);
        }
        self.any_missing |= missing;
        self.values.extend(lanes[..rows].iter().map(|lane| T::narrow(*lane)));
    }
}

#[inline(always)]
fn present_bits<T: Cell>(lanes: &[T::Lane; 64]) -> u64 {
    let bits = lanes.iter().enumerate();
    let word = bits.fold(0, |word, (i, lane)| word | u64::from(!T::is_missing(*lane)) << i);
    // The bits of a buffer are in the order of its bytes.
    word.to_le()
}

/// One value for each row: what `row` makes of the numbers of all columns in it. NULL are the rows
/// for which it says so and those of `nulls`.
pub(crate) fn map_rows<P, const N: usize>(
    columns: &[Column; N],
    rows: usize,
    reading: Nulls,
    nulls: Option<NullBuffer>,
    row: impl Fn([f64; N]) -> <P::Native as Cell>::Lane,
) -> PrimitiveArray<P>
where
    P: ArrowPrimitiveType,
    P::Native: Cell,
{
    let Results { values, present, any_missing } = map_widest(columns, rows, reading, row);
    let present = any_missing
        .then(|| NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(present), 0, rows)));
    let nulls = NullBuffer::union(nulls.as_ref(), present.as_ref());
    PrimitiveArray::new(values.into(), nulls)
}

/// With the widest vectors that the processor is known to have.
fn map_widest<T: Cell, const N: usize>(
    columns: &[Column; N],
    rows: usize,
    reading: Nulls,
    row: impl Fn([f64; N]) -> T::Lane,
) -> Results<T> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function needs, as was just asked.
        return unsafe { map_avx2(columns, rows, reading, row) };
    }
    map_blocks(columns, rows, reading, row)
}

/// The same code, compiled for vectors of four lanes. Results do not differ by a bit.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn map_avx2<T: Cell, const N: usize>(
    columns: &[Column; N],
    rows: usize,
    reading: Nulls,
    row: impl Fn([f64; N]) -> T::Lane,
) -> Results<T> {
    map_blocks(columns, rows, reading, row)
}

#[inline(always)]
fn map_blocks<T: Cell, const N: usize>(
    columns: &[Column; N],
    rows: usize,
    reading: Nulls,
    row: impl Fn([f64; N]) -> T::Lane,
) -> Results<T> {
    let mut results = Results {
        values: Vec::with_capacity(rows),
        present: Vec::with_capacity(rows.div_ceil(64)),
        any_missing: false,
    };
    let mut scratch = [[0.0; BLOCK]; N];
    let mut lanes = [T::MISSING; BLOCK];
    for start in (0..rows).step_by(BLOCK) {
        let mut scratch = scratch.iter_mut();
        let blocks: [&[f64; BLOCK]; N] = from_fn(|k| match scratch.next() {
            Some(scratch) => columns[k].block(start, reading, scratch),
            None => &[0.0; BLOCK],
        });
        for (i, lane) in lanes.iter_mut().enumerate() {
            *lane = row(from_fn(|k| blocks[k][i]));
        }
        results.push(&lanes, BLOCK.min(rows - start));
    }
    results
}
