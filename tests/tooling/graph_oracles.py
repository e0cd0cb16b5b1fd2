#!/usr/bin/env python3
"""Compares the graph functions with networkx and igraph: graph_oracles.py [CDRQL] [SEED]

CDRQL is the program to test, by default target/debug/cdrql. Needs `pip install networkx igraph numpy`.
Five random graphs of 1,000 to 100,000 rows; calls between a few people besides.
"""
import csv
import datetime
import io
import itertools
import math
import pathlib
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

import igraph
import networkx as nx
import numpy as np

ROOT = pathlib.Path(__file__).parents[2]
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/debug/cdrql")
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 20260302
# People and rows.
SIZES = [(300, 1_000), (1_500, 3_000), (1_000, 10_000), (4_000, 30_000), (3_000, 100_000)]


class Relation:
    """A CSV file as the table `t`."""

    def __init__(self, directory, name, header, rows):
        self.path = pathlib.Path(directory) / f"{name}.csv"
        with self.path.open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    def run(self, sql):
        table = f"CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{self.path}' OPTIONS ('has_header' 'true')"
        command = [PROGRAM, "run", "-c", table, "-c", sql, "--format", "csv"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{sql}\n{done.stderr}")
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def column(self, sql, value, key="node", kind=float):
        return {row[key]: kind(row[value]) for row in self.run(sql)}


def near(found, expected, what, tolerance=1e-9):
    assert found.keys() == expected.keys(), f"{what}: other keys"
    for key, value in expected.items():
        here = found[key]
        assert math.isclose(here, value, rel_tol=1e-8, abs_tol=tolerance), f"{what} of {key}: {here}, not {value}"


def same(found, expected, what):
    assert found == expected, f"{what}: {str(found)[:300]} is not {str(expected)[:300]}"


class Graph:
    def __init__(self, chance, directory, people, count):
        # Some are called more than others.
        popular = [min(int(people * chance.random() ** 2), people - 1) for _ in range(4 * count)]
        rows = []
        while len(rows) < count:
            a, b = chance.choice(popular), chance.randrange(people)
            if a != b:
                rows.append((f"p{a:05}", f"p{b:05}", chance.choice([1, 1, 2, 5])))
        self.relation = Relation(directory, f"edges{count}", ["a", "b", "weight"], rows)
        self.directed = nx.DiGraph()
        for a, b, weight in sorted(rows):
            before = self.directed.get_edge_data(a, b, {"weight": 0})["weight"]
            self.directed.add_edge(a, b, weight=before + weight)
        self.graph = nx.Graph()
        self.graph.add_nodes_from(sorted(self.directed))
        for a, b, data in self.directed.edges(data=True):
            before = self.graph.get_edge_data(a, b, {"weight": 0})["weight"]
            self.graph.add_edge(a, b, weight=before + data["weight"])
        self.names = sorted(self.graph)
        place = {name: i for i, name in enumerate(self.names)}
        edges = list(self.graph.edges(data="weight"))
        self.igraph = igraph.Graph(len(self.names), [(place[a], place[b]) for a, b, _ in edges])
        self.weights = [w for _, _, w in edges]
        arcs = list(self.directed.edges(data="weight"))
        self.arcs = igraph.Graph(len(self.names), [(place[a], place[b]) for a, b, _ in arcs], directed=True)
        self.arc_weights = [w for _, _, w in arcs]
        self.chance = chance

    def by_name(self, values):
        return dict(zip(self.names, values))

    def labels(self, parts):
        groups = [[self.names[i] for i in part] for part in parts]
        return {name: min(group) for group in groups for name in group}

    def check_degrees(self):
        rows = {r["node"]: r for r in self.relation.run("SELECT * FROM degree((SELECT * FROM t))")}
        for name in self.names:
            row = rows.pop(name)
            expected = (self.graph.degree(name), self.directed.in_degree(name), self.directed.out_degree(name),
                        self.directed.in_degree(name, "weight"), self.directed.out_degree(name, "weight"))
            same(tuple(float(row[k]) for k in ("degree", "in_degree", "out_degree", "in_calls", "out_calls")), expected, name)
        same(rows, {}, "degree")

    def check_parts(self):
        label = lambda f: self.relation.column(f"SELECT * FROM {f}((SELECT * FROM t))", "component", kind=str)
        same(label("components"), self.labels(self.igraph.connected_components()), "components")
        same(label("strong_components"), self.labels(self.arcs.connected_components(mode="strong")), "strong_components")
        core = self.relation.column("SELECT * FROM core_number((SELECT * FROM t))", "core")
        same(core, self.by_name(self.igraph.coreness()), "core_number")
        pieces = self.relation.column("SELECT * FROM articulation((SELECT * FROM t))", "pieces")
        cuts = {self.names[i] for i in self.igraph.articulation_points()}
        same(pieces.keys(), cuts, "articulation")
        for name in sorted(cuts)[:20]:
            part = nx.node_connected_component(self.graph, name) - {name}
            same(pieces[name], nx.number_connected_components(self.graph.subgraph(part)), f"pieces of {name}")
        found = [(r["a"], r["b"]) for r in self.relation.run("SELECT * FROM bridges((SELECT * FROM t))")]
        same(found, sorted(tuple(sorted(edge)) for edge in nx.bridges(self.graph)), "bridges")

    def check_triangles(self):
        found = self.relation.column("SELECT * FROM triangles((SELECT * FROM t))", "triangles")
        same(found, {k: float(v) for k, v in nx.triangles(self.graph).items()}, "triangles")
        found = self.relation.column("SELECT * FROM clustering((SELECT * FROM t))", "clustering")
        near(found, self.by_name(self.igraph.transitivity_local_undirected(mode="zero")), "clustering")
        if self.graph.number_of_edges() < 30_000:
            found = self.relation.column("SELECT * FROM clustering((SELECT * FROM t), weighted => true)", "clustering")
            near(found, nx.clustering(self.graph, weight="weight"), "weighted clustering")

    def check_overlap(self):
        rows = {(r["a"], r["b"]): r for r in self.relation.run(
            "SELECT o.*, j.overlap AS jaccard FROM overlap((SELECT * FROM t)) AS o "
            "JOIN overlap((SELECT * FROM t), endpoints => true) AS j ON o.a = j.a AND o.b = j.b")}
        edges = sorted(tuple(sorted(edge)) for edge in self.graph.edges)
        same(sorted(rows), edges, "overlap")
        for a, b in self.chance.sample(edges, min(len(edges), 400)):
            row, x, y = rows[a, b], set(self.graph[a]) - {b}, set(self.graph[b]) - {a}
            same(int(row["common"]), len(x & y), "common")
            expected = {
                "overlap": len(x & y) / len(x | y) if x | y else 0,
                "jaccard": next(nx.jaccard_coefficient(self.graph, [(a, b)]))[2],
                "adamic_adar": next(nx.adamic_adar_index(self.graph, [(a, b)]))[2],
                "dispersion_a": nx.dispersion(self.graph, a, b, normalized=False),
                "dispersion_b": nx.dispersion(self.graph, b, a, normalized=False),
            }
            near({k: float(row[k]) for k in expected}, expected, f"{a} and {b}")

    def check_centrality(self):
        found = self.relation.column("SELECT * FROM pagerank((SELECT * FROM t))", "rank")
        near(found, self.by_name(self.arcs.pagerank(weights=self.arc_weights)), "pagerank")
        found = self.relation.column("SELECT * FROM pagerank((SELECT * FROM t), weighted => false, damping => 0.5)", "rank")
        near(found, self.by_name(self.arcs.pagerank(damping=0.5)), "pagerank of contacts")
        pairs = (len(self.names) - 1) * (len(self.names) - 2)
        # Sums of whole numbers are exact; of others networkx takes those for equal that are, as we do.
        for length, weights in [("hops", None), ("weight", self.weights)]:
            found = self.relation.column(f"SELECT * FROM betweenness((SELECT * FROM t), length => '{length}')", "betweenness")
            expected = np.array(self.igraph.betweenness(weights=weights)) * 2 / pairs
            near(found, self.by_name(expected), f"betweenness by {length}", 1e-8)
            found = self.relation.column(f"SELECT * FROM closeness((SELECT * FROM t), length => '{length}')", "closeness")
            near(found, self.by_name(closeness(np.array(self.igraph.distances(weights=weights)))), f"closeness by {length}")
        found = self.relation.column("SELECT * FROM betweenness((SELECT * FROM t), directed => true)", "betweenness")
        near(found, self.by_name(np.array(self.arcs.betweenness()) / pairs), "directed betweenness", 1e-8)
        found = self.relation.column("SELECT * FROM closeness((SELECT * FROM t), directed => true)", "closeness")
        near(found, self.by_name(closeness(np.array(self.arcs.distances(mode="in")))), "directed closeness")

    def check_inverse_lengths(self):
        if self.graph.number_of_edges() < 5_000:
            found = self.relation.column("SELECT * FROM betweenness((SELECT * FROM t), length => 'inverse')", "betweenness")
            near(found, nx.betweenness_centrality(self.lengths(), weight="length"), "betweenness by inverse")
        found = self.relation.column("SELECT * FROM closeness((SELECT * FROM t), length => 'inverse')", "closeness")
        distances = self.igraph.distances(weights=[1 / w for w in self.weights])
        near(found, self.by_name(closeness(np.array(distances))), "closeness by inverse")

    def check_sampled_betweenness(self):
        """With as many samples as are worth it the largest values come out."""
        sample = len(self.names) // 2
        found = self.relation.column(f"SELECT * FROM betweenness((SELECT * FROM t), sample => {sample})", "betweenness")
        exact = self.by_name(np.array(self.igraph.betweenness()) * 2 / ((len(self.names) - 1) * (len(self.names) - 2)))
        for name in sorted(exact, key=exact.get)[-5:]:
            assert abs(found[name] / exact[name] - 1) < 0.25, f"sampled betweenness of {name}"

    def check_communities(self):
        best = max(self.igraph.modularity(p, weights=self.weights) for p in (
            self.igraph.community_multilevel(weights=self.weights),
            self.igraph.community_leiden(objective_function="modularity", weights=self.weights, n_iterations=10)))
        for method in ("leiden", "louvain", "label_propagation"):
            rows = self.relation.run(f"SELECT * FROM communities((SELECT * FROM t), '{method}')")
            parts = defaultdict(set)
            for row in rows:
                parts[row["community"]].add(row["node"])
            for name, part in parts.items():
                same(name, min(part), "community's name")
                assert all(int(r["size"]) == len(part) for r in rows if r["community"] == name), "size"
                if method == "leiden":
                    assert nx.is_connected(self.graph.subgraph(part)), f"{method}: {name} is not connected"
            quality = nx.community.modularity(self.graph, parts.values())
            assert math.isclose(quality, float(rows[0]["modularity"]), abs_tol=1e-9), f"{method}: modularity"
            print(f"    {method}: modularity {quality:.6f}, igraph's best {best:.6f}")
            assert method == "label_propagation" or quality >= best - 0.01, f"{method}: {quality} < {best}"

    def check_chains(self):
        seed = self.chance.choice(self.names)
        for directed, graph in [(False, self.graph), (True, self.directed)]:
            rows = self.relation.run(f"SELECT * FROM contact_chain((SELECT * FROM t), '{seed}', 3, directed => {directed})")
            hops = nx.single_source_shortest_path_length(graph, seed, 3)
            same({r["node"]: int(r["hop"]) for r in rows}, hops, "hops")
            for row in self.chance.sample(rows, min(len(rows), 40)):
                paths = list(nx.all_shortest_paths(graph, seed, row["node"]))
                same(int(row["paths"]), len(paths), "paths")
                path = row["path"].strip("[]{}").replace('"', "").replace(" ", "").split(",")
                same(path, min(paths), "path")
                weights = [graph[a][b]["weight"] for a, b in itertools.pairwise(path)]
                same(float(row["weakest_edge_calls"] or 0), min(weights, default=0), "weakest edge")
        one, other = self.chance.sample(self.names, 2)
        for length, weight in [("hops", None), ("inverse", lambda a, b, data: 1 / data["weight"])]:
            rows = self.relation.run(f"SELECT * FROM shortest_contacts((SELECT * FROM t), '{one}', '{other}', 4, '{length}')")
            costs = {int(r["rank"]): float(r["cost"]) for r in rows}
            cost = lambda path: len(path) - 1 if weight is None else nx.path_weight(self.lengths(), path, "length")
            try:
                paths = list(itertools.islice(nx.shortest_simple_paths(self.graph if weight is None else self.lengths(), one, other, None if weight is None else "length"), 4))
            except nx.NetworkXNoPath:
                paths = []
            near(costs, {rank: cost(path) for rank, path in enumerate(paths, 1)}, "shortest_contacts")
        listed = self.chance.sample(self.names, 20)
        keys = ", ".join(f"'{name}'" for name in listed)
        found = self.relation.column(f"SELECT * FROM common_contacts((SELECT * FROM t), make_array({keys}))", "number_linked")
        linked = Counter(n for name in listed for n in self.graph[name])
        same(found, {n: float(c) for n, c in linked.items() if c > 1}, "common_contacts")
        rows = self.relation.run(f"SELECT * FROM ego_network((SELECT * FROM t), '{seed}', 2)")
        ego = nx.ego_graph(self.graph, seed, 2)
        same({(r["a"], r["b"]): float(r["calls"]) for r in rows},
             {tuple(sorted((a, b))): w for a, b, w in ego.edges(data="weight")}, "ego_network")

    def lengths(self):
        graph = nx.Graph()
        graph.add_edges_from((a, b, {"length": 1 / w}) for a, b, w in self.graph.edges(data="weight"))
        return graph

    def check_hubs(self):
        seed = self.names[0]
        rows = self.relation.run(f"SELECT * FROM contact_hubs((SELECT * FROM t), percentile => 0.99, seeds => '{seed}')")
        degrees = sorted(d for _, d in self.graph.degree)
        limit = degrees[math.ceil(0.99 * len(degrees)) - 1]
        same({r["node"] for r in rows}, {n for n, d in self.graph.degree if d > limit}, "contact_hubs")
        everybody = set(nx.single_source_shortest_path_length(self.graph, seed, 2))
        for row in rows[:10]:
            # Still there as an end, but no step leads on.
            without = nx.DiGraph(self.graph)
            if row["node"] != seed:
                without.remove_edges_from(list(without.out_edges(row["node"])))
            fewer = set(nx.single_source_shortest_path_length(without, seed, 2))
            added = len(everybody - fewer) if row["node"] != seed else 0
            same(int(row["nodes_added_at_2_hops"]), added, f"added by {row['node']}")


def closeness(distances):
    finite = np.isfinite(distances)
    totals, reached = np.where(finite, distances, 0).sum(axis=1), finite.sum(axis=1) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(totals > 0, reached / totals * reached / (len(distances) - 1), 0)


class Calls:
    """Random calls in time, for what is about time."""

    def __init__(self, chance, directory, people, count):
        start = datetime.datetime(2026, 3, 2)
        rows = []
        for number in range(count):
            a, b = chance.sample(range(people), 2)
            moment = start + datetime.timedelta(seconds=chance.randrange(120 * 86_400))
            rows.append((number, f"p{a:03}@{'xyz'[a % 3]}", f"p{b:03}@{'xyz'[b % 3]}", moment, chance.randrange(600)))
        self.rows = sorted(rows, key=lambda row: row[3])
        self.relation = Relation(directory, f"calls{count}", ["id", "a", "b", "start", "seconds"],
                                 [(i, a, b, m.isoformat(), s) for i, a, b, m, s in rows])

    def check_pairs(self):
        pairs = defaultdict(list)
        for _, a, b, start, seconds in self.rows:
            pairs[min(a, b), max(a, b)].append((start, a, seconds))
        found = {(r["a"], r["b"]): r for r in self.relation.run("SELECT * FROM contact_pairs((SELECT * FROM t))")}
        same(found.keys(), pairs.keys(), "contact_pairs")
        for (a, b), calls in pairs.items():
            starts = [start for start, _, _ in calls]
            off = [s.time() <= datetime.time(7) or s.time() >= datetime.time(19) or s.weekday() > 4 for s in starts]
            gaps = [(y - x).total_seconds() for x, y in itertools.pairwise(starts)]
            forth = sum(caller == a for _, caller, _ in calls)
            mean, deviation = (np.mean(gaps), np.std(gaps)) if gaps else (0, 0)
            expected = {
                "calls": len(calls), "calls_ab": forth, "calls_ba": len(calls) - forth,
                "seconds": sum(s for _, _, s in calls), "seconds_ab": sum(s for _, c, s in calls if c == a),
                "active_days": len({s.date() for s in starts}),
                "active_weeks": len({s.isocalendar()[:2] for s in starts}),
                "reciprocity": 2 * min(forth, len(calls) - forth) / len(calls), "initiation": forth / len(calls),
                "offhours_calls": sum(off), "offhours_seconds": sum(c[2] for c, o in zip(calls, off) if o),
                "weekend_calls": sum(s.weekday() > 4 for s in starts), "iet_mean": mean, "iet_std": deviation,
                "burstiness": (deviation - mean) / (deviation + mean) if len(gaps) > 1 else 0, "missed": 0,
            }
            near({k: float(found[a, b][k] or 0) for k in expected}, expected, f"{a} {b}", 1e-6)

    def seen_by(self):
        """Days, counterparts and seconds by person."""
        contacts = defaultdict(list)
        for _, a, b, start, seconds in self.rows:
            day = (start.date() - datetime.date(2026, 3, 2)).days
            contacts[a].append((day, b, start, seconds))
            contacts[b].append((day, a, start, seconds))
        return contacts

    def check_new(self):
        expected = {}
        for node, contacts in self.seen_by().items():
            last, current = {}, {}
            for day, other, start, seconds in contacts:
                if other not in last or day - last[other] > 14:
                    first = day - contacts[0][0] < 14
                    status = "unknown" if first else "returned" if other in last else "new"
                    current[other] = (day, [status, 0, 0])
                    expected[node, other, start.isoformat()] = current[other][1]
                if day - current[other][0] < 7:
                    current[other][1][1] += 1
                    current[other][1][2] += seconds
                last[other] = day
        rows = self.relation.run("SELECT * FROM new_contacts((SELECT * FROM t), baseline_days => 14, \"window\" => 7)")
        moment = lambda text: datetime.datetime.fromisoformat(text).isoformat()
        found = {(r["node"], r["counterpart"], moment(r["first_seen"])): [r["status"], int(r["calls"]), float(r["seconds"])] for r in rows}
        same(found, expected, "new_contacts")

    def check_change(self):
        days = [(r[3].date() - datetime.date(2026, 3, 2)).days for r in self.rows]
        expected = {}
        for node, contacts in self.seen_by().items():
            for day in range(min(days) + 10, max(days) + 2 - 10, 5):
                if (day - min(days)) % 5:
                    continue
                count = lambda low, high: Counter(o for d, o, _, _ in contacts if low <= d < high)
                before, now = count(day - 10, day), count(day, day + 10)
                if not before and not now:
                    continue
                both, norm = before.keys() & now.keys(), lambda c: math.sqrt(sum(v * v for v in c.values()))
                outside = sum(n for o, n in now.items() if o[-1] != node[-1])
                expected[node, day] = {
                    "jaccard": len(both) / len(before.keys() | now.keys()),
                    "cosine": sum(before[o] * now[o] for o in both) / (norm(before) * norm(now)) if before and now else 0,
                    "outside_share": outside / now.total() if now else 0,
                    "gained": len(now.keys() - both), "lost": len(before.keys() - both),
                }
        rows = self.relation.run("SELECT * FROM contact_change((SELECT * FROM t), \"window\" => 10, step => 5)")
        day = lambda text: (datetime.datetime.fromisoformat(text).date() - datetime.date(2026, 3, 2)).days
        found = {(r["node"], day(r["window"])): r for r in rows}
        same(found.keys(), expected.keys(), "contact_change")
        for key, values in expected.items():
            near({k: float(found[key][k] or 0) for k in values}, values, f"change of {key}")

    def check_evidence(self):
        seed = self.rows[0][1]
        graph = nx.Graph((a, b) for _, a, b, _, _ in self.rows)
        hops = nx.single_source_shortest_path_length(graph, seed, 2)
        expected = defaultdict(list)
        for number, a, b, _, _ in self.rows:
            for near_one, far in ((a, b), (b, a)):
                if far in hops and hops.get(near_one) == hops[far] - 1:
                    expected[near_one, far].append(number)
        rows = self.relation.run(f"SELECT * FROM chain_evidence((SELECT * FROM t), '{seed}', 2)")
        ids = lambda text: [int(i) for i in text.strip("[]{}").replace('"', "").split(",")]
        same({(r["a"], r["b"]): ids(r["call_ids"]) for r in rows}, dict(expected), "chain_evidence")

    def check_temporal(self):
        """The first arrival by going through calls again and again until nothing changes."""
        seed = self.rows[0][1]
        arrival = {seed: datetime.datetime.min}
        changed = True
        while changed:
            changed = False
            for _, a, b, start, seconds in self.rows:
                for x, y in ((a, b), (b, a)):
                    end = start + datetime.timedelta(seconds=seconds)
                    if x in arrival and arrival[x] <= start and end < arrival.get(y, datetime.datetime.max):
                        arrival[y], changed = end, True
        del arrival[seed]
        moment = lambda text: datetime.datetime.fromisoformat(text)
        found = {r["node"]: moment(r["arrival"]) for r in self.relation.run(f"SELECT * FROM temporal_reach((SELECT * FROM t), '{seed}')")}
        same(found, arrival, "temporal_reach")


def main():
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as directory:
        for people, count in SIZES:
            for kind, checked in [("edges", Graph(chance, directory, people, count)), ("calls", Calls(chance, directory, people // 10, count))]:
                checks = [name for name in dir(checked) if name.startswith("check_")]
                for name in checks:
                    getattr(checked, name)()
                print(f"  {count} {kind}: {', '.join(n.removeprefix('check_') for n in checks)}", flush=True)
    print("all agree")


if __name__ == "__main__":
    main()
