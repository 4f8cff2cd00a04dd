# The languages in which docs/guide/clients.md has examples, which a test runs. What is there is used, whoever installed it.
# COMMAND LEAST-VERSION DEBIAN-PACKAGE
languages="
go   1.19 golang-go
java 17   openjdk-17-jdk-headless
node 18   nodejs
curl 7.88 curl
"

version_of() {
  case $1 in
    go) go env GOVERSION | sed 's/^go//' ;;
    java) java -version 2>&1 | sed -nE '1s/.*"([0-9.]+).*/\1/p' ;;
    node) node --version | sed 's/^v//' ;;
    curl) curl --version | sed -nE '1s/^curl ([0-9.]+).*/\1/p' ;;
  esac
}

install_languages() {
  local command least package found missing=()
  PATH=$PATH:/usr/local/go/bin  # where Go's own archive is unpacked
  while read -r command least package; do
    [ -z "$command" ] || command -v "$command" >/dev/null || missing+=("$package")
  done <<<"$languages"
  [ ${#missing[@]} = 0 ] || ensure_packages "${missing[@]}"
  while read -r command least package; do
    [ -n "$command" ] || continue
    found=$(version_of "$command")
    [ "$(printf '%s\n' "$least" "$found" | sort -V | head -n 1)" = "$least" ] ||
      fail "the tests need $command $least or newer, found $found at $(command -v "$command"); Debian 12 has it as $package"
  done <<<"$languages"
}
