#!/usr/bin/env python3
"""run.py PRESET [SUITE...]: runs every suite of the built PRESET and counts the single cases.

The ctest programs come first (every GoogleTest case counts, any other ctest counts as one), then the lines of suites.txt.
SUITE names the ones to run (`ctest` for the programs); none means all. The last line is `N passed, M failed`; the exit status
is 0 only if at least one case ran and none failed. Logs: build/PRESET/results/.
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUITE_LIMIT_S = 900
SHOWN_LINES = 60
# Closing lines: our own and pytest's, unittest's.
PLAIN = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed", re.MULTILINE)
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*?\n\n(?:OK|FAILED)(?: \((.*)\))?", re.MULTILINE | re.DOTALL)
PYTEST = re.compile(r"^=+ (.*(?:passed|failed|error).*) in [\d.]+s", re.MULTILINE)

SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1",
    "LSAN_OPTIONS": f"print_suppressions=0:suppressions={ROOT}/tests/lsan.supp",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:suppressions={ROOT}/tests/tsan.supp",
}


def count_cases(text: str, status: int) -> tuple[int, int]:
    """Passed and failed cases of a suite's output."""
    passed = failed = 0
    if found := PLAIN.findall(text):
        passed, failed = map(int, found[-1])
    elif found := UNITTEST.findall(text):
        for ran, notes in found:
            bad = sum(int(n) for n in re.findall(r"(?:failures|errors|unexpected successes)=(\d+)", notes))
            unrun = sum(int(n) for n in re.findall(r"skipped=(\d+)", notes))
            passed, failed = passed + int(ran) - bad - unrun, failed + bad
    elif found := PYTEST.findall(text):
        for kind, n in ((k, int(n)) for n, k in re.findall(r"(\d+) (passed|failed|error)", found[-1])):
            passed, failed = (passed + n, failed) if kind == "passed" else (passed, failed + n)
    elif status == 0:
        passed = 1
    if status != 0 and failed == 0:
        failed = 1  # it ended badly after, or without, its last case
    return passed, failed


def run_logged(command: list[str], log: pathlib.Path, environment: dict, limit_s: int) -> tuple[int, str]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            out.write(f"\nended after the limit of {limit_s} s\n".encode())
            status = 124
    return status, log.read_text(errors="replace")


def report(name: str, passed: int, failed: int, started: float, log: pathlib.Path | None) -> None:
    print(f"{name + ':':24} {passed} passed, {failed} failed  ({time.monotonic() - started:.1f} s)", flush=True)
    if failed and log:
        lines = log.read_text(errors="replace").splitlines()
        print("\n".join(f"    {line}" for line in lines[-SHOWN_LINES:]), f"    (all of it: {log.relative_to(ROOT)})", sep="\n")


# protobuf's headers add a member to map fields under ThreadSanitizer (map_field.h) that Debian's library was built without:
# what reads config.pbtxt crashes there, and is left out.
LEFT_OUT = {"tsan": "^(triton_repository_test|triton_config)$"}


def run_ctest(build: pathlib.Path, results: pathlib.Path, environment: dict, jobs: int) -> tuple[int, int]:
    gtest = results / "gtest"
    gtest.mkdir()
    junit, log = results / "ctest.xml", results / "ctest.log"
    environment = environment | {"GTEST_OUTPUT": f"json:{gtest}/"}
    started = time.monotonic()
    status, _ = run_logged(["ctest", "--test-dir", str(build), "-j", str(jobs), "--output-on-failure", "--no-tests=error",
                            "-E", LEFT_OUT.get(build.name, "^$"),
                            "--output-junit", str(junit)], log, environment, 2 * SUITE_LIMIT_S)
    if not junit.exists():
        report("ctest", 0, 1, started, log)
        return 0, 1
    total_passed = total_failed = 0
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        passed, failed = count_program(gtest / f"{case.get('name')}.json", case.get("status"))
        total_passed, total_failed = total_passed + passed, total_failed + failed
        print(f"  {case.get('name') + ':':30} {passed} passed, {failed} failed  ({float(case.get('time', 0)):.1f} s)")
    if status != 0 and total_failed == 0:
        total_failed = 1
    report("ctest", total_passed, total_failed, started, log)
    return total_passed, total_failed


def count_program(cases: pathlib.Path, status: str) -> tuple[int, int]:
    """status: ctest's word for the program: run (passed), fail, disabled or notrun."""
    good = status == "run"
    if not cases.exists():  # not GoogleTest, or it died before the end
        return int(good), int(not good)
    found = json.loads(cases.read_text())
    failed = found["failures"] + found.get("errors", 0)
    ran = found["tests"] - found.get("disabled", 0)
    return ran - failed, failed if good or failed else 1


def suites(preset: str) -> list[tuple[str, list[str]]]:
    lines = [line.split(maxsplit=2) for line in (ROOT / "tests/suites.txt").read_text().splitlines()
             if line.strip() and not line.startswith("#")]
    return [(name, shlex.split(command)) for name, presets, command in lines if preset in presets.split(",")]


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    preset, chosen = sys.argv[1], sys.argv[2:]
    build = ROOT / "build" / preset
    if not (build / "CTestTestfile.cmake").exists():
        print(f"expected a build with tests in {build.relative_to(ROOT)}, found none: make test, asan or tsan builds it")
        return 2
    results = build / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    environment = SANITIZERS | os.environ | {"SLIPWAY_BINARY": str(build / "slipway"), "SLIPWAY_BUILD": str(build), "PYTHONUNBUFFERED": "1"}
    known = suites(preset)
    if unknown := set(chosen) - {"ctest"} - {name for name, _ in known}:
        print(f"no suite {', '.join(sorted(unknown))} for {preset}; there are: ctest {' '.join(name for name, _ in known)}")
        return 2

    passed = failed = 0
    if not chosen or "ctest" in chosen:
        passed, failed = run_ctest(build, results, environment, os.cpu_count() or 1)
    for name, command in known:
        if chosen and name not in chosen:
            continue
        log, started = results / f"{name}.log", time.monotonic()
        status, text = run_logged(command, log, environment, SUITE_LIMIT_S)
        good, bad = count_cases(text, status)
        if good + bad == 0:
            bad = 1  # a suite that ran nothing is no evidence
        report(name, good, bad, started, log)
        passed, failed = passed + good, failed + bad
    print(f"\n{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
