#!/bin/bash
# run.sh SECONDS: builds every fuzzer and runs each for SECONDS, starting from its corpus. New inputs stay in
# build/fuzz/found/NAME; an input that breaks something is left in build/fuzz/broken/ and belongs into the corpus with its fix.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?usage: tests/fuzz/run.sh SECONDS}
ninja -C build/fuzz fuzzers
mkdir -p build/fuzz/broken
passed=0 failed=0
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
for fuzzer in build/fuzz/fuzz/*; do
  [ -x "$fuzzer" ] && [ -f "$fuzzer" ] || continue
  name=$(basename "$fuzzer")
  mkdir -p "build/fuzz/found/$name"
  corpora=("build/fuzz/found/$name")
  [ ! -d "tests/fuzz/corpus/$name" ] || corpora+=("tests/fuzz/corpus/$name")
  log=build/fuzz/found/$name.log
  if "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/broken/$name-" "${corpora[@]}" >"$log" 2>&1; then
    passed=$((passed + 1))
    echo "$name: $(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)/\1 runs/p' "$log"), nothing broke"
  else
    failed=$((failed + 1))
    echo "$name: broke; the input is in build/fuzz/broken/, the report in $log:"
    grep -E 'ERROR|SUMMARY|Test unit' "$log" | sed 's/^/    /'
  fi
done
echo
echo "$passed passed, $failed failed"
[ "$passed" -gt 0 ] && [ "$failed" = 0 ]
