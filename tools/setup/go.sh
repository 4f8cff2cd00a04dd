# Test programs that are written in Go, of the module in tools/setup/go: its go.sum pins every source by its hash.
find_go() {
  local found
  for found in "$(command -v go || true)" /usr/local/go/bin/go; do
    [ ! -x "$found" ] || { echo "$found"; return; }
  done
  fail "expected the Go toolchain (go 1.26 or newer, in PATH or /usr/local/go/bin) to build h2spec, found none: https://go.dev/dl"
}

install_go_programs() {
  local target=$deps/go module=$root/tools/setup/go pin work go
  pin=$(cat "$module/go.mod" "$module/go.sum" | sha256sum | cut -d' ' -f1)
  is_current "$target" "$pin" h2spec && return
  go=$(find_go)
  say "Go programs of the tests (tools/setup/go/go.mod)"
  work=$(new_scratch)
  mkdir "$work/out"
  (cd "$module" && env GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0 "$go" build -trimpath -o "$work/out/" tool) ||
    fail "cannot build the Go programs of the tests: see above (the sources come from GOPROXY, now '$("$go" env GOPROXY)')"
  put_in_place "$work/out" "$target" "$pin"
}
