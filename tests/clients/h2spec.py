#!/usr/bin/env python3
"""h2spec.py: every case of h2spec, the strict ones too, against the real binary: by prior knowledge on the plain port, and over
TLS by ALPN.

They ask /api/v1/tokens, which answers GET with content and POST only once its body has ended, so that no answer comes before the
fault that a case is about.
"""
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "end_to_end"), str(TESTS / "rigs")]
import figures  # noqa: E402
from api import PATIENCE  # noqa: E402
from fixture import ROOT, Server  # noqa: E402

H2SPEC = ROOT / ".deps/go/h2spec"
PATH = "/api/v1/tokens"
FEWEST = 146  # cases, or some were left out
CASE_S = 5 * PATIENCE  # waited for what must come; a case that passes does not wait
LIMIT_S = 300 * PATIENCE


def cases(report):
    """(name, what went wrong or "") of each case in a report as JUnit writes them."""
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            faults = [f"{kind}: {' '.join((found.text or '').split())}" for kind in ("failure", "error", "skipped")
                      if (found := case.find(kind)) is not None]
            yield f"{case.get('package')} {case.get('classname')}", "; ".join(faults)


def run_h2spec(address, *options):
    host, port = address.rsplit(":", 1)
    with tempfile.TemporaryDirectory(prefix="slipway-h2spec-") as folder:
        report = pathlib.Path(folder) / "report.xml"
        done = subprocess.run([H2SPEC, "--strict", "--host", host, "--port", port, "--path", PATH, "--timeout", str(int(CASE_S)),
                               "--junit-report", report, *options], capture_output=True, text=True, timeout=LIMIT_S)
        if not report.exists():
            return [("h2spec runs", f"it left with {done.returncode}: {done.stderr or done.stdout}")]
        return list(cases(report))


def main():
    found = []
    with Server(listen="plain:127.0.0.1:0,tls:127.0.0.1:0", options=("--anonymous", "everything", "--log-level", "error")) as server:
        for kind, options in (("plain", ()), ("tls", ("--tls", "--insecure"))):
            address = next(a for a in server.addresses if a.startswith("tls:") == (kind == "tls"))
            ran = run_h2spec(address.removeprefix("tls:").removeprefix("plain:"), *options)
            found += [(f"{kind}: {name}", wrong) for name, wrong in ran]
            if len(ran) < FEWEST:
                found.append((f"{kind}: all cases", f"expected {FEWEST} cases or more, found {len(ran)}"))
        if server.process.poll() is not None:
            found.append(("the server lives", f"it left with {server.process.returncode}; its log:\n{server.log}"))
    return figures.conclude(found)


if __name__ == "__main__":
    sys.exit(main())
