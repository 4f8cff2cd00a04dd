# nginx, the yardstick of bench/: unpacked, not installed, because installing it would start a server on port 80.
install_nginx() {
  local target=$deps/nginx pin="Debian's nginx, unpacked"
  is_current "$target" "$pin" usr/sbin/nginx && return
  say "nginx (unpacked, for bench/)"
  local work; work=$(new_scratch)
  mkdir "$work/out"
  (cd "$work" && debian_download nginx >/dev/null) ||
    fail "cannot download Debian's nginx: run apt-get update as root, then start again"
  dpkg-deb -x "$work"/nginx_*.deb "$work/out"
  put_in_place "$work/out" "$target" "$pin"
}
