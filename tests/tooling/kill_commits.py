#!/usr/bin/env python3
"""Kills a writer at random moments and checks what it leaves: kill_commits.py [KILLS] [SEED]

Needs nothing but Python and cargo. Each time the mirror must open at the last snapshot that the
writer reported, or at the one after it (published, but killed before it could say so), and its
tables must fit together.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[2]


def build() -> str:
    build = ["cargo", "build", "--example", "kill_writer", "--message-format", "json"]
    messages = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    found = [json.loads(line) for line in messages.splitlines() if line.startswith(b"{")]
    return next(m["executable"] for m in found if m.get("executable"))


def last_number(text: str, otherwise: int) -> int:
    # The last line may have been cut by the kill.
    lines = text.split("\n")[:-1]
    return int(lines[-1]) if lines else otherwise


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    print(f"{kills} kills, seed {seed}")
    chance = random.Random(seed)
    program = build()
    newest = unreported = 0
    with tempfile.TemporaryDirectory() as directory:
        for kill in range(kills):
            writer = subprocess.Popen([program, "work", directory], stdout=subprocess.PIPE, text=True)
            time.sleep(chance.uniform(0.005, 0.5))
            writer.kill()
            published = last_number(writer.communicate()[0], newest)
            check = subprocess.run([program, "check", directory], capture_output=True, text=True)
            if check.returncode != 0:
                sys.exit(f"kill {kill + 1}: {check.stderr}")
            found = int(check.stdout)
            if found not in (published, published + 1):
                sys.exit(f"kill {kill + 1}: {published} published, {found} found")
            unreported += found == published + 1
            newest = found
    print(f"all well: {newest} snapshots, {unreported} published by a writer killed before it said so")


if __name__ == "__main__":
    main()
