# Programs of the tests that are written in Go: h2spec, grpcurl, ghz, and versitygw, an S3 server. The modules in
# tools/setup/go and tools/setup/s3 name them (programs.go), and their go.sum pins every source by its hash.
# Requires: install_languages was called.
install_go_programs() {
  build_go_module go go h2spec grpcurl ghz
  build_go_module s3 s3 versitygw
}

# The Go that the S3 server needs, newer than Debian 12's; taken, as a module, only where the machine's own is older.
go_of_s3=1.25.4
go_of_s3_sum=h1:5e4fxJf48MqaBmsurT33X8lENq6kLpby4xLNGF0tmEw=

# new_enough_go LEAST: the go command to build with.
new_enough_go() {
  local found described folder; found=$(version_of go)
  [ "$(printf '%s\n' "$1" "$found" | sort -V | head -n 1)" = "$1" ] && { command -v go; return; }
  [ "$(uname -m)" = x86_64 ] || fail "the S3 server of the tests needs Go $1 or newer, found $found at $(command -v go)"
  described=$(cd "$deps" && go mod download -json "golang.org/toolchain@v0.0.1-go$go_of_s3.linux-amd64") ||
    fail "cannot get Go $go_of_s3: see above"
  grep -qF "\"Sum\": \"$go_of_s3_sum\"" <<<"$described" || fail "Go $go_of_s3: expected the hash $go_of_s3_sum, found another"
  folder=$(sed -nE 's/^\s*"Dir": "(.*)",?$/\1/p' <<<"$described")
  chmod -R u+w "$folder" && chmod u+x "$folder"/bin/* && find "$folder/pkg/tool" -type f -exec chmod u+x {} +
  echo "$folder/bin/go"
}

# build_go_module MODULE TARGET program...: .deps/TARGET holds the programs of tools/setup/MODULE.
build_go_module() {
  local module=$root/tools/setup/$1 target=$deps/$2 pin work go; shift 2
  pin=$(cat "$module"/go.mod "$module"/go.sum "$module"/programs.go | sha256sum | cut -d' ' -f1)
  is_current "$target" "$pin" "$@" && return
  say "Go programs of the tests ($*)"
  go=$(new_enough_go "$(sed -n 's/^go //p' "$module/go.mod")")
  work=$(new_scratch)
  mkdir "$work/out"
  (cd "$module" && programs=$(sed -nE 's/^\s_ "(.*)"$/\1/p' programs.go) &&
    GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0 "$go" build -trimpath -ldflags='-s -w' -o "$work/out/" $programs) ||
    fail "cannot build the Go programs of the tests: see above"
  put_in_place "$work/out" "$target" "$pin"
}
