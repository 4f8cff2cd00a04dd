#!/bin/sh
# Every C and C++ file is formatted as .clang-format says.  format.sh ROOT [-i]
cd "$1" || exit 1
find src include backends tests bench \( -name '*.h' -o -name '*.cc' \) -print0 |
  xargs -0 clang-format-19 ${2:---dry-run --Werror}
