"""A Triton repository as it is, served by the real binary and asked by Triton's own client.

Runs in .deps/venv-triton."""
import base64
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

import numpy as np
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import onnx_graph  # noqa: E402
from fixture import ROOT, Server, eventually, run  # noqa: E402

WINE = ROOT / "examples/wine/model.onnx"
LABELS = "class_0\nclass_1\nclass_2\n"
WINE_CONFIG = """
platform: "onnxruntime_onnx"
max_batch_size: 32
input [ { name: "measurements" data_type: TYPE_FP32 dims: [ 13 ] } ]
output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ 3 ] label_filename: "classes.txt" } ]
dynamic_batching { max_queue_delay_microseconds: 100 }
instance_group [ { count: 1 kind: KIND_CPU } ]
"""
PLAIN = 'backend: "onnxruntime"\nmax_batch_size: 8\ninput { name: "x" data_type: TYPE_FP32 dims: 3 }\n'
POLL = ("--repository-poll", "50ms")


def operator(name):
    return onnx_graph.one_operator(name)


class Repository(unittest.TestCase):
    """One server on one repository; each test has its own."""
    control = "poll"

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="slipway-models-")
        self.addCleanup(folder.cleanup)
        self.models = pathlib.Path(folder.name)

    def write(self, path, content):
        """Whole or not at all, as a careful copy does."""
        target = self.models / path
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.parent / ("." + target.name)
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(fresh, target)

    def serve(self, data=None):
        self.server = Server(data=data, options=("--model-repository", self.models, "--model-control", self.control, *POLL))
        self.addCleanup(self.server.close)
        self.server.start()
        self.open_client()

    def open_client(self):
        self.client = triton.InferenceServerClient(self.server.address)
        self.addCleanup(self.client.close)
        self.headers = {"Authorization": "Bearer " + self.server.admin_token}

    def ask(self, model, values=(1.0, 2.0, 3.0), version="", name="x", output="y"):
        rows = np.array([values], dtype=np.float32)
        tensor = triton.InferInput(name, list(rows.shape), "FP32")
        tensor.set_data_from_numpy(rows)
        result = self.client.infer(model, [tensor], model_version=version)
        return result.as_numpy(output)[0].tolist(), result.get_response()["model_version"]

    def answers(self, model, **more):
        """What ask() gives, or None while the model is not served."""
        try:
            return self.ask(model, **more)
        except InferenceServerException:
            return None

    def index(self):
        return {(m["name"], m.get("version", "")): (m["state"], m["reason"])
                for m in self.client.get_model_repository_index(headers=self.headers)}

    def versions(self, model):
        return self.client.get_model_metadata(model)["versions"]


class Polled(Repository):
    def test_a_model_may_have_other_shapes_than_its_clients(self):
        """Softmax over the last dimension tells how the values lie."""
        softmax = onnx_graph.model([onnx_graph.node("Softmax", ["x"], ["y"])], [("x", ["n", 2, 2])], [("y", ["n", 2, 2])])
        fixed = onnx_graph.model([onnx_graph.node("Softmax", ["x"], ["y"])], [("x", [2, "k"])], [("y", [2, "k"])])
        self.write("rows/config.pbtxt", 'max_batch_size: 8 input { name: "x" data_type: TYPE_FP32 dims: 4 reshape { shape: [2,2] } }'
                   ' output { name: "y" data_type: TYPE_FP32 dims: [1,4] reshape { shape: [2,2] } }')
        self.write("rows/1/model.onnx", softmax)
        self.write("whole/config.pbtxt", 'input { name: "x" data_type: TYPE_FP32 dims: [1,2,-1] reshape { shape: [2,-1] } }'
                   ' output { name: "y" data_type: TYPE_FP32 dims: [2,-1,1] reshape { shape: [2,-1] } }')
        self.write("whole/1/model.onnx", fixed)
        self.write("wrong/config.pbtxt", 'max_batch_size: 8 input { name: "x" data_type: TYPE_FP32 dims: 4 reshape { shape: [4,1] } }')
        self.write("wrong/1/model.onnx", softmax)
        self.serve()
        self.assertIn("model_shape [-1,4,1]", self.index()[("wrong", "1")][1])
        self.assertEqual(self.client.get_model_metadata("rows")["inputs"][0]["shape"], [-1, 4])
        config = self.client.get_model_config("rows")
        self.assertEqual([(t["dims"], t["reshape"]["shape"]) for t in config["input"] + config["output"]], [([4], [2, 2]), ([1, 4], [2, 2])])

        def ask(model, rows):
            tensor = triton.InferInput("x", list(rows.shape), "FP32")
            tensor.set_data_from_numpy(rows)
            return self.client.infer(model, [tensor]).as_numpy("y")

        def expected(values):
            powers = np.exp(values)
            return powers / powers.sum(axis=-1, keepdims=True)

        some = np.arange(12, dtype=np.float32).reshape(3, 4) / 3
        np.testing.assert_allclose(ask("rows", some), expected(some.reshape(3, 2, 2)).reshape(3, 1, 4), rtol=1e-5)
        np.testing.assert_allclose(ask("whole", some.reshape(1, 2, 6)), expected(some.reshape(2, 6)).reshape(2, 6, 1), rtol=1e-5)
        with self.assertRaisesRegex(InferenceServerException, r"expected shape \[-1,4\]"):
            ask("rows", some.reshape(3, 2, 2))

    def test_a_repository_is_served_as_it_is_at_the_start(self):
        self.write("wine/config.pbtxt", WINE_CONFIG)
        self.write("wine/classes.txt", LABELS)
        self.write("wine/3/model.onnx", WINE.read_bytes())
        self.write("bare/1/model.onnx", operator("Neg"))
        self.serve()
        self.assertTrue(self.client.is_model_ready("wine"))
        self.assertTrue(self.client.is_model_ready("wine", "3"))
        self.assertFalse(self.client.is_model_ready("wine", "1"))
        self.assertEqual(self.versions("wine"), ["3"])
        config = self.client.get_model_config("wine")
        self.assertEqual(config["max_batch_size"], 32)
        self.assertEqual(config["input"][0]["dims"], [13])
        row = json.loads((ROOT / "examples/wine/requests/infer.json").read_text())["inputs"][0]["data"]
        probabilities, version = self.ask("wine", np.array(row).flatten()[:13], "3", "measurements", "probabilities")
        self.assertEqual(version, "3")
        self.assertAlmostEqual(sum(probabilities), 1, 4)
        tensor = triton.InferInput("measurements", [1, 13], "FP32")
        tensor.set_data_from_numpy(np.array([np.array(row).flatten()[:13]], dtype=np.float32))
        top = self.client.infer("wine", [tensor], outputs=[triton.InferRequestedOutput("probabilities", class_count=1)])
        self.assertRegex(top.as_numpy("probabilities").flatten()[0].decode(), r"class_\d$")
        self.assertEqual(self.ask("bare"), ([-1.0, -2.0, -3.0], "1"))
        self.assertEqual(self.client.get_inference_statistics("wine", "3")["model_stats"][0]["version"], "3")
        self.assertEqual(self.index()[("wine", "3")][0], "READY")

    def test_changes_on_disk_are_followed(self):
        self.write("m/config.pbtxt", PLAIN)
        self.write("m/1/model.onnx", operator("Neg"))
        self.serve()
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))
        self.write("m/5/model.onnx", operator("Exp"))
        eventually(lambda: self.answers("m")[1] == "5", "version 5")
        self.assertIsNone(self.answers("m", version="1"))
        self.write("m/5/model.onnx", operator("Abs"))
        eventually(lambda: self.answers("m") == ([1, 2, 3], "5"), "the changed version 5")
        self.assertEqual(self.answers("m", version="5"), ([1, 2, 3], "5"))
        self.write("new/2/model.onnx", operator("Neg"))
        eventually(lambda: self.answers("new"), "a new model")
        shutil.rmtree(self.models / "m/5")
        eventually(lambda: self.answers("m") == ([-1, -2, -3], "1"), "version 1 again")
        shutil.rmtree(self.models / "m")
        eventually(lambda: self.answers("m") is None, "the model to be gone")
        self.assertEqual(self.ask("new"), ([-1, -2, -3], "2"))

    def test_a_broken_version_is_told_and_harms_nothing(self):
        self.write("m/config.pbtxt", PLAIN)
        self.write("m/1/model.onnx", operator("Neg"))
        self.serve()
        self.write("m/2/model.onnx", b"no model at all")
        eventually(lambda: ("m", "2") in self.index(), "the broken version in the index")
        state, reason = self.index()[("m", "2")]
        self.assertEqual(state, "UNAVAILABLE")
        self.assertIn("model.onnx", reason)
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))
        # Broken in place: what was there before is served on, and the reason told with it.
        self.write("m/1/model.onnx", b"broken, too")
        eventually(lambda: self.index()[("m", "1")][1], "a reason")
        self.assertEqual(self.index()[("m", "1")][0], "READY")
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))
        self.write("m/config.pbtxt", PLAIN + "max_batchsize: 3\n")
        eventually(lambda: ("m", "") in self.index(), "the broken configuration in the index")
        self.assertRegex(self.index()[("m", "")][1], r'^config\.pbtxt:4:\d+: unknown field "max_batchsize".*"max_batch_size"')
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))
        self.write("m/config.pbtxt", PLAIN)
        self.write("m/2/model.onnx", operator("Abs"))
        eventually(lambda: self.answers("m") == ([1, 2, 3], "2"), "the mended version")
        self.assertNotIn(("m", ""), self.index())

    def test_what_cannot_be_served_is_told_by_model(self):
        self.write("python/config.pbtxt", 'backend: "python"')
        self.write("python/1/model.py", "pass")
        self.write("good/1/model.onnx", operator("Neg"))
        (self.models / "leaves/1").mkdir(parents=True)
        os.symlink("/etc/passwd", self.models / "leaves/1/model.onnx")
        self.serve()
        eventually(lambda: ("leaves", "") in self.index(), "the link in the index")
        self.assertIn('no backend "python"', self.index()[("python", "")][1])
        self.assertIn("a link that leaves it", self.index()[("leaves", "")][1])
        self.assertEqual(self.ask("good")[0], [-1, -2, -3])

    def test_a_version_policy_serves_several_versions(self):
        self.write("m/config.pbtxt", PLAIN + "version_policy: { specific { versions: [ 1, 3 ] } }")
        for number, name in (("1", "Neg"), ("2", "Exp"), ("3", "Abs")):
            self.write(f"m/{number}/model.onnx", operator(name))
        self.serve()
        self.assertEqual(self.versions("m"), ["1", "3"])
        self.assertEqual(self.ask("m"), ([1, 2, 3], "3"))
        self.assertEqual(self.ask("m", version="1"), ([-1, -2, -3], "1"))
        self.assertIsNone(self.answers("m", version="2"))

    def test_dims_are_complete_and_requests_apart_without_batching(self):
        self.write("m/config.pbtxt", 'max_batch_size: 0\ninput { name: "x" data_type: TYPE_FP32 dims: [ -1, 3 ] }')
        self.write("m/1/model.onnx", operator("Neg"))
        self.serve()
        config = self.client.get_model_config("m")
        self.assertEqual((config["max_batch_size"], config["input"][0]["dims"]), (0, [-1, 3]))
        self.assertEqual(self.ask("m")[0], [-1, -2, -3])

    def test_weights_may_lie_beside_the_model(self):
        weights = np.array([10, 20, 30], dtype=np.float32).tobytes()
        self.write("m/1/model.onnx/model.onnx", onnx_graph.adds_external("weights.bin", offset=0, length=12))
        self.write("m/1/model.onnx/weights.bin", weights)
        self.serve()
        self.assertEqual(self.ask("m")[0], [11, 22, 33])

    def test_a_start_takes_nothing_twice_and_serves_what_was_served(self):
        self.write("m/config.pbtxt", PLAIN)
        self.write("m/4/model.onnx", operator("Neg"))
        self.write("gone/1/model.onnx", operator("Abs"))
        self.serve()
        self.server.stop()
        shutil.rmtree(self.models / "gone")
        self.server.start()
        self.open_client()
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "4"))
        eventually(lambda: self.answers("gone") is None, "the removed model to be gone")
        self.assertEqual([e["action"] for e in self.server.api().events("m")].count("push"), 1)

    def test_an_import_by_hand_makes_the_same_versions(self):
        self.write("m/config.pbtxt", PLAIN)
        self.write("m/1/model.onnx", operator("Neg"))
        self.serve()
        done = self.server.cli("import", self.models)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "m/1 -> m:1 (was there already)\n")

    def test_an_import_goes_on_after_a_model_that_cannot_be_read(self):
        self.serve()
        with tempfile.TemporaryDirectory(prefix="slipway-other-") as folder:
            other = pathlib.Path(folder)
            (other / "a").mkdir()
            (other / "a/loop").symlink_to("loop")
            (other / "b/1").mkdir(parents=True)
            (other / "b/1/model.onnx").write_bytes(operator("Neg"))
            done = self.server.cli("import", other)
        self.assertEqual(done.stdout, "b/1 -> b:1\n")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("a/loop: ", done.stderr)


class Explicit(Repository):
    control = "explicit"

    def test_only_what_is_loaded_is_served(self):
        self.write("m/config.pbtxt", PLAIN)
        self.write("m/1/model.onnx", operator("Neg"))
        self.serve()
        eventually(lambda: self.index().get(("m", "")) == ("UNAVAILABLE", "not loaded"), "the model in the index")
        self.assertFalse(self.client.is_model_ready("m"))
        self.client.load_model("m", headers=self.headers)
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))
        self.write("m/2/model.onnx", operator("Abs"))
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))
        self.client.load_model("m", headers=self.headers)
        self.assertEqual(self.ask("m"), ([1, 2, 3], "2"))
        self.client.unload_model("m", headers=self.headers)
        self.assertFalse(self.client.is_model_ready("m"))
        self.assertEqual(self.index()[("m", "")], ("UNAVAILABLE", "unloaded"))

    def test_a_load_may_bring_its_configuration_and_its_files(self):
        self.write("m/config.pbtxt", PLAIN)
        self.write("m/1/model.onnx", operator("Neg"))
        self.serve()
        self.client.load_model("m", headers=self.headers, config=json.dumps({"max_batch_size": 2}))
        self.assertEqual(self.client.get_model_config("m")["max_batch_size"], 2)
        self.client.load_model("m", headers=self.headers, config=json.dumps({"backend": "onnxruntime"}),
                               files={"file:7/model.onnx": operator("Abs")})
        self.assertEqual(self.ask("m"), ([1, 2, 3], "7"))
        self.client.load_model("sent", headers=self.headers, config="{}", files={"file:1/model.onnx": operator("Exp")})
        self.assertEqual(self.ask("sent")[1], "1")
        self.client.load_model("m", headers=self.headers)
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))
        self.assertEqual(self.client.get_model_config("m")["max_batch_size"], 8)

    def test_a_load_by_grpc_brings_the_same(self):
        self.write("m/config.pbtxt", PLAIN)
        self.write("m/1/model.onnx", operator("Neg"))
        self.serve()
        with triton_grpc.InferenceServerClient(self.server.address) as client:
            headers = {"authorization": self.headers["Authorization"]}
            client.load_model("m", headers=headers, config=json.dumps({"max_batch_size": 2}))
            self.assertEqual(client.get_model_config("m").config.max_batch_size, 2)
            files = {"file:7/model.onnx": operator("Abs"), "file:7/beside.bin": bytes(5 << 20)}  # more than other questions may have
            client.load_model("m", headers=headers, config=json.dumps({"backend": "onnxruntime"}), files=files)
            self.assertEqual(self.ask("m"), ([1, 2, 3], "7"))
            client.load_model("sent", headers=headers, config="{}", files={"file:1/model.onnx": operator("Exp")})
            self.assertEqual(self.ask("sent")[1], "1")
            for more, word in (({"config": "{}", "files": {"file:../1/model.onnx": b"x"}}, "file:"),
                               ({"config": '{"max_batchsize":1}'}, "max_batchsize"),
                               ({"config": "{}", "files": {"file:8/model.onnx": b"broken"}}, "version 8")):
                with self.subTest(word), self.assertRaisesRegex(InferenceServerException, word):
                    client.load_model("m", headers=headers, **more)
            self.assertEqual(self.ask("m"), ([1, 2, 3], "7"))
            client.unload_model("m", headers=headers)
            self.assertFalse(client.is_model_ready("m"))
            client.load_model("m", headers=headers)
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))

    def test_the_configuration_that_is_told_is_taken_back_and_told_again(self):
        policy = "dynamic_batching { default_queue_policy { default_timeout_microseconds: 50 } "
        self.write("wine/config.pbtxt", WINE_CONFIG.replace("dynamic_batching {", policy) + """
            parameters { key: "site" value { string_value: "north" } } model_warmup { name: "two" count: 2 }""")
        self.write("wine/classes.txt", "same\n\nsame\n")
        self.write("wine/2/model.onnx", WINE.read_bytes())
        self.serve()
        self.client.load_model("wine", headers=self.headers)
        told = self.client.get_model_config("wine")
        self.assertEqual(told["platform"], "onnxruntime_onnx")
        self.assertEqual([output["label_filename"] for output in told["output"] if output["name"] == "probabilities"],
                         ["classes.txt"])
        self.client.load_model("wine", headers=self.headers, config=json.dumps(told))
        self.assertEqual(self.client.get_model_config("wine"), told)

    def test_a_load_that_fails_says_why_and_changes_nothing(self):
        self.write("m/1/model.onnx", operator("Neg"))
        self.serve()
        self.client.load_model("m", headers=self.headers)
        cases = {"nobody": ({}, "404"), "m": ({"config": '{"max_batchsize":1}'}, "400")}
        for model, (more, status) in cases.items():
            with self.subTest(model), self.assertRaises(InferenceServerException) as caught:
                self.client.load_model(model, headers=self.headers, **more)
            self.assertEqual(caught.exception.status(), status, caught.exception.message())
        for path in ("file:1/../../escape", "file:../1/model.onnx", "file:model.onnx", "file:1/.hidden"):
            body = {"parameters": {"config": "{}", path: base64.b64encode(b"x").decode()}}
            answer = self.server.api().post("/v2/repository/models/m/load", body)
            self.assertEqual(answer.status, 400, f"{path}: {answer}")
        with self.assertRaises(InferenceServerException) as caught:
            self.client.load_model("m", headers=self.headers, config="{}", files={"file:2/model.onnx": b"broken"})
        self.assertIn("version 2", caught.exception.message())
        self.assertEqual(self.ask("m"), ([-1, -2, -3], "1"))
        self.assertEqual([p for p in self.models.parent.glob("escape*")], [])


class Offline(Repository):
    def test_a_repository_that_is_not_there_stops_the_start(self):
        done = run("serve", "--data", self.models / "data", "--listen", "127.0.0.1:0", "--model-repository", self.models / "none")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the model repository", done.stderr)


if __name__ == "__main__":
    unittest.main()
