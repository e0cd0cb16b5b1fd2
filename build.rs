//! Views and the sample are embedded as directories, whose changes cargo does not see by itself.

fn main() {
    for directory in ["src/views", "sample-data"] {
        println!("cargo::rerun-if-changed={directory}");
    }
}
