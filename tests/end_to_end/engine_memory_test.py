"""What a request can make an engine ask for: memory that there is not is told, and ends nothing."""
import json
import os
import unittest

import onnx_graph
import packages
from fixture import Server
from protobuf_wire import field, number

ROWS = 4_000_000  # x is [1, ROWS]; its product with itself would take 64 TB
LARGE, SMALL = 50_000, 10  # weights: a larger model takes its memory from blocks of our own

MANIFEST = """name: {name}
format: onnx
files: {{model: model.onnx}}
inputs:
- {{name: x, datatype: FP32, shape: [-1, -1]}}
outputs:
- {{name: y, datatype: FP32, shape: [-1, -1]}}
"""


def outer_product(weights):
    constant = number(1, weights) + number(2, 1) + field(8, "w") + field(9, bytes(4 * weights))
    nodes = [onnx_graph.node(*node) for node in (
        ("Transpose", ["x"], ["t"]), ("MatMul", ["t", "x"], ["square"]), ("MatMul", ["x", "square"], ["z"]),
        ("ReduceSum", ["w"], ["sum"]), ("Add", ["z", "sum"], ["y"]))]
    return onnx_graph.model(nodes, [("x", ["n", "m"])], [("y", ["n", "m"])], [constant])


def asked_for(server, name, width):
    head = json.dumps({"inputs": [{"name": "x", "shape": [1, width], "datatype": "FP32", "parameters": {"binary_data_size": 4 * width}}]}).encode()
    return server.api().request("POST", f"/v2/models/{name}/infer", head + bytes(4 * width), {"Inference-Header-Content-Length": str(len(head))})


def resident(server):
    with open(f"/proc/{server.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class EngineMemoryTest(unittest.TestCase):
    def test_what_one_large_run_needed_goes_when_those_after_it_need_less(self):
        with Server() as server:
            archive = packages.tar_gz({"model.onnx": outer_product(LARGE), "slipway.yaml": MANIFEST.format(name="model")})
            self.assertEqual(server.api().push(archive, "model").status, 201)
            self.assertEqual(server.cli("deploy", "model", "--wait").returncode, 0)
            before = resident(server)
            self.assertEqual(asked_for(server, "model", 4000).status, 200)  # 64 MB between its layers
            kept = resident(server) - before
            self.assertGreater(kept, 48 << 20, "expected that the next run finds it again")
            for _ in range(1400):
                self.assertEqual(asked_for(server, "model", 300).status, 200)
            self.assertLess(resident(server) - before, 24 << 20)

    def test_an_intermediate_that_no_memory_holds_is_refused_and_the_server_goes_on(self):
        with Server() as server:
            for name, weights in (("small", SMALL), ("large", LARGE)):
                archive = packages.tar_gz({"model.onnx": outer_product(weights), "slipway.yaml": MANIFEST.format(name=name)})
                self.assertEqual(server.api().push(archive, name).status, 201)
                self.assertEqual(server.cli("deploy", name, "--wait").returncode, 0)
                asked = asked_for(server, name, ROWS)
                self.assertEqual(asked.status, 503, asked)
                one = json.dumps({"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}).encode()
                again = server.api().request("POST", f"/v2/models/{name}/infer", one)
                self.assertEqual((again.status, again.json["outputs"][0]["data"]), (200, [5.0, 10.0]))


if __name__ == "__main__":
    unittest.main()
