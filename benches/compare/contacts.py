#!/usr/bin/env python3
"""The contact functions on cdrql, against DuckDB and igraph, side by side over one mirror.

    cargo run --release -- sample --into /tmp/ten-million --sessions 10000000
    pip install duckdb igraph numpy
    benches/compare/contacts.py /tmp/ten-million

DuckDB reads its own native tables. igraph has its graph built from the rows that DuckDB hands over:
once with that, as cdrql does it in each query, and once the algorithm alone. Best times count, and
what comes out is compared before times are believed. Bytes per edge are what the peak of a
process's memory rises by above that of one that only reads the same columns.
"""

import argparse
import concurrent.futures
import math
import os
import pathlib
import resource
import sys
import tempfile
import time

import duckdb
import igraph
import numpy as np

import run

HERE = pathlib.Path(__file__).parent
EDGES = "(SELECT User1Id AS a, User2Id AS b FROM LcsCDR.dbo.SessionDetails)"
ROWS = "SELECT User1Id, User2Id FROM LcsCDR.dbo.SessionDetails WHERE User1Id <> User2Id"
SAMPLE = 20
GRAPHS = {
    "three-hop chain": f"SELECT count(*) AS n FROM contact_chain({EDGES}, 17, 3)",
    "PageRank": f"SELECT node, rank FROM pagerank({EDGES}) ORDER BY node",
    "communities (leiden)": f"SELECT node, community FROM communities({EDGES}) ORDER BY node",
    "communities (louvain)": f"SELECT node, community FROM communities({EDGES}, 'louvain') ORDER BY node",
    "communities (labels)": f"SELECT node, community FROM communities({EDGES}, 'label_propagation') ORDER BY node",
    f"betweenness ({SAMPLE} sources)":
        f"SELECT node, betweenness FROM betweenness({EDGES}, sample => {SAMPLE}) ORDER BY node",
}


class Peer:
    """igraph's directed and undirected graph of the calls, parallel edges joined."""

    def __init__(self, db):
        columns = db.execute(ROWS).fetchnumpy()
        ends = np.stack([columns["User1Id"], columns["User2Id"]], axis=1)
        self.names, places = np.unique(ends, return_inverse=True)
        # Joined here: igraph's own `simplify` is slower.
        joined, calls = np.unique(places.reshape(ends.shape) @ [len(self.names), 1], return_counts=True)
        self.graph = igraph.Graph(len(self.names), np.stack(divmod(joined, len(self.names)), axis=1), directed=True)
        # As Python's integers: igraph takes those of numpy for other numbers.
        self.graph.es["calls"] = calls.tolist()

    def undirected(self):
        graph = self.graph.as_undirected(combine_edges="sum")
        return graph, graph.es["calls"]

    def answer(self, name):
        """What igraph says, as numbers by node."""
        if name.startswith("three"):
            graph, _ = self.undirected()
            return graph.neighborhood_size(int(np.searchsorted(self.names, 17)), order=3)
        if name == "PageRank":
            return self.graph.pagerank(weights="calls")
        graph, calls = self.undirected()
        if "leiden" in name:
            return graph.community_leiden("modularity", weights=calls, n_iterations=-1).membership
        if "louvain" in name:
            return graph.community_multilevel(weights=calls).membership
        if "labels" in name:
            return graph.community_label_propagation(weights=calls).membership
        return graph.betweenness(sources=sampled(len(self.names)))

    def agrees(self, name, rows, theirs):
        """How what cdrql says compares with what igraph says."""
        if name.startswith("three"):
            return f"{rows[0][0]} people" if rows[0][0] == theirs else "DIFFER"
        if [row[0] for row in rows] != self.names.tolist():
            return "DIFFER"
        ours = [row[1] for row in rows]
        if "communities" in name:
            graph, calls = self.undirected()
            names, membership = np.unique(ours, return_inverse=True)
            mine, other = (graph.modularity(list(m), weights=calls) for m in (membership, theirs))
            return f"Q {mine:.4f}, igraph's {other:.4f}"
        theirs, ours = np.array(theirs), np.array(ours)
        if "betweenness" in name:
            # Over ordered pairs, and from all nodes.
            theirs *= 2 * len(ours) / SAMPLE / ((len(ours) - 1) * (len(ours) - 2))
        worst = float(np.max(np.abs(ours - theirs)))
        return f"worst difference {worst:.1e}" if worst < 1e-9 else f"DIFFER by {worst:.1e}"


def sampled(nodes, seed=1):
    """The nodes from which cdrql's sampled betweenness starts: splitmix64 and Fisher-Yates."""
    mask, order = (1 << 64) - 1, list(range(nodes))
    for at in range(min(SAMPLE, nodes)):
        seed = seed + 0x9E3779B97F4A7C15 & mask
        z = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        other = at + (z ^ z >> 31) % (nodes - at)
        order[at], order[other] = order[other], order[at]
    return order[:SAMPLE]


def clocked(work, times):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)


def against_duckdb(options):
    ours = run.run_cdrql(options.mirror, options.times, options.binary, HERE / "contacts.sql")
    db = run.attach(options.mirror, True, HERE / "contacts_duckdb.sql")
    print("| query | cdrql s | DuckDB native s | ratio | rows |")
    print("|---|---:|---:|---:|---|")
    for name, sql in run.queries(HERE / "contacts_duckdb.sql"):
        rows, seconds = ours[name]
        theirs, times = run.run_duckdb(db, sql, options.times)
        equal = run.same(rows, theirs)
        ratio = min(seconds) / min(times)
        print(f"| {name} | {min(seconds):.3f} | {min(times):.3f} | {ratio:.2f} |",
              f"{len(rows)} equal |" if equal else "DIFFER |", flush=True)
    return db


def alone(options, name, sql, times):
    """A statement in a process of its own: (rows, best seconds, peak bytes)."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "query.sql"
        path.write_text(f"-- name: {name}\n{sql}")
        rows, seconds = run.run_cdrql(options.mirror, times, options.binary, path)[name]
    return rows, min(seconds), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def in_child(work, *arguments):
    """By a new process, for a process knows the peak of all its children only."""
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        return pool.submit(work, *arguments).result()


def against_igraph(ours, idle, db, times):
    peer, build = clocked(lambda: Peer(db), 1)
    edges = peer.graph.ecount()
    print(f"\n{len(peer.names)} people, {edges} directed edges; igraph {igraph.__version__} built its graph in {build:.2f} s\n")
    print("| function | cdrql s | igraph s with building | ratio | igraph s alone | ratio | bytes per edge | outcome |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    for name in GRAPHS:
        rows, seconds, peak = ours[name]
        theirs, bare = clocked(lambda: peer.answer(name), times)
        cells = [f"{seconds:.3f}", f"{build + bare:.3f}", f"{seconds / (build + bare):.2f}", f"{bare:.3f}",
                 f"{seconds / bare:.2f}", f"{(peak - idle) / edges:.0f}", peer.agrees(name, rows, theirs)]
        print("|", " | ".join([name, *cells]), "|", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mirror", type=pathlib.Path)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--binary", nargs="+", help="the compare benchmark, already built")
    options = parser.parse_args()
    # First, while this process is small: the peak of a new one is not below what it came from.
    _, _, idle = in_child(alone, options, "read", f"SELECT sum(a) AS a, sum(b) AS b FROM {EDGES}", 1)
    ours = {name: in_child(alone, options, name, sql, options.times) for name, sql in GRAPHS.items()}
    print(f"DuckDB {duckdb.__version__}, best of {options.times}, {os.cpu_count()} cores\n")
    against_igraph(ours, idle, against_duckdb(options), options.times)


if __name__ == "__main__":
    sys.exit(main())
