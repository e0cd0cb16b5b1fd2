#!/usr/bin/env python3
"""Reads a mirror's tables as Delta Lake tables with other makes' readers:

    pip install deltalake polars duckdb pyarrow
    other_readers.py DIR [--cdrql PATH]

Each of them must see, table by table, exactly the rows of the files that the newest snapshot names;
with --cdrql also the rows that this program exports. DuckDB reads through its delta extension where
it can be installed, and otherwise the files that the Delta log names.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import deltalake
import duckdb
import polars
import pyarrow
import pyarrow.parquet
from polars.testing import assert_frame_equal


def newest_snapshot(mirror: pathlib.Path) -> dict:
    newest = max((mirror / "_cdrql/snapshots").glob("*.json"))
    header, body = newest.read_text().splitlines()
    return json.loads(body)


def directory(mirror: pathlib.Path, table: dict) -> pathlib.Path:
    """The directory of the table's files; a table without a file has nothing to compare."""
    return (mirror / table["files"][0]["path"]).parent


def of_snapshot(mirror: pathlib.Path, table: dict) -> polars.DataFrame:
    files = [pyarrow.parquet.read_table(mirror / f["path"], partitioning=None) for f in table["files"]]
    return polars.from_arrow(pyarrow.concat_tables(files, promote_options="default"))


def by_delta_rs(path: pathlib.Path) -> polars.DataFrame:
    return polars.from_arrow(deltalake.DeltaTable(path).to_pyarrow_table())


def by_polars(path: pathlib.Path) -> polars.DataFrame:
    return polars.read_delta(str(path))


def by_duckdb(path: pathlib.Path) -> polars.DataFrame:
    try:
        duckdb.sql("INSTALL delta; LOAD delta")
        rows = duckdb.sql(f"SELECT * FROM delta_scan('{path}')")
    except duckdb.Error:
        files = deltalake.DeltaTable(path).file_uris()
        rows = duckdb.read_parquet(files, union_by_name=True)
    return polars.from_arrow(rows.to_arrow_table())


def by_cdrql(program: str, mirror: pathlib.Path, table: dict) -> polars.DataFrame:
    name = ".".join(f"[{table['def'][part]}]" for part in ("database", "schema", "name"))
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / "out.parquet"
        query = f"SELECT * FROM {name}"
        command = [program, "--mirror", mirror, "run", "-c", query, "--format", "parquet", "-o", out]
        subprocess.run(command, check=True)
        return polars.from_arrow(pyarrow.parquet.read_table(out))


def compare(expected: polars.DataFrame, found: polars.DataFrame) -> None:
    assert_frame_equal(found, expected, check_row_order=False, check_dtypes=False, check_exact=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mirror", type=pathlib.Path)
    parser.add_argument("--cdrql")
    arguments = parser.parse_args()
    tables = [t for t in newest_snapshot(arguments.mirror)["tables"] if t["files"]]
    for table in tables:
        name = f"{table['def']['database']}.{table['def']['name']}"
        path = directory(arguments.mirror, table)
        expected = of_snapshot(arguments.mirror, table)
        if expected.height != sum(f["rows"] for f in table["files"]):
            sys.exit(f"{name}: {expected.height} rows in the files, not what the snapshot says")
        for reader in (by_delta_rs, by_polars, by_duckdb):
            try:
                compare(expected, reader(path))
            except Exception as problem:
                sys.exit(f"{name}, {reader.__name__}: {problem}")
        if arguments.cdrql:
            compare(expected, by_cdrql(arguments.cdrql, arguments.mirror, table))
        print(f"{name}: {expected.height} rows")
    print(f"{len(tables)} tables, the same rows by every reader")


if __name__ == "__main__":
    main()
