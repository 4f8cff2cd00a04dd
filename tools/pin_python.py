#!/usr/bin/env python3
"""pin_python.py FILE.in...: writes FILE.txt beside each, every package of it by exact version and SHA-256.

Resolved by pip for Debian 12's Python 3.11 on x86_64; the hashes of the aarch64 wheels of the same versions are
added where all of them exist.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

PLATFORMS = {
    "x86_64": ["manylinux_2_36_x86_64", "manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"],
    "aarch64": ["manylinux_2_36_aarch64", "manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"],
}


def resolve(requirements: pathlib.Path, machine: str, *extra: str) -> dict[str, tuple[str, str]]:
    """The packages pip would install there: name -> (version, SHA-256 of the wheel)."""
    platforms = [word for tag in PLATFORMS[machine] for word in ("--platform", tag)]
    with tempfile.TemporaryDirectory() as target:
        report = subprocess.run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--dry-run", "--ignore-installed",
             "--only-binary", ":all:", "--python-version", "3.11", "--target", target, "--report", "-", *platforms, *extra,
             "--requirement", str(requirements)],
            check=True, stdout=subprocess.PIPE).stdout
    found = {}
    for item in json.loads(report)["install"]:
        name = item["metadata"]["name"].lower().replace("_", "-").replace(".", "-")
        found[name] = (item["metadata"]["version"], item["download_info"]["archive_info"]["hashes"]["sha256"])
    return found


def pin(source: pathlib.Path) -> None:
    wanted = resolve(source, "x86_64")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as exact:
        exact.write("".join(f"{name}=={version}\n" for name, (version, _) in wanted.items()))
        exact.flush()
        try:
            other = resolve(pathlib.Path(exact.name), "aarch64", "--no-deps")
            machines = "x86_64 and aarch64"
        except subprocess.CalledProcessError:  # a package without an aarch64 wheel; pip said which
            other, machines = wanted, "x86_64"
    lines = [f"# Made by tools/pin_python.py from {source.name}; {machines} wheels for Python 3.11.\n"]
    for name in sorted(wanted):
        version = wanted[name][0]
        hashes = sorted({wanted[name][1], other[name][1]})
        lines.append(f"{name}=={version}" + "".join(f" \\\n    --hash=sha256:{value}" for value in hashes) + "\n")
    source.with_suffix(".txt").write_text("".join(lines))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for argument in sys.argv[1:]:
        pin(pathlib.Path(argument))
