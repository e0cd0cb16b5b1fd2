//! Prints the reference page of all functions:
//! `cargo run -p cdrql-udfs --example functions_md > docs/functions.md`

fn main() {
    print!("{}", cdrql_udfs::functions_markdown());
}
