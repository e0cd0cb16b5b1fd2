#!/usr/bin/env python3
"""The eleven analyst queries on cdrql and on DuckDB, side by side over one mirror.

    cargo run --release -- sample --into /tmp/ten-million --sessions 10000000
    pip install duckdb
    benches/compare/run.py /tmp/ten-million

Each query runs several times on each engine and the best time counts. The table shows seconds and
cdrql's ratio to each yardstick (below 1: cdrql is faster). DuckDB reads its own native tables and,
apart from that, the mirror's Parquet files. Rows are compared before times are believed.
"""

import argparse
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import time

import duckdb

HERE = pathlib.Path(__file__).parent
QUERIES = HERE / "queries.sql"


def queries(path=QUERIES):
    """(name, text) of each query in the file."""
    parts = re.split(r"^-- name: (.+)$", path.read_text(), flags=re.M)[1:]
    return [(n.strip(), t.strip().rstrip(";")) for n, t in zip(parts[::2], parts[1::2])]


def tables(mirror):
    """{database.schema.table: Parquet files} of the newest snapshot."""
    newest = max((mirror / "_cdrql" / "snapshots").glob("*.json"))
    _checksum, body = newest.read_text().split("\n", 1)
    for table in json.loads(body)["tables"]:
        definition = table["def"]
        name = ".".join((definition["database"], definition["schema"], definition["name"]))
        yield name, [str(mirror / f["path"]) for f in table["files"]]


def used(sql, names):
    """Tables that the queries mention; the others need not be loaded."""
    return {n for n in names if n.lower() in sql.lower()}


def attach(mirror, native, path=QUERIES):
    """A DuckDB connection with the mirror's tables that the queries use: its own copies, or views over Parquet."""
    db = duckdb.connect()
    db.execute(f"SET threads = {os.cpu_count()}")
    for database in ("LcsCDR", "QoEMetrics"):
        db.execute(f"ATTACH ':memory:' AS {database}")
        db.execute(f"CREATE SCHEMA {database}.dbo")
    files = dict(tables(mirror))
    for name in sorted(used(path.read_text(), files)):
        if files[name]:
            kind = "TABLE" if native else "VIEW"
            db.execute(f"CREATE {kind} {name} AS SELECT * FROM read_parquet({files[name]!r})")
    return db


def run_duckdb(db, sql, times):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        rows = db.execute(sql).fetchall()
        seconds.append(time.perf_counter() - start)
    return rows, seconds


def run_cdrql(mirror, times, binary, path=QUERIES):
    """{name: (rows, seconds)} of all queries in the file, by one warm process."""
    command = binary or ["cargo", "bench", "--quiet", "--bench", "compare", "--"]
    command = [*command, str(mirror), str(path), str(times)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    reports = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {r["name"]: ([tuple(row.values()) for row in r["rows"]], r["seconds"]) for r in reports}


def same(ours, theirs):
    """Equal rows; numbers within rounding, dates and times as text."""
    if len(ours) != len(theirs):
        return False
    return all(same_value(a, b) for x, y in zip(ours, theirs) for a, b in zip(x, filled(y)))


def filled(row):
    """JSON leaves nulls out; so does this."""
    return [v for v in row if v is not None]


def same_value(a, b):
    if isinstance(a, (int, float)) and not isinstance(a, bool):
        return math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-12)
    return str(a).replace("T", " ").rstrip("0").rstrip(".") == str(b).rstrip("0").rstrip(".")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mirror", type=pathlib.Path)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--binary", nargs="+", help="the compare benchmark, already built")
    options = parser.parse_args()

    cdrql = run_cdrql(options.mirror, options.times, options.binary)
    engines = {"native": attach(options.mirror, True), "parquet": attach(options.mirror, False)}
    print(f"DuckDB {duckdb.__version__}, best of {options.times}, {os.cpu_count()} cores\n")
    print("| query | cdrql s | DuckDB native s | ratio | DuckDB Parquet s | ratio | rows |")
    print("|---|---:|---:|---:|---:|---:|---|")
    wrong = 0
    for name, sql in queries():
        rows, seconds = cdrql[name]
        best = min(seconds)
        cells = [f"{best:.3f}"]
        for db in engines.values():
            theirs, times = run_duckdb(db, sql, options.times)
            cells += [f"{min(times):.3f}", f"{best / min(times):.2f}"]
        equal = same(rows, theirs)
        wrong += not equal
        print("|", " | ".join([name, *cells, f"{len(rows)} equal" if equal else "DIFFER"]), "|", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
