#!/usr/bin/env python3
"""Checks the Erlang functions against other forms of the formulas:

    pip install scipy pyworkforce
    erlang_oracle.py CDRQL

Erlang B is a quotient of Poisson probabilities (scipy), where ours is a recursion over lines;
Erlang C is pyworkforce's for small systems and follows from scipy's B for large ones; the trunks for
a target are found by trying one number after another.
"""
import json
import math
import subprocess
import sys

import scipy.special
import scipy.stats
from pyworkforce.queuing import ErlangC

TRAFFIC = [0.01, 0.5, 1, 3.2, 7.5, 12, 20, 33.3, 60, 100, 250, 800]
LINES = [1, 2, 3, 5, 8, 10, 18, 24, 30, 50, 64, 100, 128, 300, 900]
TARGETS = [0.1, 0.05, 0.01, 0.001]


def blocked(erlangs: float, lines: int) -> float:
    """In logarithms, for the probabilities of large systems are tiny."""
    terms = scipy.stats.poisson.logpmf(range(lines + 1), erlangs)
    return math.exp(terms[-1] - scipy.special.logsumexp(terms))


def waiting(erlangs: float, lines: int) -> float:
    if erlangs >= lines:
        return 1.0
    if lines <= 30:
        # As many calls in an hour of one hour each are as many erlangs.
        return ErlangC(transactions=erlangs, aht=60, interval=60, asa=1, shrinkage=0).waiting_probability(positions=lines)
    b = blocked(erlangs, lines)
    return b / (1 - erlangs / lines * (1 - b))


def needed(erlangs: float, target: float) -> int:
    lines = 1
    while blocked(erlangs, lines) > target:
        lines += 1
    return lines


def ours(cdrql: str) -> list:
    pairs = ",".join(f"({a}, {n})" for a in TRAFFIC for n in LINES)
    targets = ",".join(f"({a}, {t})" for a in TRAFFIC for t in TARGETS)
    sql = f"""SELECT 'b' AS f, a, n, erlang_b(a, n) AS y FROM (VALUES {pairs}) AS v(a, n)
      UNION ALL SELECT 'c' AS f, a, n, erlang_c(a, n) AS y FROM (VALUES {pairs}) AS v(a, n)
      UNION ALL SELECT 'n' AS f, a, n, trunks_required(a, n) AS y FROM (VALUES {targets}) AS v(a, n)"""
    command = [cdrql, "run", "--format", "ndjson", "-"]
    text = subprocess.run(command, input=sql, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def main() -> None:
    wrong, rows = 0, ours(sys.argv[1])
    for row in rows:
        a, n = row["a"], row["n"]
        expected = {"b": blocked, "c": waiting, "n": needed}[row["f"]](a, n if row["f"] == "n" else int(n))
        if not math.isclose(row["y"], expected, rel_tol=1e-9, abs_tol=1e-12):
            wrong += 1
            print(f"{row['f']}({a}, {n}) is {row['y']}, not {expected}")
    print(f"{len(rows)} figures, {wrong} differ")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
