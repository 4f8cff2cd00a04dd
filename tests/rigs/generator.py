"""slipway-load as a child process: one request again and again, over one protocol, with every answer compared."""
import json
import os
import struct
import subprocess

import packages
from fixture import ROOT
from generator_command import generator_command
from protobuf_wire import field, varint

PROGRAM = os.environ.get("SLIPWAY_LOAD") or ROOT / "build/release/bench/slipway-load"
PROTOCOLS = ("http1", "http2", "grpc")
GRPC_PATH = "/inference.GRPCInferenceService/ModelInfer"
GOOD = {"http1": "200", "http2": "200", "grpc": "0"}


def question(protocol, model, nonces, timeout_us=None):
    """One request of an echo model: (path, body)."""
    if protocol == "grpc":
        shape = varint(len(nonces)) + varint(1)
        tensor = field(1, "nonce") + field(2, "INT64") + field(3, shape)
        parameter = field(1, "timeout") + field(2, b"\x10" + varint(timeout_us)) if timeout_us else b""
        return GRPC_PATH, (field(1, model) + (field(4, parameter) if parameter else b"") + field(5, tensor) +
                           field(7, struct.pack(f"<{len(nonces)}q", *nonces)))
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
        command = generator_command(PROGRAM, f"http://{server.address}{path}", file, seconds, protocol=protocol, connections=connections,
                                    streams=streams, rate=rate, warm_up=warm_up, pids=[server.process.pid], more=more,
                                    headers=[] if protocol == "grpc" else ["content-type: application/json"])
        if core is not None:
            command = ["taskset", "-c", str(core), *command]
        self.process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

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
