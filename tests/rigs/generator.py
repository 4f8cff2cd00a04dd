"""slipway-load as a child process: one request again and again, over one protocol, with every answer compared."""
import json
import os
import struct
import subprocess

import packages
from fixture import ROOT

PROGRAM = os.environ.get("SLIPWAY_LOAD") or ROOT / "build/release/bench/slipway-load"
PROTOCOLS = ("http1", "http2", "grpc")
GRPC_PATH = "/inference.GRPCInferenceService/ModelInfer"
GOOD = {"http1": "200", "http2": "200", "grpc": "0"}


def _varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def _field(number, content):
    content = content.encode() if isinstance(content, str) else content
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def question(protocol, model, nonces, timeout_us=None):
    """One request of an echo model: (path, body)."""
    if protocol == "grpc":
        shape = _varint(len(nonces)) + _varint(1)
        tensor = _field(1, "nonce") + _field(2, "INT64") + _field(3, shape)
        parameter = _field(1, "timeout") + _field(2, b"\x10" + _varint(timeout_us)) if timeout_us else b""
        return GRPC_PATH, (_field(1, model) + (_field(4, parameter) if parameter else b"") + _field(5, tensor) +
                           _field(7, struct.pack(f"<{len(nonces)}q", *nonces)))
    tensor = {"name": "nonce", "datatype": "INT64", "shape": [len(nonces), 1], "data": list(nonces)}
    parameters = {"parameters": {"timeout": timeout_us}} if timeout_us else {}
    return f"/v2/models/{model}/infer", json.dumps({"inputs": [tensor], **parameters}).encode()


class Generator:
    """Owns the process. One thread."""

    def __init__(self, server, protocol, model, seconds, connections=4, streams=1, rate=None, warm_up=0, timeout_us=None, core=None, rows=1,
                 more=()):
        path, body = question(protocol, model, list(range(7, 7 + rows)), timeout_us)
        self.protocol = protocol
        file = server.folder / f"question.{model}.{rows}.{protocol}"
        file.write_bytes(body)
        command = [PROGRAM, f"http://{server.address}{path}", "--protocol", protocol, "--body", file, "--seconds", seconds, "--warm-up", warm_up,
                   "--connections", connections, "--streams", streams if protocol != "http1" else 1, "--pid", server.process.pid, *more]
        if protocol != "grpc":
            command += ["--header", "content-type: application/json"]
        if rate:
            command += ["--rate", rate]
        if core is not None:
            command = ["taskset", "-c", core, *command]
        self.process = subprocess.Popen([*map(str, command)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def is_running(self):
        return self.process.poll() is None

    def report(self):
        """Waits for its end."""
        out, trouble = self.process.communicate()
        if self.process.returncode not in (0, 1):
            raise RuntimeError(f"slipway-load left with {self.process.returncode}: {trouble}")
        return json.loads(out) | {"protocol": self.protocol}

    def close(self):
        if self.is_running():
            self.process.kill()
        self.process.communicate()


def failed_in(report):
    """Requests that got no good answer."""
    good = report["statuses"].get(GOOD[report["protocol"]], {"count": 0})["count"]
    return report["answers"] - good + report["mismatched"] + report["cut"] + report["unanswered"]


def given_model(server, name, cost, more=""):
    """An echo model that burns `cost` microseconds of CPU for each row, served."""
    api = server.api()
    files = packages.echo(1, name, f"cost 0 {cost}\n", more)
    answer = api.push(packages.tar_gz(files), name)
    if answer.status != 201 or answer.json["version"]["stage"].lower() != "validated":
        raise SystemExit(f"expected a validated version of {name}, found {answer}")
    done = server.cli("deploy", name, "--wait")
    if done.returncode != 0:
        raise SystemExit(f"deploy {name} left with {done.returncode}: {done.stderr}")
