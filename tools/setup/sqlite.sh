# SQLite's amalgamation, from the crate that carries it: Debian 12 ships 3.40, inside the range of the WAL-reset
# corruption (3.7.0 to 3.51.2). Only cargo's downloader is used; nothing of Rust is compiled or installed.
sqlite_crate=libsqlite3-sys
sqlite_crate_version=0.39.1
sqlite_crate_sha=14a5f01b87b92705d07b433c06f96cbc764637d81a0bffb5734ce17cf0f9a2b3
sqlite_source_sha=0c657666d819f261cc4007526ad57e1669de9949df7a8ea847aa284a2bf0ee52
sqlite_header_sha=d6c84557261893439b341d2e6c35187ae3ea24fbfd843ad94616f72d89242b8c

install_sqlite() {
  local target=$deps/sqlite pin="$sqlite_crate $sqlite_crate_version $sqlite_crate_sha $sqlite_source_sha $sqlite_header_sha"
  is_current "$target" "$pin" sqlite3.c sqlite3.h && return
  say "SQLite amalgamation (crate $sqlite_crate $sqlite_crate_version)"
  local work cargo; work=$(new_scratch)
  cargo=$(find_cargo "$work")
  mkdir -p "$work/fetch/src" "$work/out"
  touch "$work/fetch/src/lib.rs"
  cat >"$work/fetch/Cargo.toml" <<-END
	[package]
	name = "fetch"
	version = "0.0.0"
	edition = "2021"
	[dependencies]
	$sqlite_crate = {version = "=$sqlite_crate_version", default-features = false}
	END
  # `vendor` downloads without asking for a Rust compiler.
  (cd "$work/fetch" && CARGO_HOME="$work/cargo-home" "$cargo" vendor -q vendored >/dev/null)
  verify "$sqlite_crate_sha" "$(find "$work/cargo-home" -name "$sqlite_crate-$sqlite_crate_version.crate")"
  cp "$work/fetch/vendored/$sqlite_crate"/sqlite3/sqlite3.[ch] "$work/out/"
  verify "$sqlite_source_sha" "$work/out/sqlite3.c"
  verify "$sqlite_header_sha" "$work/out/sqlite3.h"
  put_in_place "$work/out" "$target" "$pin"
}

# find_cargo SCRATCH: a cargo that reads the sparse index (1.68 or newer); else Debian 12's cargo-web, unpacked into the
# scratch folder without the Rust compiler it would bring along when installed.
find_cargo() {
  local work=$1 minor
  minor=$(cargo --version 2>/dev/null | sed -nE 's/^cargo 1\.([0-9]+)\..*/\1/p')
  if [ "${minor:-0}" -ge 68 ]; then
    command -v cargo
    return
  fi
  mkdir -p "$work/cargo"
  (cd "$work/cargo" && debian_download cargo-web) ||
    fail "cannot download Debian's cargo-web; any cargo 1.68 or newer in PATH will do instead"
  local archive; archive=$(ls "$work"/cargo/cargo-web_*.deb)
  local libraries
  libraries=$(dpkg-deb -f "$archive" Depends | tr ',' '\n' | sed -nE 's/^ *(lib[a-z0-9.+-]+).*/\1/p' | grep -v '^libc6$')
  # shellcheck disable=SC2086  # one word per package
  ensure_packages $libraries >&2
  dpkg-deb -x "$archive" "$work/cargo"
  echo "$work/cargo/usr/bin/cargo"
}
