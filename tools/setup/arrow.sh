# Apache Arrow for the plugin that reads Parquet: headers and two libraries out of the pyarrow wheel, which the tests use as a whole.
arrow_soname=2600

install_arrow() {
  local target=$deps/arrow requirements=tests/clients/requirements-arrow.txt pin packages work
  ensure_venv arrow "$requirements"
  pin=$(<"$deps/venv-arrow/.pin")
  is_current "$target" "$pin" include/parquet/arrow/reader.h "lib/libarrow.so.$arrow_soname" "lib/libparquet.so.$arrow_soname" && return
  say "Apache Arrow (from $requirements)"
  packages=$(echo "$deps"/venv-arrow/lib/python3.*/site-packages/pyarrow)
  work=$(new_scratch)
  mkdir -p "$work/out/lib"
  cp -r "$packages/include" "$work/out/include"
  cp "$packages/libarrow.so.$arrow_soname" "$packages/libparquet.so.$arrow_soname" "$work/out/lib/"
  put_in_place "$work/out" "$target" "$pin"
}
