"""Triton's own gRPC clients (tritonclient.grpc and its asyncio twin) against the real binary, unchanged.

Runs in .deps/venv-triton."""
import asyncio
import pathlib
import queue
import sys
import unittest

import grpc
import numpy as np
import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_aio
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import packages  # noqa: E402
from fixture import ROOT, Server, WithServer, eventually  # noqa: E402, F401
from triton_client_test import TYPES, echo_of_every_type, values_of  # noqa: E402

PATIENCE = 20  # seconds a call may take before the test gives up


def deploy_models(server):
    api = server.api()
    files = {p.name: p.read_bytes() for p in (ROOT / "examples/wine").glob("*") if p.name in ("model.onnx", "slipway.yaml")}
    for package, name in ((packages.tar_gz(echo_of_every_type()), "every-type"), (packages.tar_gz(files), "wine")):
        answer = api.push(package, name)
        assert answer.status == 201, str(answer)
        assert server.cli("deploy", name, "--wait").returncode == 0
    api.close()


class TritonGrpcClient(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deploy_models(cls.server)

    def setUp(self):
        super().setUp()
        self.client = triton.InferenceServerClient(self.server.address)
        self.addCleanup(self.client.close)
        self.token = {"authorization": "Bearer " + self.server.admin_token}

    def row(self, rows=1, value=1.0):
        tensor = triton.InferInput(self.client.get_model_metadata("wine").inputs[0].name, [rows, 13], "FP32")
        tensor.set_data_from_numpy(np.full((rows, 13), value, dtype=np.float32))
        return [tensor]

    def test_health_and_metadata(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready("wine"))
        self.assertTrue(self.client.is_model_ready("wine", "1"))
        self.assertFalse(self.client.is_model_ready("nobody"))
        self.assertFalse(self.client.is_model_ready("wine", "9"))
        self.assertEqual(self.client.get_server_metadata().name, "slipway")
        self.assertEqual(list(self.client.get_model_metadata("wine", "1").versions), ["1"])
        self.assertEqual(self.client.get_model_metadata("wine").platform, "onnx_onnxv1")
        config = self.client.get_model_config("wine").config
        self.assertGreater(config.max_batch_size, 0)
        self.assertEqual(list(config.input[0].dims), [13])

    def test_every_datatype_raw(self):
        inputs = []
        for datatype in TYPES:
            tensor = triton.InferInput(datatype.lower(), [1, 2], datatype)
            tensor.set_data_from_numpy(values_of(datatype))
            inputs.append(tensor)
        result = self.client.infer("every-type", inputs, client_timeout=PATIENCE)
        for datatype in TYPES:
            with self.subTest(datatype):
                np.testing.assert_array_equal(result.as_numpy(datatype.lower() + "_out"), values_of(datatype))

    def test_every_datatype_in_typed_contents(self):
        fields = {"BOOL": "bool_contents", "FP32": "fp32_contents", "FP64": "fp64_contents", "BYTES": "bytes_contents",
                  "INT64": "int64_contents", "UINT64": "uint64_contents"}
        request = service_pb2.ModelInferRequest(model_name="every-type")
        types = [t for t in TYPES if t != "FP16"]  # has no field
        half = request.inputs.add(name="fp16", datatype="FP16", shape=[1, 2])
        for datatype in types:
            tensor = request.inputs.add(name=datatype.lower(), datatype=datatype, shape=[1, 2])
            field = fields.get(datatype, "uint_contents" if datatype.startswith("U") else "int_contents")
            getattr(tensor.contents, field).extend(values_of(datatype).flatten().tolist())
        with grpc.insecure_channel(self.server.address) as channel:
            service = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            with self.assertRaisesRegex(grpc.RpcError, "raw_input_contents for datatype FP16"):
                service.ModelInfer(request, timeout=PATIENCE)
            del half, request.inputs[0]
            with self.assertRaisesRegex(grpc.RpcError, "fp16"):  # a model wants all its inputs
                service.ModelInfer(request, timeout=PATIENCE)

    def test_id_parameters_and_selected_outputs(self):
        output = self.client.get_model_metadata("wine").outputs[0].name
        result = self.client.infer("wine", self.row(), outputs=[triton.InferRequestedOutput(output)], request_id="grüße-1",
                                   timeout=5_000_000, priority=1, parameters={"who": "test", "n": 3, "x": 0.5, "yes": True},
                                   client_timeout=PATIENCE)
        self.assertEqual(result.get_response().id, "grüße-1")
        self.assertEqual([o.name for o in result.get_response().outputs], [output])

    def test_classification(self):
        output = self.client.get_model_metadata("wine").outputs[-1].name
        result = self.client.infer("wine", self.row(2), outputs=[triton.InferRequestedOutput(output, class_count=2)])
        self.assertEqual(result.as_numpy(output).shape[0], 2)
        self.assertIn(b":", result.as_numpy(output).flatten()[0])

    def test_errors_have_tritons_codes(self):
        for model, version, code in (("nobody", "", "NOT_FOUND"), ("wine", "9", "NOT_FOUND"), ("wine", "abc", "INVALID_ARGUMENT")):
            with self.subTest(model=model, version=version), self.assertRaises(InferenceServerException) as caught:
                self.client.infer(model, self.row(), model_version=version)
            self.assertEqual(caught.exception.status(), "StatusCode." + code)
        tensor = triton.InferInput("wrong", [1, 13], "FP32")
        tensor.set_data_from_numpy(np.zeros((1, 13), dtype=np.float32))
        with self.assertRaises(InferenceServerException) as caught:
            self.client.infer("wine", [tensor])
        self.assertEqual(caught.exception.status(), "StatusCode.INVALID_ARGUMENT")
        self.assertIn("wrong", caught.exception.message())

    def test_compressed_questions_and_answers(self):
        plain = self.client.infer("wine", self.row(64)).get_response()
        for algorithm in ("gzip", "deflate"):
            with self.subTest(algorithm):
                shrunk = self.client.infer("wine", self.row(64), compression_algorithm=algorithm).get_response()
                self.assertEqual(plain.raw_output_contents, shrunk.raw_output_contents)

    def test_asynchronous_calls(self):
        answers = queue.Queue()
        for i in range(50):
            self.client.async_infer("wine", self.row(), callback=lambda result, error: answers.put((result, error)), request_id=str(i))
        found = [answers.get(timeout=PATIENCE) for _ in range(50)]
        self.assertEqual([error for _, error in found if error], [])
        self.assertEqual({r.get_response().id for r, _ in found}, {str(i) for i in range(50)})

    def test_asyncio(self):
        async def ask():
            async with triton_aio.InferenceServerClient(self.server.address) as client:
                self.assertTrue(await client.is_server_live())
                results = await asyncio.gather(*(client.infer("wine", self.row(), request_id=str(i)) for i in range(20)))
                return [r.get_response().id for r in results]
        self.assertEqual(asyncio.run(ask()), [str(i) for i in range(20)])

    def test_statistics_count_requests(self):
        def counted():
            return self.client.get_inference_statistics("wine").model_stats[0]
        before = counted()
        for _ in range(3):
            self.client.infer("wine", self.row(2))
        after = counted()
        self.assertEqual(after.inference_count - before.inference_count, 6)
        self.assertEqual(after.inference_stats.success.count - before.inference_stats.success.count, 3)

    def test_the_repository(self):
        index = self.client.get_model_repository_index()
        self.assertEqual({m.name: m.state for m in index.models}, {"every-type": "READY", "wine": "READY"})
        with self.assertRaises(InferenceServerException) as caught:
            self.client.load_model("wine")
        self.assertEqual(caught.exception.status(), "StatusCode.UNAUTHENTICATED")
        self.client.load_model("wine", headers=self.token)
        self.assertTrue(self.client.is_model_ready("wine"))
        with self.assertRaises(InferenceServerException) as caught:
            self.client.load_model("nobody", headers=self.token)
        self.assertEqual(caught.exception.status(), "StatusCode.NOT_FOUND")

    def test_shared_memory_says_why_not(self):
        with self.assertRaises(InferenceServerException) as caught:
            self.client.register_system_shared_memory("x", "/x", 16)
        self.assertEqual(caught.exception.status(), "StatusCode.UNIMPLEMENTED")
        self.assertIn("shares no memory", caught.exception.message())

    def test_the_logs_level(self):
        with self.assertRaises(InferenceServerException) as caught:
            self.client.get_log_settings()
        self.assertEqual(caught.exception.status(), "StatusCode.UNAUTHENTICATED")
        self.assertTrue(self.client.get_log_settings(headers=self.token).settings["log_info"].bool_param)
        changed = self.client.update_log_settings({"log_info": False}, headers=self.token)
        self.assertFalse(changed.settings["log_info"].bool_param)
        self.assertTrue(changed.settings["log_warning"].bool_param)
        self.client.update_log_settings({"log_info": True}, headers=self.token)
        with self.assertRaisesRegex(InferenceServerException, "graver"):
            self.client.update_log_settings({"log_error": False}, headers=self.token)

    def test_traces_are_lines_of_the_log(self):
        def settings(answer):
            return {key: list(value.value) for key, value in answer.settings.items()}

        def update(**wanted):
            return settings(self.client.update_trace_settings(settings=wanted, headers=self.token))

        usual = settings(self.client.get_trace_settings(headers=self.token))
        self.assertEqual((usual["trace_level"], usual["trace_rate"], usual["trace_count"]), (["OFF"], ["1000"], ["-1"]))
        before = self.server.log.count("trace")
        self.assertEqual(update(trace_level=["TIMESTAMPS"], trace_rate="1", trace_count="3")["trace_count"], ["3"])
        for _ in range(5):
            self.client.infer("wine", self.row())
        self.assertEqual(settings(self.client.get_trace_settings(headers=self.token))["trace_count"], ["0"])
        eventually(lambda: self.server.log.count("trace") - before == 3, lambda: f"three traces in\n{self.server.log}")
        self.assertEqual(update(trace_level=None, trace_rate=None, trace_count=None), usual)
        for wrong, status in (({"trace_level": ["TENSORS"]}, "UNIMPLEMENTED"), ({"trace_file": "/etc/x"}, "UNIMPLEMENTED"),
                              ({"trace_rate": "0"}, "INVALID_ARGUMENT"), ({"trace_speed": "1"}, "INVALID_ARGUMENT")):
            with self.subTest(wrong), self.assertRaises(InferenceServerException) as caught:
                update(**wrong)
            self.assertEqual(caught.exception.status(), "StatusCode." + status)

    def test_the_health_service(self):
        with grpc.insecure_channel(self.server.address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            for service in ("", "inference.GRPCInferenceService", "wine"):
                status = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE).status
                self.assertEqual(status, health_pb2.HealthCheckResponse.SERVING)
            with self.assertRaises(grpc.RpcError) as caught:
                health.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=PATIENCE)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_the_health_of_everything_is_listed(self):
        with grpc.insecure_channel(self.server.address) as channel:  # grpcio-health-checking has no List: by reflection
            pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
            kind = GetMessageClass(pool.FindMessageTypeByName("grpc.health.v1.HealthListResponse"))
            listed = kind.FromString(channel.unary_unary("/grpc.health.v1.Health/List")(b"", timeout=PATIENCE))
        self.assertEqual({name: s.status for name, s in listed.statuses.items()},
                         dict.fromkeys(("", "inference.GRPCInferenceService", "wine", "every-type"), health_pb2.HealthCheckResponse.SERVING))

    def test_health_is_watched(self):
        with grpc.insecure_channel(self.server.address) as channel:
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service="wine"), timeout=PATIENCE)
            self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
            try:
                self.client.unload_model("wine", headers=self.token)
                self.assertNotEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
            finally:
                self.client.load_model("wine", headers=self.token)
            self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
            watch.cancel()
            brief = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service="nobody"), timeout=0.3)
            self.assertEqual(next(brief).status, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
            with self.assertRaises(grpc.RpcError) as caught:
                next(brief)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_reflection_describes_every_service(self):
        with grpc.insecure_channel(self.server.address) as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            self.assertEqual(sorted(database.get_services()),
                             ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                              "grpc.reflection.v1alpha.ServerReflection", "inference.GRPCInferenceService"])
            file = database.FindFileContainingSymbol("inference.GRPCInferenceService")
            self.assertEqual(file.package, "inference")
            self.assertEqual({m.name for m in file.service[0].method},
                             {m.name for m in service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods})

    def test_a_stream_answers_in_order(self):
        answers = queue.Queue()
        self.client.start_stream(callback=lambda result, error: answers.put((result, error)))
        for i in range(200):
            self.client.async_stream_infer("nobody" if i % 7 == 3 else "wine", self.row(), request_id=str(i))
        found = [answers.get(timeout=PATIENCE) for _ in range(200)]
        self.client.stop_stream()
        for i, (result, error) in enumerate(found):
            if i % 7 == 3:
                self.assertIn("nobody", str(error))
            else:
                self.assertEqual(result.get_response().id, str(i))

    def test_a_stream_marks_final_answers(self):
        answers = queue.Queue()
        self.client.start_stream(callback=lambda result, error: answers.put((result, error)))
        self.client.async_stream_infer("wine", self.row(), enable_empty_final_response=True)
        result, error = answers.get(timeout=PATIENCE)
        self.client.stop_stream()
        self.assertIsNone(error)
        self.assertTrue(result.get_response().parameters["triton_final_response"].bool_param)

    def test_a_stream_ends_with_a_status_where_asked_to(self):
        answers = queue.Queue()
        self.client.start_stream(callback=lambda result, error: answers.put((result, error)), headers={"triton_grpc_error": "true"})
        self.client.async_stream_infer("nobody", self.row())
        _, error = answers.get(timeout=PATIENCE)
        self.client.stop_stream()
        self.assertEqual(error.status(), "StatusCode.NOT_FOUND")

    def test_streams_by_asyncio(self):
        async def ask():
            async with triton_aio.InferenceServerClient(self.server.address) as client:
                async def questions():
                    for i in range(20):
                        yield {"model_name": "wine", "inputs": self.row(), "request_id": str(i)}
                return [result.get_response().id async for result, error in client.stream_infer(questions())]
        self.assertEqual(asyncio.run(ask()), [str(i) for i in range(20)])

    def test_what_is_not_there_is_unimplemented(self):
        with grpc.insecure_channel(self.server.address) as channel:
            for path in ("/inference.GRPCInferenceService/Nothing", "/no.Service/At"):
                with self.assertRaises(grpc.RpcError) as caught:
                    channel.unary_unary(path)(b"", timeout=PATIENCE)
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)


if __name__ == "__main__":
    unittest.main()
