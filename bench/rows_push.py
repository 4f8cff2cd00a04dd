"""push: a package of 1 GiB against what hashing and copying the same file takes."""
import io
import os
import shutil
import subprocess
import tarfile
import time
import urllib.request

import yard
from load import alternate, median
from places import MODELS, SLIPWAY, WORK

SIZE = 1 << 30
PIECE = 1 << 20


class Noise:
    """So many bytes that no compression shortens."""

    def __init__(self, size):
        self.left, self.piece = size, os.urandom(PIECE)

    def read(self, size):
        size = min(size, self.left, PIECE)
        self.left -= size
        # Turned each time, or the pieces would repeat within a window of zstd.
        self.piece = self.piece[4099:] + self.piece[:4099]
        return self.piece[:size]


def make_package(path):
    model = (MODELS / "tiny.onnx").read_bytes()
    manifest = b"format: onnx\nfiles: {model: model.onnx}\n"
    with tarfile.open(path, "w") as archive:
        for name, content, size in (("model.onnx", io.BytesIO(model), len(model)), ("slipway.yaml", io.BytesIO(manifest), len(manifest)),
                                    ("data.bin", Noise(SIZE), SIZE)):
            entry = tarfile.TarInfo(name)
            entry.size = size
            archive.addfile(entry, content)


def timed(command, **keywords):
    began = time.monotonic()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, **keywords)
    return time.monotonic() - began


def cpu_seconds(pid):
    """On a CPU so far, with threads and children that have ended: in fields 14 to 17."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def settle():
    """What was written before is on the disk: nobody waits for what another left."""
    os.sync()


def push(options, sheet):
    package, copy = WORK / "push.tar", WORK / "push.copy"
    make_package(package)
    data = WORK / yard.twin("pushed")
    with yard.slipway(data="pushed", core="0,1") as server:
        token = (data / "admin.token").read_text().strip()
        environment = dict(os.environ, SLIPWAY_URL=server.url, SLIPWAY_TOKEN=token)

        def hash_and_copy():
            settle()
            took = timed(["sha256sum", package]) + timed(["cp", package, copy])
            copy.unlink()
            return took

        def pushed():
            settle()
            before = cpu_seconds(server.process.pid)
            took = timed([SLIPWAY, "push", package, "--name", "large"], env=environment)
            used = cpu_seconds(server.process.pid) - before
            remove = urllib.request.Request(server.url + "/api/v1/models/large", method="DELETE", headers={"Authorization": "Bearer " + token})
            urllib.request.urlopen(remove).read()
            return took, used

        found = alternate(options.rounds, ours=pushed, theirs=hash_and_copy)
    ours, cpu, theirs = median(t for t, _ in found["ours"]), median(c for _, c in found["ours"]), median(found["theirs"])
    sheet.add("push", "package of 1 GiB, registered and verified: time of sha256sum + cp / of the push",
              f"{theirs / ours:.2f} ({theirs:.2f} s / {ours:.2f} s, {cpu:.2f} s of CPU)", ">= 0.7", theirs / ours >= 0.7)
    sheet.numbers["rounds"] = found
    sheet.commands.append("slipway push build/bench/push.tar --name large, against sha256sum and cp of it; all is on the disk before each")
    package.unlink()
    shutil.rmtree(data)
