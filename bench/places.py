"""Where the benchmarks find things and keep theirs."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests/end_to_end"))  # words that tests and benchmarks share
BUILD = ROOT / "build" / "release"
WORK = ROOT / "build" / "bench"
SLIPWAY = BUILD / "slipway"
PROGRAMS = BUILD / "bench"
MODELS = WORK / "models"
ROWS = WORK / "rows"
RESULTS = ROOT / "bench" / "results"
SERVER_CORE, GENERATOR_CORE = "0", "1"
