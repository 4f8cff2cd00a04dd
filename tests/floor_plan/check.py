#!/usr/bin/env python3
"""Holds the tree against the house rules: floors, USES lines, file lengths, names, unfinished marks.

check.py ROOT        prints every violation as FILE:LINE: what, and leaves with 1 if there is one
"""
import pathlib
import re
import sys

BANNED = r"(?:util|utils|helper|helpers|common|misc|manager|context|data|info|impl|interface)"
LISTED_LINES, REFUSED_LINES = 400, 800
CODE = {".h", ".cc"}

# Third-party headers by first path component, and where they may appear (always in .cc files only).
THIRD_PARTY = {
    "spdlog": "base", "fmt": "base", "openssl": "base adapter",
    "boost/math": "domain", "xxhash.h": "domain", "boost": "adapter cli",
    "simdjson": "adapter", "simdjson.h": "adapter", "nlohmann": "adapter cli app", "yaml-cpp": "adapter",
    "archive.h": "adapter cli", "archive_entry.h": "adapter cli", "sqlite3.h": "adapter", "zlib.h": "adapter", "nghttp2": "adapter",
    "pqxx": "adapter", "libpq-fe.h": "adapter", "zstd.h": "adapter", "curl": "cli adapter", "CLI": "cli app",
    "google": "adapter", "proto": "adapter",
}


class Room:
    def __init__(self, folder, name, uses, line):
        self.folder, self.name, self.uses, self.line = folder, name, uses, line

    @property
    def floor(self):
        return self.folder.split("/")[0]


def read_rooms(root, report):
    rooms = {}
    for listing in sorted((root / "src").rglob("CMakeLists.txt")):
        folder = str(listing.parent.relative_to(root / "src"))
        if folder == ".":
            continue
        calls = re.findall(r"^room\(([^)]*)\)", listing.read_text(), re.M)
        if len(calls) != 1:
            report(listing, 1, f"expected one room(...) line, found {len(calls)}")
            continue
        words = calls[0].split()
        name, uses, section = words[0], [], None
        for word in words[1:]:
            if word in ("USES", "TEST_USES", "LIBRARIES"):
                section = word
            elif section == "USES":
                uses.append(word)
        rooms[folder] = Room(folder, name, uses, listing)
    return rooms


def room_of(path, rooms):
    folder = str(path.parent)
    while folder not in rooms and "/" in folder:
        folder = folder.rsplit("/", 1)[0]
    return rooms.get(folder)


def may_use(user, used):
    """The table of floors in ARCHITECTURE.md."""
    below = {"base": 0, "domain": 1, "ports": 2, "service": 3, "adapter": 4, "app": 5, "cli": 5}
    if user.floor == "cli":
        return used.floor == "base"
    if user.floor == "domain" and used.floor == "domain":
        return True
    if user.floor == "app":
        return True
    if used.name == "protobuf_wire" and user.name in ("package_reader", "codec", "api_oip"):
        return True
    if user.floor == "adapter" and user.name.startswith(("api_", "telemetry_prometheus", "triton_repository")):
        return used.floor in ("base", "domain", "ports", "service") or used.name in ("net", "codec")
    if user.floor == "adapter" and used.floor == "service":
        return user.name == "probe_process" and used.name == "validation"
    if used.name == "codec" and (user.name.startswith("table_") or user.name in ("signature_bundle", "trace_lines", "log_evidence", "prometheus_query")):
        return True
    if used.name == "sql_records" and user.name.startswith("store_"):
        return True
    if used.name == "http_out" and user.floor == "adapter":
        return True
    if used.name == "yaml" and user.name in ("package_reader", "config_yaml", "plan_yaml"):
        return True
    return below[used.floor] < below[user.floor]


def check_room_lines(rooms, report):
    by_name = {room.name: room for room in rooms.values()}
    for room in rooms.values():
        for name in room.uses:
            used = by_name.get(name)
            if used is None:
                report(room.line, 1, f"USES {name}: there is no such room")
            elif not may_use(room, used):
                report(room.line, 1, f"USES {name}: {room.folder} may not use {used.folder}")


def check_includes(root, rooms, report):
    included = {room.name: set() for room in rooms.values()}
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in CODE:
            continue
        relative = path.relative_to(root / "src")
        room = room_of(relative, rooms)
        if room is None:
            report(path, 1, "belongs to no room: its folder has no room(...) line")
            continue
        is_test = path.name.endswith("_test.cc") or path.name.startswith("test_")
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
            if not match:
                continue
            kind, target = match.groups()
            target_path = pathlib.PurePosixPath(target)
            if kind == '"' and (root / "src" / target).exists():
                used = room_of(target_path, rooms)
                if used is None or used is room:
                    continue
                if not is_test:
                    included[room.name].add(used.name)
                    if used.name not in room.uses:
                        report(path, number, f'includes "{target}" but {room.name} does not USE {used.name}')
            elif kind == '"' and not target.startswith("slipway/"):
                report(path, number, f'"{target}": includes start at src/')
            elif kind == "<":
                check_third_party(path, number, room, target, is_test, report)
    for room in rooms.values():
        has_sources = any((root / "src" / room.folder).glob("*.*"))
        for name in room.uses:
            if has_sources and name not in included[room.name]:
                report(room.line, 1, f"USES {name}, but nothing of it is included")


def check_third_party(path, number, room, target, is_test, report):
    top = target.split("/")[0]
    key = next((k for k in (target, "/".join(target.split("/")[:2]), top) if k in THIRD_PARTY), None)
    if key is None or is_test:
        return
    if path.suffix == ".h" and target != "nlohmann/json_fwd.hpp":
        report(path, number, f"<{target}>: third-party headers belong in .cc files")
    if room.floor not in THIRD_PARTY[key].split():
        report(path, number, f"<{target}>: not on floor {room.floor}")


def check_backends(root, report):
    for path in sorted([*(root / "backends").rglob("*"), *(root / "tables").rglob("*")]):
        if path.suffix not in CODE:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if match and (root / "src" / match.group(1)).exists():
                report(path, number, f'"{match.group(1)}": a backend sees include/slipway and nothing of src/')


def check_texts(root, report, listed):
    banned_file = re.compile(rf"(?:^|_){BANNED}(?:_test)?\.(?:h|cc|py)$")
    banned_type = re.compile(r"\b(?:class|struct|enum class)\s+\w*(Util|Utils|Helper|Common|Misc|Manager|Context|Data|Info|Impl|Interface)\b\s*(?:final\s*)?[:{]")
    for top in ("src", "backends", "tables", "include", "tests", "bench", "examples", "tools", "python"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in CODE | {".py"} or "floor_plan" in path.parts:
                continue
            if banned_file.search(path.name):
                report(path, 1, "its name hides what is inside")
            lines = path.read_text().splitlines()
            if len(lines) > REFUSED_LINES:
                report(path, len(lines), f"{len(lines)} lines; at most {REFUSED_LINES}")
            elif len(lines) > LISTED_LINES:
                listed.append(f"{path.relative_to(root)}: {len(lines)} lines")
            for number, line in enumerate(lines, 1):
                check_line(path, number, line, banned_type, report)


def check_line(path, number, line, banned_type, report):
    if re.search(r"TODO\(now\)|\bFIXME\b", line):
        report(path, number, "unfinished")
    if re.search(r"\balloca\s*\(", line):
        report(path, number, "alloca: sizes from outside must not move the stack")
    if re.search(r"GTEST_SKIP|\bDISABLED_", line):
        report(path, number, "a test that is switched off")
    if path.suffix == ".h" and re.search(r"\busing namespace\b", line):
        report(path, number, "using namespace in a header")
    match = banned_type.search(line)
    if match and path.suffix in CODE and not re.search(r"^\s*(//|\*)", line):
        report(path, number, f"a type ending in {match.group(1)} hides what it is")
    if re.search(r"std::(mutex|shared_mutex)\s+\w+", line) and path.name not in ("guarded.h", "log.cc"):
        report(path, number, "a bare mutex: use Guarded<T>, Snapshot<T> or BoundedQueue<T>")


def check_headers(root, report):
    for top in ("src", "backends", "tables"):
        for path in sorted((root / top).rglob("*.h")):
            if "#pragma once" not in path.read_text():
                report(path, 1, "no #pragma once")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    violations, listed = [], []

    def report(path, line, what):
        violations.append(f"{pathlib.Path(path).relative_to(root)}:{line}: {what}")

    rooms = read_rooms(root, report)
    check_room_lines(rooms, report)
    check_includes(root, rooms, report)
    check_backends(root, report)
    check_texts(root, report, listed)
    check_headers(root, report)
    for text in listed:
        print("long:", text)
    for text in violations:
        print(text)
    print(f"{len(rooms)} rooms, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
