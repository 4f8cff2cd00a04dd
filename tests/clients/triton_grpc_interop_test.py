"""gRPC's own interoperability cases that apply to these services, written with grpcio. Runs in .deps/venv-triton.

Their test service has calls made for them; here each is played on a method that does the same:

    empty_unary                  ServerLive: its question is an empty message
    large_unary                  ModelInfer with an id of 300,000 bytes, which comes back
    ping_pong                    ModelStreamInfer, each question after the answer before it
    empty_stream                 ModelStreamInfer without a question
    status_code_and_message      a model nobody knows: by ModelMetadata, and by ModelStreamInfer as its status
    special_status_message       the same with a name of whitespace and characters beyond ASCII and beyond 16 bits
    unimplemented_method         a method that the service does not have; unimplemented_service: nor the service
    cancel_after_begin, cancel_after_first_response          ModelStreamInfer
    timeout_on_sleeping_server   Health.Watch of what does not change; ModelStreamInfer without a question
"""
import queue
import unittest

import grpc
import numpy as np
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc

import triton_grpc_client_test as suite  # by module, so that its suite does not run here again

PATIENCE = 20


class GrpcInterop(suite.WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        suite.deploy_models(cls.server)

    def setUp(self):
        super().setUp()
        self.channel = grpc.insecure_channel(self.server.address, options=[("grpc.max_receive_message_length", -1),
                                                                           ("grpc.max_send_message_length", -1)])
        self.addCleanup(self.channel.close)
        self.service = service_pb2_grpc.GRPCInferenceServiceStub(self.channel)
        self.name = self.service.ModelMetadata(service_pb2.ModelMetadataRequest(name="wine"), timeout=PATIENCE).inputs[0].name

    def question(self, rows=1, request_id=""):
        request = service_pb2.ModelInferRequest(model_name="wine", id=request_id)
        request.inputs.add(name=self.name, datatype="FP32", shape=[rows, 13])
        request.raw_input_contents.append(np.ones((rows, 13), dtype=np.float32).tobytes())
        return request

    def test_empty_unary(self):
        self.assertTrue(self.service.ServerLive(service_pb2.ServerLiveRequest(), timeout=PATIENCE).live)

    def test_large_unary(self):
        text = "x" * 300_000
        answer = self.service.ModelInfer(self.question(request_id=text), timeout=PATIENCE)
        self.assertEqual(answer.id, text)

    def test_a_message_beyond_the_limit(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.service.ModelInfer(self.question(request_id="x" * (33 << 20)), timeout=PATIENCE)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertTrue(self.service.ServerLive(service_pb2.ServerLiveRequest(), timeout=PATIENCE).live)

    def test_ping_pong(self):
        asked = queue.Queue()
        answers = self.service.ModelStreamInfer(iter(asked.get, None), timeout=PATIENCE)
        for i in range(20):
            asked.put(self.question(request_id=str(i)))
            self.assertEqual(next(answers).infer_response.id, str(i))
        asked.put(None)
        self.assertEqual(list(answers), [])
        self.assertEqual(answers.code(), grpc.StatusCode.OK)

    def test_empty_stream(self):
        answers = self.service.ModelStreamInfer(iter(()), timeout=PATIENCE)
        self.assertEqual(list(answers), [])
        self.assertEqual(answers.code(), grpc.StatusCode.OK)

    def test_status_code_and_message(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.service.ModelMetadata(service_pb2.ModelMetadataRequest(name="nobody"), timeout=PATIENCE)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)
        self.assertIn("nobody", caught.exception.details())
        question = self.question()
        question.model_name = "nobody"
        answers = self.service.ModelStreamInfer(iter([question]), timeout=PATIENCE, metadata=[("triton_grpc_error", "true")])
        with self.assertRaises(grpc.RpcError):
            list(answers)
        self.assertEqual(answers.code(), grpc.StatusCode.NOT_FOUND)
        self.assertIn("nobody", answers.details())

    def test_special_status_message(self):
        for name in ("gr\u00fcn \u20ac% 100%25", "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"):
            with self.subTest(name), self.assertRaises(grpc.RpcError) as caught:
                self.service.ModelMetadata(service_pb2.ModelMetadataRequest(name=name), timeout=PATIENCE)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)
            for word in name.split():
                self.assertIn(word, caught.exception.details())

    def test_cancel_after_begin(self):
        asked = queue.Queue()
        answers = self.service.ModelStreamInfer(iter(asked.get, None))
        answers.cancel()
        self.assertEqual(answers.code(), grpc.StatusCode.CANCELLED)
        asked.put(None)
        self.assertTrue(self.service.ServerLive(service_pb2.ServerLiveRequest(), timeout=PATIENCE).live)

    def test_cancel_after_first_response(self):
        asked = queue.Queue()
        answers = self.service.ModelStreamInfer(iter(asked.get, None))
        asked.put(self.question(request_id="1"))
        self.assertEqual(next(answers).infer_response.id, "1")
        answers.cancel()
        with self.assertRaises(grpc.RpcError):
            next(answers)
        self.assertEqual(answers.code(), grpc.StatusCode.CANCELLED)
        asked.put(None)
        self.assertTrue(self.service.ServerLive(service_pb2.ServerLiveRequest(), timeout=PATIENCE).live)

    def test_timeout_on_sleeping_server(self):
        watch = health_pb2_grpc.HealthStub(self.channel).Watch(health_pb2.HealthCheckRequest(), timeout=0.3)
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
        asked = queue.Queue()
        for call in (watch, self.service.ModelStreamInfer(iter(asked.get, None), timeout=0.3)):
            with self.assertRaises(grpc.RpcError) as caught:
                next(call)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        asked.put(None)

    def test_unimplemented_method_and_service(self):
        for path in ("/inference.GRPCInferenceService/Nothing", "/no.Service/At"):
            with self.subTest(path), self.assertRaises(grpc.RpcError) as caught:
                self.channel.unary_unary(path)(b"", timeout=PATIENCE)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_many_calls_at_once_on_one_connection(self):
        calls = [self.service.ModelInfer.future(self.question(request_id=str(i)), timeout=PATIENCE) for i in range(300)]
        self.assertEqual([call.result().id for call in calls], [str(i) for i in range(300)])

    def test_an_idle_stream_does_not_hold_up_a_stop(self):
        with suite.Server(options=("--drain", "1h")) as server:
            asked = queue.Queue()
            with grpc.insecure_channel(server.address) as channel:
                answers = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelStreamInfer(iter(asked.get, None))
                refused = self.question(request_id="1")
                refused.model_name = "nobody"
                asked.put(refused)
                self.assertIn("nobody", next(answers).error_message)
                self.assertEqual(server.stop(), 0)
                with self.assertRaises(grpc.RpcError):
                    next(answers)
                self.assertEqual(answers.code(), grpc.StatusCode.UNAVAILABLE)
                self.assertIn("the server stops", answers.details())
                asked.put(None)


if __name__ == "__main__":
    unittest.main()
