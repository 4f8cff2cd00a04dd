#!/usr/bin/env python3
"""The negative control of check.py: plants each kind of violation in a small tree and demands that it is found."""
import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).with_name("check.py")
CLEAN = {
    "src/base/CMakeLists.txt": "room(base)\n",
    "src/base/word.h": "#pragma once\n",
    "src/domain/thing/CMakeLists.txt": "room(thing USES base)\n",
    "src/domain/thing/thing.h": '#pragma once\n#include "base/word.h"\n',
    "src/service/one/CMakeLists.txt": "room(one USES thing)\n",
    "src/service/one/one.cc": '#include "domain/thing/thing.h"\n',
    "src/adapter/disk/CMakeLists.txt": "room(disk USES base)\n",
    "src/adapter/disk/disk.h": '#pragma once\n#include "base/word.h"\n',
    "backends/echo/echo.cc": "\n",
}
PLANTED = {
    "an include the USES line does not name": {"src/adapter/disk/disk.cc": '#include "domain/thing/thing.h"\n'},
    "a floor used from below": {
        "src/domain/thing/CMakeLists.txt": "room(thing USES base disk)\n",
        "src/domain/thing/thing.h": '#pragma once\n#include "base/word.h"\n#include "adapter/disk/disk.h"\n'},
    "a service that uses a service": {
        "src/service/two/CMakeLists.txt": "room(two USES one)\n",
        "src/service/one/one.h": "#pragma once\n", "src/service/two/two.cc": '#include "service/one/one.h"\n'},
    "an adapter that uses an adapter": {
        "src/adapter/tape/CMakeLists.txt": "room(tape USES disk)\n",
        "src/adapter/tape/tape.cc": '#include "adapter/disk/disk.h"\n'},
    "a USES nobody needs": {"src/service/one/CMakeLists.txt": "room(one USES thing base)\n"},
    "a third-party header in a header": {"src/adapter/disk/disk.h": '#pragma once\n#include "base/word.h"\n#include <nlohmann/json.hpp>\n'},
    "JSON in a service": {"src/service/one/one.cc": '#include "domain/thing/thing.h"\n#include <nlohmann/json.hpp>\n'},
    "a backend that sees src": {"backends/echo/echo.cc": '#include "base/word.h"\n'},
    "a file of 801 lines": {"src/base/long.cc": "\n" * 801},
    "a hiding file name": {"src/base/string_utils.cc": "\n"},
    "a hiding type name": {"src/base/word.h": "#pragma once\nclass ModelManager {};\n"},
    "an unfinished mark": {"src/base/word.h": "#pragma once\n// TODO(" + "now): later\n"},
    "a test that is switched off": {"src/base/word_test.cc": "GTEST_" + "SKIP();\n"},
    "a bare mutex": {"src/base/word.h": "#pragma once\nstd::mutex lock_;\n"},
}


def run(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return subprocess.run([sys.executable, str(CHECK), folder], capture_output=True, text=True)


def main():
    failures = 0
    clean = run(CLEAN)
    if clean.returncode != 0:
        failures += 1
        print("the clean tree is refused:\n" + clean.stdout)
    for what, files in PLANTED.items():
        if run({**CLEAN, **files}).returncode == 0:
            failures += 1
            print("not found:", what)
    print(f"{len(PLANTED) + 1 - failures} of {len(PLANTED) + 1} controls behave")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
