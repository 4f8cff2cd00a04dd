"""What was measured: each row's figures in a file of its own (build/bench/rows), all of them in one page (bench/results)."""
import dataclasses
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from places import RESULTS, ROOT, ROWS

# The page's order; what is not named here is not measured.
ORDER = ["P1", "P2", "P2b", "P3", "P5-slow", "P5-mlp784", "P5-heavy", "P5", "P6", "P6b-http1", "P6b-http2", "P6b", "P10", "P13", "P14", "P15", "single", "memory",
         "swap", "push", "rollout", "shadow", "generator-http1", "generator-grpc", "generator"]


@dataclasses.dataclass
class Figure:
    row: str
    what: str
    figure: str
    target: str
    held: bool
    latency: str = ""


class Sheet:
    """The figures of one row of the plan (or of rows measured together, as P6 is with P1 and P2)."""

    def __init__(self, name):
        self.name = name
        self.figures, self.numbers, self.commands, self.notes = [], {}, [], []

    def add(self, row, what, figure, target, held, latency=""):
        self.figures.append(Figure(row, what, figure, target, bool(held), latency))
        print(f"{row:10} {what:58} {figure:44} {target:24} {verdict(self.figures[-1])}", flush=True)

    def has_missed(self):
        return any(not figure.held for figure in self.figures)

    def save(self):
        ROWS.mkdir(parents=True, exist_ok=True)
        (ROWS / f"{self.name}.json").write_text(json.dumps(
            {"commit": commit(), "at": datetime.datetime.now().isoformat(timespec="minutes"), "numbers": self.numbers,
             "commands": self.commands, "notes": self.notes, "figures": [dataclasses.asdict(figure) for figure in self.figures]}, indent=1))


def verdict(figure):
    return "held" if figure.held else "missed"


def commit():
    told = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"], capture_output=True, text=True)
    return told.stdout.strip()


def clear():
    """Forgets every row."""
    shutil.rmtree(ROWS, ignore_errors=True)


def has_rows():
    return any(ROWS.glob("*.json"))


def numbers(name):
    """What a row left for others to calculate with; empty when it was not measured."""
    path = ROWS / f"{name}.json"
    return json.loads(path.read_text())["numbers"] if path.exists() else {}


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    return f"{os.cpu_count()} x {cpu}, Linux {os.uname().release}"


def place(row):
    return ORDER.index(row) if row in ORDER else len(ORDER)


def join():
    """Writes the page of every row measured so far; its path."""
    sheets = {path.stem: json.loads(path.read_text()) for path in sorted(ROWS.glob("*.json"))}
    if not sheets:
        sys.exit(f"run.py: no row was measured: expected files in {ROWS}")
    last = max(sheets.values(), key=lambda sheet: sheet["at"])
    figures = [(Figure(**figure), name) for name, sheet in sheets.items() for figure in sheet["figures"]]
    figures.sort(key=lambda pair: place(pair[0].row))
    missed = sum(not figure.held for figure, _ in figures)
    lines = [f"# {last['at'][:10]}, commit {last['commit']}", "",
             f"{machine()}. Server on core 0, generator on core 1, alternating rounds, medians; CPU is the server's per request.",
             f"{len(figures)} figures, {missed} missed. Latencies are Slipway's, in microseconds.", "",
             "| row | what | figure | target | | p50 / p99 / p99.9 |", "|---|---|---|---|---|---|"]
    lines += [f"| {f.row} | {f.what} | {f.figure} | {f.target} | {verdict(f)} | {f.latency} |" for f, _ in figures]
    lines += ["", "## How each was measured", ""]
    for name in sorted(sheets, key=place):
        sheet = sheets[name]
        lines.append(f"- **{name}**: `make bench BENCH_FLAGS=\"--only {name}\"`, commit {sheet['commit']}, {sheet['at'].replace('T', ' ')}")
        lines += [f"  - `{command}`" for command in dict.fromkeys(sheet["commands"])]
    notes = [(name, note) for name in sorted(sheets, key=place) for note in sheets[name]["notes"]]
    if notes:
        lines += ["", "## Notes and profiles"]
        for name, note in notes:
            lines += ["", f"### {name}", "", note]
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{last['at'][:10]}-{last['commit'].removesuffix('-dirty')}.md"
    path.write_text("\n".join(lines) + "\n")
    return path
