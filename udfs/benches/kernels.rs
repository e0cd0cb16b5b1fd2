//! Scalar kernels against a bare Arrow multiply-add over the same bytes, a batch at a time:
//! `cargo bench -p cdrql-udfs`. The goal is at most three times the yardstick of as many columns.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use datafusion::arrow::array::{Array, ArrayRef, Float64Array};
use datafusion::arrow::compute::{binary, unary};
use datafusion::arrow::datatypes::{Field, Float64Type};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF};

const ROWS: usize = 8192;

/// Numbers from 0 to a limit that look random and are the same in every run.
fn column(seed: u64, limit: f64) -> ArrayRef {
    let mut state = seed;
    Arc::new(Float64Array::from_iter_values((0..ROWS).map(|_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64 * limit
    })))
}

fn columns(limits: &[f64]) -> Vec<ArrayRef> {
    (1..).zip(limits).map(|(seed, limit)| column(seed, *limit)).collect()
}

/// Reads every column once and writes one, as the function does.
fn multiply_add(columns: &[ArrayRef]) -> Float64Array {
    let numbers = |i: usize| columns[i].as_any().downcast_ref::<Float64Array>().unwrap();
    let first = unary::<_, _, Float64Type>(numbers(0), |x| x * 1.5 + 2.0);
    let add = |sum: Float64Array, i: usize| {
        binary::<_, _, _, Float64Type>(&sum, numbers(i), |sum, x| x * 1.5 + sum).unwrap()
    };
    (1..columns.len()).fold(first, add)
}

struct Call {
    udf: ScalarUDF,
    args: ScalarFunctionArgs,
}

impl Call {
    fn new(name: &str, columns: &[ArrayRef], constant: Option<&str>) -> Self {
        let mut functions = cdrql_udfs::functions().scalar.into_iter();
        let udf = functions.find(|udf| udf.name() == name).unwrap();
        let columns = columns.iter().cloned().map(ColumnarValue::Array);
        let args: Vec<_> =
            columns.chain(constant.map(|text| ColumnarValue::Scalar(text.into()))).collect();
        let fields = args.iter().map(|arg| Arc::new(Field::new("", arg.data_type(), true)));
        let arg_fields: Vec<_> = fields.collect();
        let no_literals = vec![None; args.len()];
        let field = ReturnFieldArgs { arg_fields: &arg_fields, scalar_arguments: &no_literals };
        let return_field = udf.return_field_from_args(field).unwrap();
        let config_options = Arc::new(ConfigOptions::default());
        let args = ScalarFunctionArgs {
            args,
            arg_fields,
            number_rows: ROWS,
            return_field,
            config_options,
        };
        Self { udf, args }
    }

    fn run(&self) -> ColumnarValue {
        self.udf.invoke_with_args(self.args.clone()).unwrap()
    }
}

fn kernels(criterion: &mut Criterion) {
    let cases = [
        ("r_to_mos", &[100.0][..], None),
        ("mos_to_r", &[4.4], None),
        ("e_model_r", &[20.0, 25.0, 5.0, 4.0, 400.0], None),
        ("jitter_bucket", &[250.0], None),
        ("jitter_bucket_ord", &[250.0], None),
        ("loss_bucket", &[0.3], None),
        ("classify_audio_stream", &[1.2, 600.0, 0.12, 36.0, 0.08, 4000.0], Some("lync2013")),
        ("poor_audio_reasons", &[1.2, 600.0, 0.12, 36.0, 0.08, 4000.0], Some("lync2013")),
    ];
    for (name, limits, constant) in cases {
        let columns = columns(limits);
        let call = Call::new(name, &columns, constant);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(ROWS as u64));
        group.bench_function(BenchmarkId::new("function", ROWS), |b| {
            b.iter(|| black_box(call.run()))
        });
        group.bench_function(BenchmarkId::new("multiply_add", ROWS), |b| {
            b.iter(|| black_box(multiply_add(black_box(&columns))));
        });
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
