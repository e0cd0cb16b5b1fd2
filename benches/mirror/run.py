"""Rows per second of `cdrql mirror` and of ConnectorX from one server; see README.md beside this."""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

CONNECTORX = """
import os, sys, time
import connectorx
start = time.monotonic()
table = connectorx.read_sql(os.environ["BENCH_SERVER_URL"], sys.argv[1], return_type="arrow")
print(table.num_rows, time.monotonic() - start)
"""


def measured(command, env):
    """Runs a command; returns its stdout, wall seconds, processor seconds and peak MiB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    output, _ = process.communicate()
    wall = time.monotonic() - start
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return output, wall, cpu, after.ru_maxrss / 1024


def serve(options, source):
    """Starts the test server over a mirror; returns the process and its address."""
    command = [options.tds_server, source, "--user", options.user, "--password", options.password]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    address = re.search(r"listening on (\S+):(\d+)", process.stdout.readline())
    return process, f"{address[1]},{address[2]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrql", default="target/release/cdrql")
    parser.add_argument("--tds-server", default="target/release/tds-server")
    parser.add_argument("--server", help="HOST,PORT of a real server")
    parser.add_argument("--user", default="reader")
    parser.add_argument("--database", default="LcsCDR")
    parser.add_argument("--table", default="SessionDetails")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--connections", default="1")
    options = parser.parse_args()
    options.password = os.environ.get("CDRQL_PASSWORD", "for trials only")
    env = {**os.environ, "CDRQL_PASSWORD": options.password}

    scratch = tempfile.mkdtemp()
    server = None
    try:
        address = options.server
        if address is None:
            source = os.path.join(scratch, "source")
            made = ["sample", "--into", source, "--sessions", str(options.rows)]
            subprocess.run([options.cdrql, *made], check=True)
            server, address = serve(options, source)
        host, port = address.split(",")
        secret = urllib.parse.quote(options.password, safe="")
        url = f"mssql://{options.user}:{secret}@{host}:{port}/{options.database}"
        # The address holds the password, so it goes by the environment and not by an argument.
        peer_env = {**env, "BENCH_SERVER_URL": url}
        query = f"SELECT * FROM {options.database}.dbo.{options.table}"
        output, _, peer_cpu, peer_memory = measured(
            [sys.executable, "-c", CONNECTORX, query], peer_env
        )
        rows, seconds = output.split()
        peer = int(rows) / float(seconds)

        into = os.path.join(scratch, "mirror")
        command = [options.cdrql, "mirror", "--server", address, "--user", options.user]
        command += ["--database", options.database, "--into", into, "--only", options.table]
        command += ["--connections", options.connections, "--encrypt", "not-supported"]
        _, wall, cpu, memory = measured(command, env)
        own = int(rows) / wall

        print(f"rows        {rows}")
        print(f"ConnectorX  {peer:12,.0f} rows/s  {peer_cpu:6.1f} s cpu  {peer_memory:6.0f} MiB")
        print(f"cdrql       {own:12,.0f} rows/s  {cpu:6.1f} s cpu  {memory:6.0f} MiB")
        print(f"ratio       {own / peer:.2f}")
    finally:
        if server is not None:
            server.terminate()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
