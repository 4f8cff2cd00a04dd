#!/bin/bash
# setup.sh build|parquet|test|all|bench
#   Installs what `make build` needs, what the plugin that reads Parquet needs on top, what `make test` needs on top, both
#   (all), or also what `make bench` needs.
#   Running it again does nothing, quickly.
#   Debian packages come from this machine's own apt sources; the rest goes into .deps/, every file checked by SHA-256.
#   Without root it installs what needs none, and for missing packages says which and leaves with an error.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
deps=$root/.deps

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

verify() {
  local expected=$1 file=$2 found
  [ -f "$file" ] || fail "expected a file to check against SHA-256 $expected, found none at '$file'"
  found=$(sha256sum "$file" | cut -d' ' -f1)
  [ "$found" = "$expected" ] || fail "$(basename "$file"): expected SHA-256 $expected, found $found; nothing was installed"
}

# is_current FOLDER PIN file...: FOLDER was made from exactly PIN and still holds the files.
is_current() {
  local folder=$1 pin=$2 file; shift 2
  [ -f "$folder/.pin" ] && [ "$(<"$folder/.pin")" = "$pin" ] || return 1
  for file; do [ -e "$folder/$file" ] || return 1; done
}

# Scratch folders lie inside .deps, so that putting their result in place is a rename.
new_scratch() { mkdir -p "$deps"; mktemp -d "$deps/.scratch.XXXXXX"; }

put_in_place() {
  local from=$1 target=$2 pin=$3
  echo "$pin" >"$from/.pin"
  rm -rf "$target"
  mv "$from" "$target"
}

wanted_packages() { sed -E 's/#.*//; /^\s*$/d' "$root/tools/setup/debian-$1.txt"; }

missing_packages() {
  local installed; installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii  *//p')
  printf '%s\n' "$@" | grep -vxF "$installed" || true
}

ensure_packages() {
  local missing; missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086  # one word per package
  set -- $missing
  if [ "$(id -u)" != 0 ]; then
    say "these Debian packages are missing, and installing them needs root: $*"
    fail "run as root, then start again: apt-get update && apt-get install -y --no-install-recommends $*"
  fi
  say "installing $# Debian packages: $*"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" >/dev/null
}

# debian_download PACKAGE...: into the current folder, from the sources of this machine.
debian_download() {
  [ "$(id -u)" != 0 ] || apt-get update -qq >&2
  apt-get -qq -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 download "$@" >&2
}

# ensure_venv NAME REQUIREMENTS: .deps/venv-NAME holds exactly the pinned, hash-checked packages of the file.
ensure_venv() {
  local target=$deps/venv-$1 requirements=$root/$2 pin
  pin="$(sha256sum <"$requirements" | cut -d' ' -f1) $(/usr/bin/python3 -V)"
  is_current "$target" "$pin" bin/python && return
  say "Python environment venv-$1 ($2)"
  rm -rf "$target"
  /usr/bin/python3 -m venv "$target"
  "$target/bin/pip" --disable-pip-version-check install -q --require-hashes --no-deps --only-binary :all: -r "$requirements"
  echo "$pin" >"$target/.pin"
}

. "$root/tools/setup/onnxruntime.sh"
. "$root/tools/setup/sqlite.sh"
. "$root/tools/setup/nginx.sh"
. "$root/tools/setup/languages.sh"
. "$root/tools/setup/go.sh"
. "$root/tools/setup/arrow.sh"

setup_build() {
  # shellcheck disable=SC2046  # one word per package
  ensure_packages $(wanted_packages build)
  install_onnxruntime
  install_sqlite
}

setup_test() {
  # shellcheck disable=SC2046
  ensure_packages $(wanted_packages build) $(wanted_packages test)
  install_nginx
  install_languages
  install_go_programs
  install_arrow
  [ "$(uname -m)" != x86_64 ] || ensure_venv perf tests/clients/requirements-perf.txt
  ensure_venv triton tests/clients/requirements-triton.txt
  ensure_venv kserve tests/clients/requirements-kserve.txt
  ensure_venv mlflow tests/clients/requirements-mlflow.txt
  ensure_venv mlflow2 tests/clients/requirements-mlflow2.txt
  ensure_venv models examples/requirements.txt
}

setup_bench() {
  # shellcheck disable=SC2046
  ensure_packages $(wanted_packages bench)
}

command -v dpkg-query >/dev/null || fail "expected Debian 12 (dpkg and apt), found $(uname -s) without dpkg"
mkdir -p "$deps"
exec 9>"$deps/.lock"
flock 9  # two setups at once would fight over apt and .deps
rm -rf "$deps"/.scratch.*
trap 'rm -rf "$deps"/.scratch.*' EXIT

case ${1:-} in
  build) setup_build ;;
  parquet) setup_build; install_arrow ;;
  test) setup_test ;;
  all) setup_build; setup_test ;;
  bench) setup_build; setup_test; setup_bench ;;
  *) echo "usage: tools/setup.sh build|parquet|test|all|bench" >&2; exit 2 ;;
esac
