#!/usr/bin/env python3
"""Made-up and mangled SQL through `cdrql run`: whatever stands in a script, the answer is rows or an
error with its place, never a panic, a fault of ours (exit code 4), a signal or a hang.

    tests/tooling/fuzz_sql.py target/debug/cdrql [TEXTS [SEED]]

Texts come from the queries of the documentation and the tests, from the views, and from a small
grammar; most of them are mangled. Those that fail are written to fuzz_sql_failures/ in the working
directory, each by itself.
"""

import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH = 100
# Of what writes files or runs long, nothing is tried here.
LEFT_OUT = re.compile(r"\b(copy|location|generate_series|range|cross\s+join)\b", re.IGNORECASE)

WORDS = """select from where group by order having limit offset top distinct as join left right full
inner outer cross on using union all except intersect with recursive and or not in is null like ilike
between exists case when then else end cast try_cast over partition rows range filter values interval
date timestamp true false explain analyze describe show set use create view table drop insert into
update delete merge exec declare if begin go unnest lateral apply pivot unpivot qualify window
rollup cube grouping sets percent ties tablesample collate at time zone extract position substring
overlay placing within prepare execute deallocate columns tables array struct map for xml json""".split()
PIECES = """( ) [ ] { } , ; . .. * / % + - = <> < > <= >= != || & | ^ ~ << >> :: => ' " ` $ @ @@ # \\ : ? !
-- /* */ N' x' e' 0x 0xFF 1 0 -1 1e400 9223372036854775808 1.5 .5 'a' '' '2014-02-03' 'é' '日本' "a" [a b] $1 $x
@p _ a b c MediaId SessionIdTime LcsCDR QoEMetrics dbo cdr MediaList SessionDetails contacts calls count
sum r_to_mos pair_lo e_model_r components contact_chain busy_hour median array_agg""".split()


def corpus():
    """Statements that run, as the project shows them."""
    texts = []
    for path in ROOT.glob("docs/queries/**/*.sql"):
        texts += path.read_text().split(";")
    for path in ROOT.glob("src/views/*/*.sql"):
        texts.append(path.read_text())
    for path in ROOT.glob("tests/slt/**/*.slt"):
        texts += re.findall(r"^(?:query \w+.*|statement .*)\n(.*?)(?:\n----|\n\n|\Z)", path.read_text(), re.M | re.S)
    for path in [ROOT / "sample-data/README.md", ROOT / "docs/functions.md"]:
        texts += re.findall(r"```sql\n(.*?)```", path.read_text(), re.S)
    return [text.strip() for text in texts if text.strip() and not LEFT_OUT.search(text)]


def grammar(rng, depth=0):
    """A statement-like row of words, or an expression nested to some depth."""
    if rng.random() < 0.15:
        deep = rng.choice([3, 30, 300, 3000])
        opened, closed = rng.choice([("(", ")"), ("case when 1=1 then ", " end"), ("not ", ""), ("-", ""), ("[", "]"),
                                     ("abs(", ")"), ("(select ", ")"), ("1+", "")])
        return "select " + opened * deep + "1" + closed * deep
    words = [rng.choice(WORDS + PIECES) for _ in range(rng.randint(1, 25))]
    return rng.choice(["", "select ", "explain ", "create view v as ", "with q as ("]) + " ".join(words)


def mangle(rng, text):
    tokens = re.findall(r"\w+|\s+|[^\w\s]", text)
    for _ in range(rng.randint(1, 4)):
        if not tokens:
            break
        at = rng.randrange(len(tokens))
        match rng.randrange(8):
            case 0: del tokens[at]
            case 1: tokens.insert(at, tokens[at])
            case 2: tokens[at] = rng.choice(WORDS + PIECES)
            case 3: tokens.insert(at, " " + rng.choice(WORDS + PIECES) + " ")
            case 4: tokens = tokens[:at]
            case 5: tokens = tokens[at:]
            case 6:
                other = rng.randrange(len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 7: tokens.insert(at, rng.choice(["\0", "\ufeff", "\u202e", "\r", "\x1b[2J", "é" * 50, "9" * 400, "'", '"', "/*"]))
    return "".join(tokens)


def run(program, files, directory):
    command = [program, "run", "--keep-going", "--timeout", "10s", "--max-rows", "5", "--format", "csv", *files]
    ended = subprocess.run(command, cwd=directory, capture_output=True, timeout=BATCH * 12)
    faulty = ended.returncode not in (0, 1, 2) or b"panicked" in ended.stderr or b"internal" in ended.stderr.lower()
    return faulty, ended


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    total = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng, known, failures = random.Random(seed), corpus(), []
    with tempfile.TemporaryDirectory() as directory:
        for start in range(0, total, BATCH):
            texts = []
            while len(texts) < min(BATCH, total - start):
                text = mangle(rng, rng.choice(known)) if rng.random() < 0.7 else grammar(rng)
                if not LEFT_OUT.search(text):
                    texts.append(text)
            files = []
            for number, text in enumerate(texts):
                files.append(f"{number}.sql")
                pathlib.Path(directory, files[-1]).write_text(text, errors="surrogatepass")
            if not run(program, files, directory)[0]:
                continue
            for name, text in zip(files, texts):
                faulty, ended = run(program, [name], directory)
                if faulty:
                    failures.append(text)
                    print(f"exit {ended.returncode}: {text[:200]!r}\n  {ended.stderr[:400].decode(errors='replace')}", flush=True)
    if failures:
        out = pathlib.Path("fuzz_sql_failures")
        out.mkdir(exist_ok=True)
        for number, text in enumerate(failures):
            (out / f"{number}.sql").write_text(text)
    print(f"{total} texts of {len(known)} known ones and a grammar, seed {seed}: {len(failures)} failures")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
