# ONNX Runtime: the library from its PyPI wheel, the C and C++ headers from Debian trixie's -dev package (the wheel has none).
# An older header with a newer library is ONNX Runtime's supported direction. docs/decisions/ explains the pair.
ort_version=1.31.1
ort_header_package=libonnxruntime-dev
ort_header_version=1.21.0+dfsg-1
ort_header_suite=trixie

case $(uname -m) in
  x86_64)
    ort_wheel_sha=5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f
    ort_header_sha=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08 ;;
  aarch64)
    ort_wheel_sha=da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3
    ort_header_sha=d4b1967893865756c0fa8536be165259a8eb0e9068e60d322ba707ef4527e44e ;;
  *) fail "ONNX Runtime is pinned for x86_64 and aarch64; this machine is $(uname -m)" ;;
esac

install_onnxruntime() {
  local target=$deps/onnxruntime pin="$ort_version $ort_wheel_sha $ort_header_sha"
  is_current "$target" "$pin" include/onnxruntime_cxx_api.h lib/libonnxruntime.so.1 && return
  say "ONNX Runtime $ort_version (library from PyPI, headers from Debian $ort_header_suite)"
  local work; work=$(new_scratch)
  mkdir -p "$work/out/lib"
  ort_headers "$work"
  ort_library "$work"
  put_in_place "$work/out" "$target" "$pin"
}

ort_headers() {
  local work=$1 archive
  archive=$(cd "$work" && debian_download_from "$ort_header_suite" "$ort_header_package" "$ort_header_version")
  verify "$ort_header_sha" "$archive"
  dpkg-deb -x "$archive" "$work/headers"
  mv "$work/headers/usr/include/onnxruntime" "$work/out/include"
}

ort_library() {
  local work=$1
  local file=libonnxruntime.so.$ort_version
  /usr/bin/python3 -m venv "$work/pip"
  "$work/pip/bin/pip" --disable-pip-version-check download -q --no-deps --only-binary :all: --python-version 3.11 \
    --platform "manylinux_2_28_$(uname -m)" -d "$work/wheel" "onnxruntime==$ort_version"
  verify "$ort_wheel_sha" "$work"/wheel/*.whl
  /usr/bin/python3 -m zipfile -e "$work"/wheel/*.whl "$work/unpacked"
  cp "$work/unpacked/onnxruntime/capi/$file" "$work/out/lib/$file"
  chmod 0755 "$work/out/lib/$file"
  ln -s "$file" "$work/out/lib/libonnxruntime.so.1"
  ln -s libonnxruntime.so.1 "$work/out/lib/libonnxruntime.so"
}

# debian_download_from SUITE PACKAGE VERSION: into the current folder, with package lists of its own, so that the system's
# stay as they are. The mirror is the one this machine already uses. Prints the file's path.
debian_download_from() {
  local suite=$1 package=$2 version=$3 dir=$PWD/apt mirror
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || fail "no Debian mirror among this machine's apt sources: run apt-get update, then this again"
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/parts"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$dir/sources.list"
  local options=(-qq -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts="$dir/parts"
    -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache" -o Dir::State::status=/dev/null
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=3)
  apt-get "${options[@]}" update >&2
  apt-get "${options[@]}" download "$package=$version" >&2
  ls "$PWD/$package"_*.deb
}

debian_mirror() {
  apt-get indextargets --format '$(LABEL) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 'Component: main' |
    awk -v codename="$(. /etc/os-release && echo "$VERSION_CODENAME")" '$1 == "Debian" && $2 == codename {print $3; exit}'
}
