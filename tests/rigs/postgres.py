#!/usr/bin/env python3
"""postgres.py [--writes N] [--long]: PostgreSQL killed again and again while eight clients write.

Runs the tests of tests/contract/postgres_outage_test.cc, whose writers try again as clients do, with so many writes and a kill
after every sixteen: afterwards each write must be there, once. SLIPWAY_BUILD names the build folder.
"""
import argparse
import os
import pathlib
import subprocess
import sys

LONG = 1000
ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writes", type=int, default=160)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    build = pathlib.Path(os.environ.get("SLIPWAY_BUILD", ROOT / "build/release"))
    writes = max(options.writes, LONG) if options.long else options.writes
    command = [build / "tests/store_postgres_test", "--gtest_filter=PostgresOutage.*"]
    sys.exit(subprocess.run(command, env={**os.environ, "SLIPWAY_POSTGRES_WRITES": str(writes)}).returncode)


if __name__ == "__main__":
    main()
