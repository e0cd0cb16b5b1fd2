#!/usr/bin/env python3
"""Rows per second of `cdrql mirror` and of ConnectorX from one server; see README.md beside this."""

import argparse
import csv
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

SCHEMA = pathlib.Path(__file__).parents[2] / "src/schema/columns.csv"

CONNECTORX = """
import os, sys, time
import connectorx
start = time.monotonic()
table = connectorx.read_sql(os.environ["BENCH_SERVER_URL"], sys.argv[1], return_type="arrow")
print(table.num_rows, time.monotonic() - start)
"""


def processor_seconds(pid):
    """What a running process has used; 0 for a server on another machine."""
    if pid is None:
        return 0.0
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Ran:
    """A command's output, wall seconds, processor seconds (its own and the server's), peak MiB."""

    def __init__(self, command, env, server):
        before, start = processor_seconds(server), time.monotonic()
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.output = process.stdout.read()
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        self.wall = time.monotonic() - start
        self.server = processor_seconds(server) - before
        if status != 0:
            sys.exit(f"{command[0]} failed: {said}")
        self.cpu = used.ru_utime + used.ru_stime
        self.memory = used.ru_maxrss / 1024


def serve(options, source):
    """Starts the test server over a mirror, held in memory; returns the process and its address."""
    command = [options.tds_server, source, "--user", options.user, "--password", options.password]
    command += ["--hold"] if options.hold else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    address = re.search(r"listening on (\S+):(\d+)", process.stdout.readline())
    return process, f"{address[1]},{address[2]}"


def columns(options):
    """The table's first columns, and the others."""
    with SCHEMA.open() as file:
        names = [row["column"] for row in csv.DictReader(file)
                 if (row["database"], row["table"]) == (options.database, options.table)]
    return names[:options.columns], names[options.columns:]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrql", default="target/release/cdrql")
    parser.add_argument("--tds-server", default="target/release/tds-server")
    parser.add_argument("--server", help="HOST,PORT of a real server")
    parser.add_argument("--user", default="reader")
    parser.add_argument("--database", default="LcsCDR")
    parser.add_argument("--table", default="SessionDetails")
    parser.add_argument("--columns", type=int, default=20, help="so many of the published ones")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--connections", default="1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--source", help="a mirror to serve; one is made if not given")
    parser.add_argument("--stored", dest="hold", action="store_false",
                        help="serve the rows from their files instead of from memory")
    options = parser.parse_args()
    options.password = os.environ.get("CDRQL_PASSWORD", "for trials only")
    env = {**os.environ, "CDRQL_PASSWORD": options.password}

    scratch = tempfile.mkdtemp()
    server = None
    try:
        address = options.server
        if address is None:
            source = options.source or os.path.join(scratch, "source")
            if not os.path.exists(source):
                made = ["sample", "--into", source, "--sessions", str(options.rows)]
                subprocess.run([options.cdrql, *made], check=True)
            server, address = serve(options, source)
        compare(options, address, server and server.pid, scratch, env)
    finally:
        if server is not None:
            server.terminate()
        shutil.rmtree(scratch, ignore_errors=True)


def compare(options, address, server, scratch, env):
    host, port = address.split(",")
    secret = urllib.parse.quote(options.password, safe="")
    url = f"mssql://{options.user}:{secret}@{host}:{port}/{options.database}"
    # The address holds the password, so it goes by the environment and not by an argument.
    peer_env = {**env, "BENCH_SERVER_URL": url}
    wanted, others = columns(options)
    query = f"SELECT {', '.join(wanted)} FROM {options.database}.dbo.{options.table}"
    excluded = [part for name in others for part in ("--exclude", f"{options.table}.{name}")]
    ratios = []
    print("round  reader       rows      rows/s   wall s    cpu s  server cpu s  peak MiB")
    for number in range(options.rounds):
        peer = Ran([sys.executable, "-c", CONNECTORX, query], peer_env, server)
        rows, seconds = peer.output.split()
        into = os.path.join(scratch, f"mirror-{number}")
        command = [options.cdrql, "mirror", "--server", address, "--user", options.user,
                   "--database", options.database, "--into", into, "--only", options.table,
                   "--connections", options.connections, "--encrypt", "not-supported", *excluded]
        own = Ran(command, env, server)
        rows, seconds = int(rows), float(seconds)
        for name, ran, wall in [("ConnectorX", peer, seconds), ("cdrql", own, own.wall)]:
            print(f"{number:5}  {name:10} {rows:10} {rows / wall:10,.0f} {wall:8.2f} {ran.cpu:8.2f}"
                  f" {ran.server:13.2f} {ran.memory:9.0f}")
        ratios.append(seconds / own.wall)
    print(f"ratio  {statistics.median(ratios):.2f} (median of {options.rounds})")


if __name__ == "__main__":
    main()
