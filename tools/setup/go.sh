# Programs of the tests that are written in Go: h2spec, grpcurl, ghz. The module in tools/setup/go names them (programs.go),
# and its go.sum pins every source by its hash. Requires: install_languages was called.
install_go_programs() {
  local target=$deps/go module=$root/tools/setup/go pin work
  pin=$(cat "$module"/go.mod "$module"/go.sum "$module"/programs.go | sha256sum | cut -d' ' -f1)
  is_current "$target" "$pin" h2spec grpcurl ghz && return
  say "Go programs of the tests (tools/setup/go/programs.go)"
  work=$(new_scratch)
  mkdir "$work/out"
  (cd "$module" && programs=$(sed -nE 's/^\s_ "(.*)"$/\1/p' programs.go) &&
    GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$work/out/" $programs) ||
    fail "cannot build the Go programs of the tests: see above"
  put_in_place "$work/out" "$target" "$pin"
}
