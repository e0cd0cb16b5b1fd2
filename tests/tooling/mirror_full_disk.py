#!/usr/bin/env python3
"""Lets the disk run full under `cdrql mirror` at random moments and checks what it leaves (as root):

    pip install pymssql
    cargo test --no-run --workspace
    mirror_full_disk.py [TIMES] [SEED] [--programs target/debug]

A file system of its own (tmpfs) is filled up to a random rest before each run. A run that ends for
want of room must say so, with exit code 3, and leave the mirror at the round before; once there is
room again, the next run must reach this round, and verify must find it whole.
"""
import argparse
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from mirror_kills import ROOT, Mirror, Source

SIZE = 64 << 20


class Disk:
    """A small file system, and a file that takes up the room."""

    def __init__(self, directory):
        self.directory, self.filler = pathlib.Path(directory), pathlib.Path(directory) / "filler"

    def __enter__(self):
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", self.directory]
        subprocess.run(mount, check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.directory], check=True)

    def leave(self, rest):
        """Takes up all room but so many bytes."""
        free = self.free()
        with self.filler.open("wb") as file:
            left = max(0, free - rest)
            while left > 0:
                left -= file.write(b"\0" * min(left, 1 << 20))

    def clear(self):
        self.filler.unlink(missing_ok=True)

    def free(self):
        return shutil.disk_usage(self.directory).free


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("times", type=int, nargs="?", default=40)
    parser.add_argument("seed", type=int, nargs="?", default=time.time_ns())
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "target/debug")
    options = parser.parse_args()
    print(f"{options.times} runs, seed {options.seed}")
    chance = random.Random(options.seed)
    source = Source(options.programs / "tds-server")
    try:
        with tempfile.TemporaryDirectory() as directory, Disk(directory) as disk:
            full = run(options, source, chance, disk)
    finally:
        source.process.kill()
    print(f"all well: the disk was full in {full} of {options.times} runs")


def run(options, source, chance, disk):
    mirror = Mirror(options.programs / "cdrql", disk.directory / "mirror", source)
    full = 0
    for number in range(options.times):
        before = mirror.state()
        needed = SIZE // 4 if number == 0 else SIZE // 16
        disk.leave(chance.randrange(needed))
        code, said = finish(mirror)
        # What reads needs no room, but what failed may have left none for itself either.
        disk.clear()
        if code == 3:
            full += 1
            if "No space left" not in said and "StorageFull" not in said:
                sys.exit(f"run {number} does not tell of the full disk: {said}")
            if mirror.state() != before:
                sys.exit(f"run {number}: {mirror.state()}, not {before}: {said}")
            code, said = finish(mirror)
        if code != 0:
            sys.exit(f"run {number}: exit code {code}: {said}")
        if mirror.state() != source.state():
            sys.exit(f"run {number}: {mirror.state()}, not {source.state()}")
        mirror.verify()
        print(f"run {number}: {full} times full", flush=True)
        source.change()
    return full


def finish(mirror):
    process = mirror.start()
    _, said = process.communicate()
    return process.returncode, said


if __name__ == "__main__":
    main()
