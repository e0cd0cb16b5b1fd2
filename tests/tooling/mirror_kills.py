#!/usr/bin/env python3
"""Kills `cdrql mirror` at random moments and checks what it leaves:

    pip install pymssql
    cargo test --no-run -p cdrql -p cdrql-udfs -p tds-server --bin cdrql --bin tds-server
    mirror_kills.py [KILLS] [SEED] [--programs target/debug]

The TDS server of the tests serves the sample. In every round the source changes in both databases:
rows are rewritten, a row is added. Then the mirror is run and killed until one run survives. After
each kill the mirror must open at the round before or at this one, in all tables alike, without a
row lost or doubled; the run that survives must reach this round, and verify must find it whole.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import pymssql

ROOT = pathlib.Path(__file__).parents[2]
USER, PASSWORD = "sa", "Passw0rd!"
# Kills of one mirror, from its first load on; then another one is begun.
KILLS_PER_MIRROR = 25
STAMP = 1_000_000
APPLICATION = 1

SESSIONS, STREAMS = "LcsCDR.dbo.SessionDetails", "QoEMetrics.dbo.AudioStream"
KEYS = {
    SESSIONS: "SessionIdTime, SessionIdSeq",
    STREAMS: "ConferenceDateTime, SessionSeq, MediaLineLabel, StreamID",
}
STAMPED = {SESSIONS: ("SessionIdTime", "DiagnosticId"),
           STREAMS: ("ConferenceDateTime", "JitterInterArrival")}


class Source:
    """The server, and what its tables hold in every round."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.connection = pymssql.connect("127.0.0.1", USER, PASSWORD, port=str(self.port),
                                          tds_version="7.4", autocommit=True)
        self.round = 0
        self.since = {t: self.ask(f"SELECT CONVERT(varchar(10), MAX({time}), 120) FROM {t}")
                      for t, (time, _) in STAMPED.items()}
        self.rows = {table: self.ask(f"SELECT COUNT(*) FROM {table}") for table in KEYS}
        columns = "SELECT name FROM LcsCDR.sys.columns WHERE object_id = " \
            "(SELECT object_id FROM LcsCDR.sys.tables WHERE name = 'SessionDetails')"
        cursor = self.connection.cursor()
        cursor.execute(columns)
        self.columns = [name for (name,) in cursor.fetchall()]
        self.newest = self.ask(f"SELECT CONVERT(varchar(23), MAX(SessionIdTime), 121) FROM {SESSIONS}")
        self.stamp()

    def ask(self, text):
        cursor = self.connection.cursor()
        cursor.execute(text)
        return cursor.fetchone()[0]

    def execute(self, text):
        self.connection.cursor().execute(text)

    def stamp(self):
        number = STAMP + self.round
        self.execute(f"UPDATE LcsCDR.dbo.Application SET Name = 'round {self.round}' "
                     f"WHERE ApplicationId = {APPLICATION}")
        for table, (moment, column) in STAMPED.items():
            self.execute(f"UPDATE {table} SET {column} = {number} "
                         f"WHERE {moment} >= '{self.since[table]}'")

    def change(self):
        """The next round: one session more, and every stamp higher."""
        self.round += 1
        selected = ", ".join(f"{STAMP + self.round} AS SessionIdSeq" if c == "SessionIdSeq" else c
                             for c in self.columns)
        first = f"SELECT TOP 1 {selected} FROM {SESSIONS} WHERE SessionIdTime = '{self.newest}'"
        self.execute(f"INSERT INTO {SESSIONS} {first}")
        self.rows[SESSIONS] += 1
        self.stamp()

    def state(self):
        return self.expected(self.round, self.rows[SESSIONS])

    def before(self):
        return self.expected(self.round - 1, self.rows[SESSIONS] - 1)

    def expected(self, number, sessions):
        found = {"application": f"round {number}"}
        for name, rows in (("sessions", sessions), ("streams", self.rows[STREAMS])):
            low_high = {f"{name}_low": STAMP + number, f"{name}_high": STAMP + number}
            found |= low_high | {f"{name}_rows": rows, f"{name}_keys": rows}
        return found


class Mirror:
    def __init__(self, program, directory, source):
        self.program, self.directory, self.source = program, directory, source

    def start(self):
        where = ["--server", f"127.0.0.1,{self.source.port}", "--user", USER,
                 "--encrypt", "not-supported", "--into", self.directory]
        return subprocess.Popen([self.program, "mirror", *where], text=True,
                                env=os.environ | {"CDRQL_PASSWORD": PASSWORD},
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ask(self, *arguments):
        command = [self.program, "--mirror", self.directory, *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    def state(self):
        """What the mirror shows; None while it has no snapshot."""
        parts = [f"(SELECT MAX(Name) AS application FROM LcsCDR.dbo.Application "
                 f"WHERE ApplicationId = {APPLICATION}) a"]
        for name, table in (("sessions", SESSIONS), ("streams", STREAMS)):
            moment, column = STAMPED[table]
            since = self.source.since[table]
            parts.append(f"(SELECT MIN({column}) AS {name}_low, MAX({column}) AS {name}_high "
                         f"FROM {table} WHERE {moment} >= '{since}') {name}_stamps")
            parts.append(f"(SELECT COUNT(*) AS {name}_rows FROM {table}) {name}_all")
            distinct = f"SELECT DISTINCT {KEYS[table]} FROM {table}"
            parts.append(f"(SELECT COUNT(*) AS {name}_keys FROM ({distinct}) k) {name}_distinct")
        text = "SELECT * FROM " + " CROSS JOIN ".join(parts)
        answer = self.ask("run", "-c", text, "--format", "json")
        if answer.returncode == 0:
            [row] = json.loads(answer.stdout)
            return row
        if answer.returncode == 3 and ("no snapshot yet" in answer.stderr
                                       or "no such directory" in answer.stderr
                                       or "not a mirror" in answer.stderr):
            return None
        sys.exit(f"the mirror does not open: {answer.stderr}")

    def verify(self):
        answer = self.ask("verify")
        if answer.returncode != 0:
            sys.exit(f"verify finds damage: {answer.stdout}{answer.stderr}")


def survive(mirror, duration, chance, budget):
    """Runs and kills the mirror until a run survives; returns the kills and how many were late."""
    source, kills, late = mirror.source, 0, 0
    # The first round has nothing before it: the mirror has no snapshot then.
    allowed = [source.state(), None if source.round == mirror.first else source.before()]
    while True:
        run = mirror.start()
        try:
            left = kills < budget
            _, said = run.communicate(timeout=chance.uniform(0, duration * 1.1) if left else None)
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
            kills += 1
            state = mirror.state()
            if state not in allowed:
                sys.exit(f"kill {kills} of round {source.round}: {state}, not one of {allowed}")
            late += state == allowed[0]
            continue
        if run.returncode != 0:
            sys.exit(f"round {source.round}: the run after {kills} kills failed: {said}")
        if mirror.state() != allowed[0]:
            sys.exit(f"round {source.round} is not reached: {mirror.state()}, not {allowed[0]}")
        mirror.verify()
        return kills, late


def timed(mirror):
    begun = time.monotonic()
    survive(mirror, 0, random, 0)
    return time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kills", type=int, nargs="?", default=200)
    parser.add_argument("seed", type=int, nargs="?", default=time.time_ns())
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "target/debug")
    options = parser.parse_args()
    print(f"{options.kills} kills, seed {options.seed}")
    chance = random.Random(options.seed)
    cdrql = options.programs / "cdrql"
    source = Source(options.programs / "tds-server")
    try:
        kills, late, rounds = run(cdrql, source, chance, options.kills)
    finally:
        source.process.kill()
    print(f"all well: {kills} kills in {rounds} rounds, {late} of them after the snapshot was published")


def run(cdrql, source, chance, wanted):
    kills = late = rounds = 0
    with tempfile.TemporaryDirectory() as directory:
        first = Mirror(cdrql, pathlib.Path(directory) / "timed", source)
        first.first = source.round
        load = timed(first)
        source.change()
        sync = timed(first)
    print(f"undisturbed: first load {load:.1f} s, sync {sync:.1f} s")
    while kills < wanted:
        with tempfile.TemporaryDirectory() as directory:
            mirror = Mirror(cdrql, pathlib.Path(directory) / "mirror", source)
            mirror.first = source.round
            here = 0
            while kills < wanted and here < KILLS_PER_MIRROR:
                duration = load if source.round == mirror.first else sync
                more, after = survive(mirror, duration, chance, wanted - kills)
                kills, late, here, rounds = kills + more, late + after, here + more, rounds + 1
                print(f"round {source.round}: {more} kills, {kills} of {wanted}", flush=True)
                source.change()
    return kills, late, rounds


if __name__ == "__main__":
    main()
