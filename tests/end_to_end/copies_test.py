"""How often the bytes of a large body are copied on their way to the model.

The server runs with copy_counter preloaded, which counts what memcpy and memmove move, in our code and in the libraries'. Run
with --print, lines `WHAT: body of N bytes, copied M` say what each way costs (bench/rows_process.py reads them).
"""
import json
import mmap
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

import packages
from fixture import BINARY, Server, WithServer, clean_environment
from protobuf_wire import field, framed, varint

COUNTER = pathlib.Path(os.environ.get("SLIPWAY_BUILD") or BINARY.parent) / "tests" / "copy_counter.so"
SIDE = 224
CONTENT = bytes(4 * 3 * SIDE * SIDE)
SHAPE = (1, 3, SIDE, SIDE)
REQUESTS = 20

MANIFEST = f"""\
format: echo
files: {{model: model.echo}}
inputs:
- {{name: x, datatype: FP32, shape: [-1, 3, {SIDE}, {SIDE}]}}
outputs:
- {{name: y, datatype: INT64, shape: [-1, 1]}}
batching: {{execution: EXECUTION}}
"""
MODEL = f"input x FP32 [-1,3,{SIDE},{SIDE}]\nconstant y 1\ncost 1000 0\n"  # so long that requests meet in the queue


def image_model(execution):
    """Takes an image of 602,112 bytes and says 1; run on the event loop (inline) or by threads of its own (queue)."""
    return packages.tar_gz({"slipway.yaml": MANIFEST.replace("EXECUTION", execution), "model.echo": MODEL})


def binary_body(padding):
    """(headers, body) in the binary tensor extension; padding moves the tensor within the body."""
    tensor = {"name": "x", "shape": SHAPE, "datatype": "FP32", "parameters": {"binary_data_size": len(CONTENT)}}
    head = json.dumps({"id": "i" * padding, "inputs": [tensor]}).encode()
    return {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}, head + CONTENT


def grpc_body(model):
    """A framed ModelInferRequest with raw contents."""
    tensor = field(1, b"x") + field(2, b"FP32") + field(3, b"".join(map(varint, SHAPE)))
    message = field(1, model.encode()) + field(5, tensor) + field(7, CONTENT)
    return framed(message)


class Copies(WithServer):
    @classmethod
    def setUpClass(cls):
        cls.counted = tempfile.NamedTemporaryFile()
        cls.addClassCleanup(cls.counted.close)
        cls.counted.truncate(8)
        cls.counter = mmap.mmap(cls.counted.fileno(), 8)
        cls.addClassCleanup(cls.counter.close)
        cls.server = Server(environment={"LD_PRELOAD": str(COUNTER), "COPY_COUNTER": cls.counted.name})
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def given_model(self, execution):
        name = "by-" + execution
        if self.api.get(f"/v2/models/{name}/ready").status != 200:
            self.given_version(image_model(execution), name)
            self.given_live(name)
        return name

    def copied(self, ask):
        """Bytes copied for each of some requests, after the first ones, which make room."""
        ask(3)
        before = struct.unpack("=Q", self.counter[:])[0]
        ask(REQUESTS)
        return (struct.unpack("=Q", self.counter[:])[0] - before) // REQUESTS

    def by_http(self, model, padding):
        headers, body = binary_body(padding)

        def ask(times):
            for _ in range(times):
                answer = self.api.post(f"/v2/models/{model}/infer", body, headers=headers)
                self.assertEqual(answer.status, 200, str(answer))
        return self.told(f"{model}, HTTP/1.1, tensor moved by {padding}", len(body), self.copied(ask))

    def by_grpc(self, model):
        body = grpc_body(model)
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()

            def ask(times):
                before = self.answered(model)
                subprocess.run(["h2load", "-t1", "-c1", "-m1", f"-n{times}", "-d", file.name, "-Hcontent-type: application/grpc", "-Hte: trailers",
                                self.server.url + "/inference.GRPCInferenceService/ModelInfer"], check=True, capture_output=True, timeout=60,
                               env=clean_environment())
                self.assertEqual(self.answered(model), before + times)
            return self.told(f"{model}, gRPC", len(body), self.copied(ask))

    def answered(self, model):
        return self.api.get(f"/v2/models/{model}/stats").json["model_stats"][0]["inference_stats"]["success"]["count"]

    @staticmethod
    def told(what, size, copied):
        if "--print" in sys.argv:
            print(f"{what}: body of {size} bytes, copied {copied}", flush=True)
        return copied / size

    def assert_at_most(self, copies, measured, what):
        self.assertLess(measured, copies + 0.05, f"expected at most {copies} copies, found {measured:.3f}: {what}")

    def test_over_http_a_body_is_copied_once_at_most(self):
        for execution in ("inline", "queue"):
            model = self.given_model(execution)
            for padding in range(4):
                self.assert_at_most(1, self.by_http(model, padding), f"{execution}, moved by {padding}")

    def test_over_grpc_a_body_is_copied_once_at_most(self):
        for execution in ("inline", "queue"):
            self.assert_at_most(1, self.by_grpc(self.given_model(execution)), execution)


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--print"])
