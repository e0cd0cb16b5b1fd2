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

/// Functions with the limits of their columns, and the constant that comes last.
const CASES: &[(&str, &[f64], Option<&str>)] = &[
    ("r_to_mos", &[100.0], None),
    ("mos_to_r", &[4.4], None),
    ("r_to_gob_pct", &[100.0], None),
    ("r_category", &[100.0], None),
    ("idd", &[400.0], None),
    ("ie_eff", &[20.0, 25.0, 5.0, 4.0], None),
    ("e_model_r", &[20.0, 25.0, 5.0, 4.0, 400.0], None),
    ("est_one_way_ms", &[300.0, 30.0], None),
    ("mos_cole_rosenbluth", &[400.0, 0.1], Some("g711")),
    ("mos_pingplotter", &[400.0, 30.0, 5.0], None),
    ("network_mos_ceiling", &[4.0, 1.0], None),
    ("jitter_bucket", &[250.0], None),
    ("jitter_bucket_ord", &[250.0], None),
    ("rtt_bucket_ord", &[1200.0], None),
    ("loss_bucket", &[0.3], None),
    ("loss_bucket_ord", &[0.3], None),
    ("mos_bucket_ord", &[5.0], None),
    ("classify_audio_stream", AUDIO, Some("lync2013")),
    ("poor_audio_reasons", AUDIO, Some("lync2013")),
    ("classify_video_stream", VIDEO, Some("lync2013")),
    ("poor_video_reasons", VIDEO, Some("lync2013")),
    ("classify_appsharing_stream", &[40.0, 450.0, 2.0], None),
    ("wilson_lower", &[10.0, 100.0], None),
    ("two_proportion_z", &[10.0, 100.0, 10.0, 100.0], None),
    ("robust_z", &[100.0, 50.0, 10.0], None),
];

const AUDIO: &[f64] = &[1.2, 600.0, 0.12, 36.0, 0.08, 4000.0];
const VIDEO: &[f64] = &[0.12, 12.0, 30.0, 12.0, 0.12, 30.0, 30.0, 12.0, 4000.0];

fn kernels(criterion: &mut Criterion) {
    for (name, limits, constant) in CASES {
        let columns = columns(limits);
        let call = Call::new(name, &columns, *constant);
        let mut group = criterion.benchmark_group(*name);
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
