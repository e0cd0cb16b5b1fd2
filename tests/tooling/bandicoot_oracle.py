"""bandicoot_indicators against bandicoot itself.

    git clone https://github.com/computationalprivacy/bandicoot && git -C bandicoot checkout 86e5f19
    python3.10 tests/tooling/bandicoot_oracle.py path/to/bandicoot [path of the cdrql binary]

bandicoot imports up to Python 3.10 only; its release on PyPI computes both Pareto indicators in
another way, so it must be that commit. Takes bandicoot's own test and demo data and users that it
generates by a seed, asks both programs for every indicator that both have, by week with all splits
(mean and std over the weeks) and ungrouped, and compares at 1e-9. Exits with 1 when any differs.
"""

import csv
import io
import math
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

SINGLE = [
    "active_days", "number_of_contacts", "number_of_interactions", "percent_nocturnal",
    "percent_initiated_interactions", "percent_initiated_conversations", "response_rate_text",
    "entropy_of_contacts", "percent_pareto_interactions", "percent_pareto_durations",
]
SPREAD = [
    "call_duration", "response_delay_text", "balance_of_contacts", "interactions_per_contact",
    "interevent_time",
]
STATISTICS = ["mean", "std", "median", "skewness", "kurtosis", "min", "max"]


def write_events(user, path):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "start", "seconds", "kind"])
        for r in user.records:
            pair = ("ego", r.correspondent_id) if r.direction == "out" else (r.correspondent_id, "ego")
            start = r.datetime.strftime("%Y-%m-%dT%H:%M:%S")
            writer.writerow([*pair, start, r.call_duration or 0, r.interaction])


def ours(cdrql, user, groupby, split):
    """Values by (indicator, week part, day part, interaction, statistic), one for each period."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        write_events(user, path)
        table = (
            "CREATE EXTERNAL TABLE events (a VARCHAR, b VARCHAR, start TIMESTAMP, seconds DOUBLE, "
            f"kind VARCHAR) STORED AS CSV LOCATION '{path}' OPTIONS ('format.has_header' 'true')"
        )
        query = (
            f"SELECT * FROM bandicoot_indicators((SELECT * FROM events), 'ego', groupby => '{groupby}',"
            f" split => {str(split).lower()})"
        )
        command = [cdrql, "run", "-c", table, "-c", query, "--format", "csv"]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
    text = run.stdout[run.stdout.index("indicator,") :]
    values = defaultdict(list)
    for row in csv.DictReader(io.StringIO(text)):
        key = (
            row["indicator"], row["part_of_week"], row["part_of_day"], row["interaction"],
            row["statistic"],
        )
        values[key].append(float(row["value"]) if row["value"] else None)
    return values


def summary(numbers):
    numbers = [x for x in numbers if x is not None]
    if not numbers:
        return {"mean": None, "std": None}
    mean = sum(numbers) / len(numbers)
    return {"mean": mean, "std": math.sqrt(sum((x - mean) ** 2 for x in numbers) / len(numbers))}


def same(a, b):
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def compare(name, cdrql, bc, user):
    checked = told = different = 0
    for groupby, split in [("week", True), (None, False)]:
        values = ours(cdrql, user, groupby or "none", split)
        for indicator in SINGLE + SPREAD:
            function = getattr(bc.individual, indicator)
            # The type is said, for bandicoot cannot tell it where there are no records.
            kind = "summarystats" if indicator in SPREAD else "scalar"
            theirs = function(
                user, groupby=groupby, split_week=split, split_day=split,
                summary="extended" if indicator in SPREAD else "default",
                datatype=f"distribution_{kind}" if groupby else kind,
            )
            for week, days in theirs.items():
                for day, interactions in days.items():
                    for interaction, answer in interactions.items():
                        for statistic in STATISTICS if indicator in SPREAD else [""]:
                            mine = values.get((indicator, week, day, interaction, statistic), [])
                            their = answer
                            if statistic and answer is not None:
                                their = answer.get(statistic)
                            if groupby:
                                pairs = [(summary(mine)[s], (their or {}).get(s)) for s in ("mean", "std")]
                            else:
                                pairs = [(mine[0] if mine else None, their)]
                            for got, wanted in pairs:
                                checked += 1
                                told += wanted is not None
                                if not same(got, wanted):
                                    different += 1
                                    print(f"{name}: {indicator} {week} {day} {interaction} {statistic}"
                                          f" by {groupby}: {got} instead of {wanted}")
    return checked, told, different


def main():
    home = Path(sys.argv[1])
    cdrql = sys.argv[2] if len(sys.argv) > 2 else "target/debug/cdrql"
    sys.path.insert(0, str(home))
    sys.path.insert(0, str(home / "bandicoot" / "tests"))
    import bandicoot as bc
    from bandicoot.tests.generate_user import sample_user

    samples = home / "bandicoot" / "tests" / "samples"
    files = [samples / "manual" / "A.csv", samples / "manual" / "B.csv", samples / "network" / "ego.csv",
             home / "demo" / "data" / "ego.csv"]
    users = [(str(path.relative_to(home)),
              bc.read_csv(path.stem, str(path.parent), describe=False, warnings=False)) for path in files]
    users += [(f"generated by seed {seed}", sample_user(seed=seed)) for seed in (1, 42, 2014)]
    total = differences = 0
    for name, user in users:
        checked, told, different = compare(name, cdrql, bc, user)
        print(f"{name}: {len(user.records)} records, {checked} values, {told} not NULL,"
              f" {different} differences")
        total, differences = total + checked, differences + different
    print(f"{total} values, {differences} differences")
    sys.exit(differences > 0)


if __name__ == "__main__":
    main()
