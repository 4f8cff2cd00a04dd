"""Triton's own HTTP client (tritonclient) against the real binary: what its users call must work unchanged.

Runs in .deps/venv-triton (kserve's client cannot live in the same process)."""
import asyncio
import pathlib
import sys
import unittest

import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import packages  # noqa: E402
from fixture import ROOT, WithServer, eventually  # noqa: E402

TYPES = {"BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
         "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64, "FP16": np.float16,
         "FP32": np.float32, "FP64": np.float64, "BYTES": np.object_}


def echo_of_every_type():
    lines = "\n".join(f"- {{name: {t.lower()}{{side}}, datatype: {t}, shape: [-1, 2]}}" for t in TYPES)
    return {
        "slipway.yaml": "name: every-type\nformat: echo\nfiles: {model: model.echo}\ninputs:\n" + lines.replace("{side}", "") +
                        "\noutputs:\n" + lines.replace("{side}", "_out") + "\n",
        "model.echo": "".join(f"input {t.lower()} {t} [-1,2]\n" for t in TYPES) +
                      "".join(f"output {t.lower()}_out from {t.lower()}\n" for t in TYPES)}


def values_of(datatype):
    kind = TYPES[datatype]
    if datatype == "BYTES":
        return np.array([["a\0b".encode(), "ä €".encode()]], dtype=np.object_)
    if datatype == "BOOL":
        return np.array([[True, False]])
    if np.issubdtype(kind, np.integer):
        return np.array([[np.iinfo(kind).min, np.iinfo(kind).max]], dtype=kind)
    return np.array([[np.finfo(kind).max, 0.1]], dtype=kind)


class TritonClient(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        api = cls.server.api()
        answers = [api.push(packages.tar_gz(echo_of_every_type()), "every-type")]
        for name in ("breast_cancer", "wine"):
            files = {p.name: p.read_bytes() for p in (ROOT / "examples" / name).glob("*") if p.name in ("model.onnx", "slipway.yaml")}
            answers.append(api.push(packages.tar_gz(files), name.replace("_", "-")))
        for answer in answers:
            assert answer.status == 201, str(answer)
            assert cls.server.cli("deploy", answer.json["version"]["model"], "--wait").returncode == 0
        api.close()

    def setUp(self):
        super().setUp()
        self.client = triton.InferenceServerClient(self.server.address)
        self.addCleanup(self.client.close)
        self.row = np.zeros((1, 30), dtype=np.float32)

    def input_name(self, model):
        return self.client.get_model_metadata(model)["inputs"][0]["name"]

    def test_health_and_metadata(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready("wine"))
        self.assertTrue(self.client.is_model_ready("wine", "1"))
        self.assertFalse(self.client.is_model_ready("nobody"))
        self.assertFalse(self.client.is_model_ready("wine", "9"))
        self.assertIn("binary_tensor_data", self.client.get_server_metadata()["extensions"])
        self.assertEqual(self.client.get_model_metadata("wine", "1")["versions"], ["1"])
        self.assertEqual(self.client.get_model_metadata("wine")["platform"], "onnx_onnxv1")
        config = self.client.get_model_config("wine")
        self.assertGreater(config["max_batch_size"], 0)
        self.assertEqual(config["input"][0]["dims"], [13])

    def test_every_datatype_in_binary(self):
        for datatype in TYPES:
            with self.subTest(datatype):
                self.assert_echoed(datatype, binary_in=True, binary_out=True)

    def test_every_datatype_in_json(self):
        for datatype in TYPES:
            if datatype == "FP16":  # the client itself refuses to write it as JSON
                continue
            with self.subTest(datatype):
                self.assert_echoed(datatype, binary_in=False, binary_out=False)
                self.assert_echoed(datatype, binary_in=False, binary_out=True)

    def assert_echoed(self, datatype, binary_in, binary_out):
        inputs = []
        for other in TYPES:
            tensor = triton.InferInput(other.lower(), [1, 2], other)
            # Only the type asked about goes as it says, so that mixed requests are seen, too.
            tensor.set_data_from_numpy(values_of(other), binary_data=binary_in or other != datatype)
            inputs.append(tensor)
        wanted = triton.InferRequestedOutput(datatype.lower() + "_out", binary_data=binary_out)
        found = self.client.infer("every-type", inputs, outputs=[wanted]).as_numpy(datatype.lower() + "_out")
        expected = values_of(datatype)
        if datatype == "BYTES" and not binary_out:
            found = np.array([[v.encode() if isinstance(v, str) else v for v in row] for row in found], dtype=np.object_)
        np.testing.assert_array_equal(found.reshape(expected.shape), expected)

    def test_id_parameters_and_selected_outputs(self):
        inputs = self.named_input("breast-cancer")
        metadata = self.client.get_model_metadata("breast-cancer")
        output = metadata["outputs"][0]["name"]
        result = self.client.infer("breast-cancer", inputs, outputs=[triton.InferRequestedOutput(output)],
                                   request_id="grüße-1", timeout=5_000_000, priority=1,
                                   parameters={"who": "test", "n": 3, "x": 0.5, "yes": True})
        self.assertEqual(result.get_response()["id"], "grüße-1")
        self.assertEqual([o["name"] for o in result.get_response()["outputs"]], [output])
        self.assertNotIn("id", self.client.infer("breast-cancer", inputs).get_response())

    def named_input(self, model):
        tensor = triton.InferInput(self.input_name(model), [1, 30], "FP32")
        tensor.set_data_from_numpy(self.row)
        return [tensor]

    def test_classification_with_labels(self):
        output = triton.InferRequestedOutput("probabilities", class_count=2)
        result = self.client.infer("breast-cancer", self.named_input("breast-cancer"), outputs=[output])
        found = [v.decode().split(":") for v in result.as_numpy("probabilities").flatten()]
        self.assertEqual({label for _, _, label in found}, {"malignant", "benign"})
        self.assertGreaterEqual(float(found[0][0]), float(found[1][0]))

    def test_compressed_both_ways(self):
        for kind in ("gzip", "deflate"):
            result = self.client.infer("breast-cancer", self.named_input("breast-cancer"),
                                       request_compression_algorithm=kind, response_compression_algorithm=kind)
            self.assertEqual(result.as_numpy("probabilities").shape, (1, 2))

    def test_many_at_once(self):
        with triton.InferenceServerClient(self.server.address, concurrency=8) as client:
            waiting = [client.async_infer("breast-cancer", self.named_input("breast-cancer")) for _ in range(64)]
            for answer in waiting:
                self.assertEqual(answer.get_result().as_numpy("probabilities").shape, (1, 2))

    def test_asyncio(self):
        async def ask():
            async with triton_aio.InferenceServerClient(self.server.address) as client:
                self.assertTrue(await client.is_server_ready())
                self.assertEqual((await client.get_model_metadata("wine"))["name"], "wine")
                answers = await asyncio.gather(*(client.infer("breast-cancer", self.named_input("breast-cancer"), request_id=str(i))
                                                 for i in range(20)))
                with self.assertRaises(InferenceServerException):
                    await client.infer("nobody", self.named_input("breast-cancer"))
                return [a.get_response()["id"] for a in answers]
        self.assertEqual(asyncio.run(ask()), [str(i) for i in range(20)])

    def test_statistics_count_each_request_once(self):
        def success():
            return self.client.get_inference_statistics("wine", "1")["model_stats"][0]["inference_stats"]["success"]["count"]
        name = self.input_name("wine")
        before = success()
        for rows in (1, 3):
            tensor = triton.InferInput(name, [rows, 13], "FP32")
            tensor.set_data_from_numpy(np.ones((rows, 13), dtype=np.float32))
            self.client.infer("wine", [tensor])
        self.assertEqual(success(), before + 2)

    def test_refusals_have_their_status_and_text(self):
        cases = [("nobody", self.named_input("breast-cancer"), "404"), ("breast-cancer", [], "400")]
        wrong = triton.InferInput("input", [1, 31], "FP32")
        wrong.set_data_from_numpy(np.zeros((1, 31), dtype=np.float32))
        cases.append(("breast-cancer", [wrong], "400"))
        for model, inputs, status in cases:
            with self.subTest(model=model, status=status), self.assertRaises(InferenceServerException) as caught:
                self.client.infer(model, inputs)
            self.assertEqual(caught.exception.status(), status)
            self.assertGreater(len(caught.exception.message()), 10)

    def test_shared_memory_is_refused_with_its_reason(self):
        client = self.client
        for ask in (client.get_system_shared_memory_status, client.get_cuda_shared_memory_status, client.unregister_system_shared_memory,
                    client.unregister_cuda_shared_memory, lambda: client.get_system_shared_memory_status("mine"),
                    lambda: client.register_system_shared_memory("mine", "/mine", 64),
                    lambda: client.unregister_cuda_shared_memory("mine"), lambda: client.register_cuda_shared_memory("mine", "eA==", 0, 64)):
            with self.assertRaisesRegex(InferenceServerException, "shared memory is not supported") as caught:
                ask()
            self.assertEqual(caught.exception.status(), "501")

    def test_the_logs_level(self):
        headers = {"Authorization": "Bearer " + self.server.admin_token}
        with self.assertRaises(InferenceServerException) as caught:
            self.client.get_log_settings()  # nobody's token
        self.assertEqual(caught.exception.status(), "401")
        usual = self.client.get_log_settings(headers=headers)
        self.assertEqual((usual["log_info"], usual["log_verbose_level"]), (True, 0))
        self.assertEqual(self.client.update_log_settings({"log_verbose_level": 1}, headers=headers), {**usual, "log_verbose_level": 1})
        self.assertEqual(self.client.update_log_settings({"log_verbose_level": 0, "log_info": False}, headers=headers),
                         {**usual, "log_info": False})
        self.assertEqual(self.client.update_log_settings({"log_info": True}, headers=headers), usual)
        with self.assertRaisesRegex(InferenceServerException, "graver"):
            self.client.update_log_settings({"log_error": False}, headers=headers)

    def test_traces_are_lines_of_the_log(self):
        headers = {"Authorization": "Bearer " + self.server.admin_token}

        def update(model=None, **wanted):
            return self.client.update_trace_settings(model, wanted, headers=headers)

        usual = self.client.get_trace_settings(headers=headers)
        self.assertEqual((usual["trace_level"], usual["trace_rate"], usual["trace_count"]), (["OFF"], "1000", "-1"))
        self.assertEqual(self.client.get_trace_settings("wine", headers=headers), usual)
        before = self.server.log.count("trace")
        self.assertEqual(update(trace_level=["TIMESTAMPS"], trace_rate="1", trace_count="3")["trace_count"], "3")
        for _ in range(5):
            self.client.infer("breast-cancer", self.named_input("breast-cancer"))
        self.assertEqual(self.client.get_trace_settings(headers=headers)["trace_count"], "0")
        eventually(lambda: self.server.log.count("trace") - before == 3, lambda: f"three traces in\n{self.server.log}")
        self.assertEqual(update(trace_level=None, trace_rate=None, trace_count=None), usual)
        for model, wrong, status in ((None, {"trace_level": ["TENSORS"]}, "501"), (None, {"trace_rate": "0"}, "400"),
                                     ("wine", {"trace_rate": "1"}, "501"), ("nobody", {"trace_rate": "1"}, "404")):
            with self.subTest(wrong), self.assertRaises(InferenceServerException) as caught:
                update(model, **wrong)
            self.assertEqual(caught.exception.status(), status)

    def test_index_load_and_unload(self):
        with triton.InferenceServerClient(self.server.address) as client:
            headers = {"Authorization": "Bearer " + self.server.admin_token}
            index = {m["name"]: m["state"] for m in client.get_model_repository_index(headers=headers)}
            self.assertEqual(index["wine"], "READY")
            client.unload_model("wine", headers=headers)
            self.assertFalse(client.is_model_ready("wine"))
            client.load_model("wine", headers=headers)
            self.assertTrue(client.is_model_ready("wine"))
            with self.assertRaises(InferenceServerException) as caught:
                client.load_model("nobody", headers=headers)
            self.assertEqual(caught.exception.status(), "404")
            with self.assertRaises(InferenceServerException) as caught:
                client.unload_model("wine")  # nobody's token
            self.assertIn(caught.exception.status(), ("401", "403"))


if __name__ == "__main__":
    unittest.main()
