#!/usr/bin/env python3
"""s3.py [--long]: artifacts on a real S3-compatible server through a proxy that breaks a third of all requests at random.

Prints how many requests and faults there were, and what was stored and read; one wrong byte fails it. Short: 40 rounds;
long: 1,000.
"""
import argparse
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SLIPWAY_BUILD") or ROOT / "build/release")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true")
    rounds = "1000" if parser.parse_args().long else "40"
    done = subprocess.run([BUILD / "tests/artifact_store_contract_test", "--gtest_filter=S3Faults.at_random*"],
                          env=os.environ | {"SLIPWAY_S3_ROUNDS": rounds})
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
