# Programs of the tests that are written in Go: h2spec, grpcurl, ghz, and versitygw, an S3 server. The modules in
# tools/setup/go and tools/setup/s3 name them (programs.go), and their go.sum pins every source by its hash.
# Requires: install_languages was called.
install_go_programs() {
  build_go_module go go h2spec grpcurl ghz
  local found; found=$(version_of go)
  [ "$(printf '%s\n' 1.25 "$found" | sort -V | head -n 1)" = 1.25 ] ||
    fail "the S3 server of the tests needs Go 1.25 or newer, found $found at $(command -v go)"
  build_go_module s3 s3 versitygw
}

# build_go_module MODULE TARGET program...: .deps/TARGET holds the programs of tools/setup/MODULE.
build_go_module() {
  local module=$root/tools/setup/$1 target=$deps/$2 pin work; shift 2
  pin=$(cat "$module"/go.mod "$module"/go.sum "$module"/programs.go | sha256sum | cut -d' ' -f1)
  is_current "$target" "$pin" "$@" && return
  say "Go programs of the tests ($*)"
  work=$(new_scratch)
  mkdir "$work/out"
  (cd "$module" && programs=$(sed -nE 's/^\s_ "(.*)"$/\1/p' programs.go) &&
    GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$work/out/" $programs) ||
    fail "cannot build the Go programs of the tests: see above"
  put_in_place "$work/out" "$target" "$pin"
}
