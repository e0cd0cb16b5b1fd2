//! Scalar kernels against a bare Arrow multiply-add over the same bytes, a batch at a time:
//! `cargo bench -p cdrql-udfs --bench kernels`. The goal is at most three times the yardstick, which
//! reads a Float64 column for each column of numbers and two for each column of texts.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, ListArray, StringViewArray, StructArray,
};
use datafusion::arrow::compute::{binary, unary};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, UInt64Type};
use datafusion::common::ScalarValue;
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF};

const ROWS: usize = 8192;

/// What is in an argument.
#[derive(Debug, Clone, Copy)]
enum Argument {
    /// Numbers from 0 to a limit.
    To(f64),
    Flags,
    /// Names of codecs.
    Codecs,
    /// Histograms of 32 cells.
    Histograms,
    /// Parameters of the full E-model, each from 0 to a limit.
    Line(&'static [(&'static str, f64)]),
    /// The same text for all rows.
    Name(&'static str),
    Number(f64),
    Edges(&'static [f64]),
}

use Argument::{Codecs, Edges, Flags, Histograms, Line, Name, Number, To};

/// Numbers from 0 to 1 that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn numbers(&mut self, limit: f64) -> Float64Array {
        Float64Array::from_iter_values((0..ROWS).map(|_| self.unit() * limit))
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[(self.unit() * from.len() as f64) as usize]
    }
}

impl Argument {
    fn value(self, random: &mut Random) -> ColumnarValue {
        let codecs = ["PCMU", "PCMA", "x-msrta/16000", "x-msrta/8000", "SIREN", "G.729A+VAD"];
        let array: ArrayRef = match self {
            To(limit) => Arc::new(random.numbers(limit)),
            Flags => {
                Arc::new(BooleanArray::from_iter((0..ROWS).map(|_| Some(random.unit() < 0.5))))
            }
            Codecs => {
                Arc::new(StringViewArray::from_iter_values((0..ROWS).map(|_| random.pick(&codecs))))
            }
            Histograms => {
                let lists = (0..ROWS).map(|_| Some((0..32).map(Some).collect::<Vec<_>>()));
                Arc::new(ListArray::from_iter_primitive::<UInt64Type, _, _>(lists))
            }
            Line(fields) => {
                let fields = fields.iter().map(|(name, limit)| {
                    let field = Field::new(*name, DataType::Float64, true);
                    (Arc::new(field), Arc::new(random.numbers(*limit)) as ArrayRef)
                });
                Arc::new(StructArray::from(fields.collect::<Vec<_>>()))
            }
            Name(text) => return ColumnarValue::Scalar(text.into()),
            Number(number) => return ColumnarValue::Scalar(number.into()),
            Edges(edges) => {
                let edges: Vec<_> = edges.iter().copied().map(ScalarValue::from).collect();
                let list = ScalarValue::new_list(&edges, &DataType::Float64, true);
                return ColumnarValue::Scalar(ScalarValue::List(list));
            }
        };
        ColumnarValue::Array(array)
    }

    /// How many Float64 columns are as many bytes.
    fn width(self) -> usize {
        match self {
            To(_) | Flags => 1,
            Codecs => 2,
            Histograms => 32,
            Line(fields) => fields.len(),
            Name(_) | Number(_) | Edges(_) => 0,
        }
    }
}

/// Reads every column once and writes one, as the function does.
fn multiply_add(columns: &[Float64Array]) -> Float64Array {
    let first = unary::<_, _, Float64Type>(&columns[0], |x| x * 1.5 + 2.0);
    columns[1..].iter().fold(first, |sum, column| {
        binary::<_, _, _, Float64Type>(&sum, column, |sum, x| x * 1.5 + sum).unwrap()
    })
}

struct Call {
    udf: ScalarUDF,
    args: ScalarFunctionArgs,
}

impl Call {
    fn new(name: &str, arguments: &[Argument]) -> Self {
        let mut functions = cdrql_udfs::functions().scalar.into_iter();
        let udf = functions.find(|udf| udf.name() == name).unwrap();
        let mut random = Random(1);
        let args: Vec<_> = arguments.iter().map(|argument| argument.value(&mut random)).collect();
        let types: Vec<_> = args.iter().map(ColumnarValue::data_type).collect();
        let types = udf.inner().coerce_types(&types).unwrap();
        let args: Vec<_> =
            args.iter().zip(&types).map(|(arg, seen)| arg.cast_to(seen, None).unwrap()).collect();
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

const CASES: &[(&str, &[Argument])] = &[
    ("e_model_r", &[To(20.0), To(25.0), To(5.0), To(4.0), To(400.0)]),
    ("e_model_r_full", &[Line(&[("ta_ms", 400.0), ("loss_pct", 5.0), ("ie", 20.0)])]),
    ("r_to_mos", &[To(100.0)]),
    ("mos_to_r", &[To(4.4)]),
    ("r_to_gob_pct", &[To(100.0)]),
    ("r_to_pow_pct", &[To(100.0)]),
    ("r_category", &[To(100.0)]),
    ("idd", &[To(400.0)]),
    ("ie_eff", &[To(20.0), To(25.0), To(5.0), To(4.0)]),
    ("burst_ratio", &[To(1.0), To(1.0)]),
    ("codec_ie", &[Codecs]),
    ("codec_bpl", &[Codecs, Name("plc")]),
    ("e_model_r_wb", &[To(20.0), To(5.0), To(5.0), To(400.0)]),
    ("r_wb_to_mos", &[To(129.0)]),
    ("e_model_r_fb", &[To(20.0), To(10.0), To(5.0), To(400.0)]),
    ("r_fb_to_mos", &[To(148.0)]),
    ("est_one_way_ms", &[To(300.0), To(30.0)]),
    ("mos_cole_rosenbluth", &[To(400.0), To(0.1), Name("g711")]),
    ("mos_pingplotter", &[To(400.0), To(30.0), To(5.0)]),
    ("ie_burst_gap_avg", &[To(50.0), To(10.0), To(5.0), To(60.0)]),
    ("max_network_mos", &[Codecs, Name("pstn")]),
    ("network_mos_ceiling", &[To(4.0), To(1.0)]),
    ("classify_audio_stream", AUDIO),
    ("poor_audio_reasons", AUDIO),
    ("classify_video_stream", VIDEO),
    ("poor_video_reasons", VIDEO),
    ("classify_appsharing_stream", &[To(40.0), To(450.0), To(2.0)]),
    ("poor_appsharing_reasons", &[To(40.0), To(450.0), To(2.0)]),
    ("classify_vbss_stream", &[To(60.0), To(20.0), To(0.2), Flags, Name("H264"), Name("cqd2024")]),
    ("jitter_bucket", &[To(250.0)]),
    ("jitter_bucket_ord", &[To(250.0)]),
    ("rtt_bucket", &[To(1200.0)]),
    ("rtt_bucket_ord", &[To(1200.0)]),
    ("loss_bucket", &[To(0.3)]),
    ("loss_bucket_ord", &[To(0.3)]),
    ("mos_bucket", &[To(5.0)]),
    ("mos_bucket_ord", &[To(5.0)]),
    ("degradation_bucket", &[To(2.0)]),
    ("degradation_bucket_ord", &[To(2.0)]),
    ("bucket_right", &[To(250.0), Edges(&[5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0, 200.0])]),
    ("wilson_lower", &[To(10.0), To(100.0)]),
    ("wilson_upper", &[To(10.0), To(100.0)]),
    ("two_proportion_z", &[To(10.0), To(100.0), To(10.0), To(100.0)]),
    ("robust_z", &[To(100.0), To(50.0), To(10.0)]),
    ("ewma_upper", &[To(100.0), To(10.0), Number(0.3), Number(3.0), To(60.0)]),
    ("ewma_lower", &[To(100.0), To(10.0), Number(0.3), Number(3.0), To(60.0)]),
    ("loglinear_quantile", &[Histograms, Number(0.95)]),
    ("erlang_b", &[To(20.0), Number(30.0)]),
    ("erlang_c", &[To(20.0), Number(30.0)]),
    ("trunks_required", &[To(20.0), Number(0.01)]),
    ("audio_bandwidth_kbps", &[Codecs, Flags]),
];

const AUDIO: &[Argument] =
    &[To(1.2), To(600.0), To(0.12), To(36.0), To(0.08), To(4000.0), Name("lync2013")];

const VIDEO: &[Argument] = &[
    To(0.12),
    To(12.0),
    To(30.0),
    To(12.0),
    To(0.12),
    To(30.0),
    To(30.0),
    To(12.0),
    To(4000.0),
    Name("lync2013"),
];

fn kernels(criterion: &mut Criterion) {
    for (name, arguments) in CASES {
        let call = Call::new(name, arguments);
        let width = arguments.iter().map(|argument| argument.width()).sum();
        let mut random = Random(1);
        let columns: Vec<_> = (0..width).map(|_| random.numbers(100.0)).collect();
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
