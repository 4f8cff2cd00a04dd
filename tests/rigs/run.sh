#!/bin/bash
# run.sh kill|swap|crosstalk: the long form of a rig, against the release build.
set -eu
cd "$(dirname "$0")/../.."
case "${1:-}" in
  kill) exec python3 tests/rigs/kill.py --kills 1000 ;;
  swap) exec python3 tests/rigs/swap.py --swaps 1000 ;;
  crosstalk) exec python3 tests/rigs/crosstalk.py --requests 10000000 ;;
  *) echo "expected kill, swap or crosstalk, found '${1:-}'" >&2; exit 2 ;;
esac
