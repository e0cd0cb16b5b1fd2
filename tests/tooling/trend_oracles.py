#!/usr/bin/env python3
"""Checks the trend functions against other makes on random series:

    pip install pymannkendall pyhomogeneity ruptures scipy
    trend_oracles.py CDRQL [SERIES] [SEED]

Mann-Kendall, its seasonal form and Sen's slope are pymannkendall's; Theil-Sen and MAD scipy's;
Pettitt's test is pyhomogeneity's (its p is simulated and left out), and its break that of ruptures
(least squares) where there is nothing but one step.
Series have ties, plateaus and steps, and 3 to 120 points.
"""
import json
import math
import random
import subprocess
import sys

import numpy
import pyhomogeneity
import pymannkendall
import ruptures
import scipy.stats

FIELDS = {
    "mann_kendall(x ORDER BY t)": ["s", "var", "z", "p", "tau"],
    "seasonal_mann_kendall(x, t % 7 ORDER BY t)": ["s", "var", "z", "p", "tau", "slope"],
    "sen_slope(x ORDER BY t)": ["slope", "intercept"],
    "theil_sen(x, t * t)": ["slope", "intercept"],
    "pettitt(x ORDER BY t)": ["k", "t", "p"],
}


def series(chance: random.Random, number: int) -> list:
    length = chance.choice([3, 4, 7, 8, 15, 30, 60, 120])
    slope, step = chance.choice([0, 0, 0.1, -0.3]), chance.choice([0, 0, 40])
    if number == 0:
        return [5.0] * length
    at = chance.randrange(length)
    rough = chance.choice([0, 1, 2])
    return [round(10 + slope * t + step * (t >= at) + chance.gauss(0, 3), rough) for t in range(length)]


def ours(cdrql: str, all_series: list) -> list:
    rows = ",".join(f"({n},{t},{x})" for n, xs in enumerate(all_series) for t, x in enumerate(xs))
    calls = ", ".join(f"{call} AS f{i}" for i, call in enumerate(FIELDS))
    fields = ", ".join(f"get_field(f{i}, '{field}') AS f{i}_{field}" for i, names in enumerate(FIELDS.values()) for field in names)
    sql = f"""SELECT n, mad, {fields} FROM (SELECT n, mad(x) AS mad, {calls}
      FROM (VALUES {rows}) AS v(n, t, x) GROUP BY n) r ORDER BY n"""
    command = [cdrql, "run", "--format", "ndjson", "-"]
    text = subprocess.run(command, input=sql, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def theirs(xs: list) -> dict:
    times = range(len(xs))
    expected = {"mad": scipy.stats.median_abs_deviation(xs)}
    plain = pymannkendall.original_test(xs)
    expected |= {"f0_s": plain.s, "f0_var": plain.var_s, "f0_z": plain.z, "f0_p": plain.p, "f0_tau": plain.Tau}
    expected |= {"f2_slope": plain.slope, "f2_intercept": plain.intercept}
    if len(xs) > 7:
        seasonal = pymannkendall.seasonal_test(xs, period=7)
        expected |= {"f1_s": seasonal.s, "f1_var": seasonal.var_s, "f1_z": seasonal.z, "f1_p": seasonal.p,
                     "f1_tau": seasonal.Tau, "f1_slope": seasonal.slope}
    if len(xs) > 3 and len(set(xs)) > 1:
        # With one round of simulation: its p is not asked for.
        expected |= {"f4_k": float(pyhomogeneity.pettitt_test(xs, sim=1).U)}
    line = scipy.stats.theilslopes(xs, [t * t for t in times])
    expected |= {"f3_slope": line.slope, "f3_intercept": line.intercept}
    return expected


def close(found, expected) -> bool:
    if found is None or isinstance(expected, float) and math.isnan(expected):
        return False
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def breaks(chance: random.Random) -> tuple:
    """A series of one step, and where ruptures sees it."""
    length = chance.randint(12, 80)
    at = chance.randint(2, length - 2)
    levels = chance.choice([(10, 60), (60, 10)])
    xs = [levels[0]] * at + [levels[1]] * (length - at)
    return xs, ruptures.Dynp(model="l2", min_size=2, jump=1).fit(numpy.array(xs)).predict(n_bkps=1)[0]


def main() -> None:
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    all_series = [series(chance, n) for n in range(count)]
    checked = wrong = 0
    for xs, found in zip(all_series, ours(sys.argv[1], all_series)):
        for name, expected in theirs(xs).items():
            checked += 1
            if not close(found[name], expected):
                wrong += 1
                print(f"{name} is {found[name]}, not {expected}, of {xs}")
    steps = [breaks(chance) for _ in range(count // 3)]
    for (xs, at), found in zip(steps, ours(sys.argv[1], [xs for xs, _ in steps])):
        checked += 1
        if found["f4_t"] != at:
            wrong += 1
            print(f"pettitt breaks after {found['f4_t']}, ruptures after {at}: {xs}")
    print(f"{checked} figures of {count} series and {len(steps)} steps, {wrong} differ")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
