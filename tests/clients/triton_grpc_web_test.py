"""gRPC-Web, binary and text, against the real binary: what a browser's client sends, with Triton's messages.

Runs in .deps/venv-triton (the messages are tritonclient's)."""
import base64
import http.client
import pathlib
import re
import struct
import sys
import unittest

import numpy as np
from grpc_health.v1 import health_pb2
from tritonclient.grpc import service_pb2 as messages

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import packages  # noqa: E402
from fixture import ROOT, WithServer  # noqa: E402

SERVICE = "/inference.GRPCInferenceService/"


def pieces(body):
    """[(flag, bytes)] of an answer."""
    found = []
    while body:
        flag, length = struct.unpack(">BI", body[:5])
        found.append((flag, body[5:5 + length]))
        body = body[5 + length:]
    return found


class GrpcWeb(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        api = cls.server.api()
        files = {n: (ROOT / "examples/wine" / n).read_bytes() for n in ("model.onnx", "slipway.yaml")}
        answer = api.push(packages.tar_gz(files), "wine")
        assert answer.status == 201, str(answer)
        assert cls.server.cli("deploy", "wine", "--wait").returncode == 0
        api.close()

    def call(self, method, question, answer, text=False, path=SERVICE, headers=()):
        """(status, message of the status, the answer parsed or None)"""
        kind = "application/grpc-web-text" if text else "application/grpc-web+proto"
        data = question.SerializeToString()
        body = struct.pack(">BI", 0, len(data)) + data
        connection = http.client.HTTPConnection(self.server.address, timeout=10)
        self.addCleanup(connection.close)
        connection.request("POST", path + method, base64.b64encode(body) if text else body, {"Content-Type": kind, **dict(headers)})
        reply = connection.getresponse()
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["Content-Type"].removesuffix("+proto"), kind.removesuffix("+proto"))
        content = reply.read()
        *parts, (flag, trailers) = pieces(base64.b64decode(content) if text else content)
        self.assertEqual(flag, 0x80)
        fields = dict(line.split(":", 1) for line in trailers.decode().split("\r\n") if line)
        return int(fields["grpc-status"]), fields.get("grpc-message", ""), answer.FromString(parts[0][1]) if parts else None

    def question(self, rows=1):
        metadata = self.call("ModelMetadata", messages.ModelMetadataRequest(name="wine"), messages.ModelMetadataResponse)[2]
        request = messages.ModelInferRequest(model_name="wine", id="7")
        request.inputs.add(name=metadata.inputs[0].name, datatype="FP32", shape=[rows, 13])
        request.raw_input_contents.append(np.ones((rows, 13), dtype=np.float32).tobytes())
        return request

    def test_a_prediction_in_binary_and_in_text(self):
        answers = [self.call("ModelInfer", self.question(), messages.ModelInferResponse, text) for text in (False, True)]
        for status, _, answer in answers:
            self.assertEqual(status, 0)
            self.assertEqual((answer.model_name, answer.model_version, answer.id), ("wine", "1", "7"))
        self.assertEqual(answers[0], answers[1])

    def test_a_stream_of_questions_in_one_body(self):
        questions = [self.question() for _ in range(3)]
        questions[1].model_name = "nobody"
        body = b"".join(struct.pack(">BI", 0, len(q)) + q for q in (q.SerializeToString() for q in questions))
        for text in (False, True):
            with self.subTest(text=text):
                *found, (flag, trailers) = pieces(self.exchange("ModelStreamInfer", base64.b64encode(body) if text else body, text))
                answers = [messages.ModelStreamInferResponse.FromString(data) for _, data in found]
                self.assertEqual([bool(a.error_message) for a in answers], [False, True, False])
                self.assertEqual((flag, trailers), (0x80, b"grpc-status:0\r\n"))

    def exchange(self, method, body, text):
        """The answer's content, decoded: each piece of a text by itself."""
        kind = "application/grpc-web-text" if text else "application/grpc-web+proto"
        connection = http.client.HTTPConnection(self.server.address, timeout=10)
        self.addCleanup(connection.close)
        connection.request("POST", SERVICE + method, body, {"Content-Type": kind})
        reply = connection.getresponse()
        self.assertEqual((reply.status, reply.headers["Transfer-Encoding"]), (200, "chunked"))
        content = reply.read()
        return b"".join(base64.b64decode(p) for p in re.findall(rb"[^=]+=*", content)) if text else content

    def test_health_is_watched_by_a_browser(self):
        question = health_pb2.HealthCheckRequest(service="wine").SerializeToString()
        connection = http.client.HTTPConnection(self.server.address, timeout=10)
        self.addCleanup(connection.close)
        connection.request("POST", "/grpc.health.v1.Health/Watch", struct.pack(">BI", 0, len(question)) + question,
                           {"Content-Type": "application/grpc-web+proto"})
        reply = connection.getresponse()

        def state():
            flag, length = struct.unpack(">BI", reply.read(5))
            self.assertEqual(flag, 0)
            return health_pb2.HealthCheckResponse.FromString(reply.read(length)).status
        self.assertEqual(state(), health_pb2.HealthCheckResponse.SERVING)
        token = {"Authorization": "Bearer " + self.server.admin_token}
        for method, serves in (("Unload", False), ("Load", True)):
            question = getattr(messages, f"RepositoryModel{method}Request")(model_name="wine")
            self.call(f"RepositoryModel{method}", question, getattr(messages, f"RepositoryModel{method}Response"), headers=token)
            self.assertEqual(state() == health_pb2.HealthCheckResponse.SERVING, serves)

    def test_health_and_descriptions(self):
        self.assertTrue(self.call("ServerLive", messages.ServerLiveRequest(), messages.ServerLiveResponse)[2].live)
        self.assertTrue(self.call("ServerReady", messages.ServerReadyRequest(), messages.ServerReadyResponse)[2].ready)
        ready = self.call("ModelReady", messages.ModelReadyRequest(name="wine"), messages.ModelReadyResponse, text=True)[2]
        self.assertTrue(ready.ready)
        identity = self.call("ServerMetadata", messages.ServerMetadataRequest(), messages.ServerMetadataResponse)[2]
        self.assertEqual(identity.name, "slipway")

    def test_refusals_have_a_status_and_a_text(self):
        unknown = messages.ModelMetadataRequest(name="nobody")
        self.assertEqual(self.call("ModelMetadata", unknown, messages.ModelMetadataResponse)[0], 5)
        self.assertEqual(self.call("ModelMetadata", unknown, messages.ModelMetadataResponse, text=True)[0], 5)
        self.assertEqual(self.call("Nothing", unknown, messages.ModelMetadataResponse)[0], 12)
        status, text, _ = self.call("RepositoryModelLoad", messages.RepositoryModelLoadRequest(model_name="wine"),
                                    messages.RepositoryModelLoadResponse)
        self.assertEqual(status, 16, text)
        self.assertIn("token", text)

    def test_the_repository_by_a_token(self):
        token = {"Authorization": "Bearer " + self.server.admin_token}
        done = self.call("RepositoryModelLoad", messages.RepositoryModelLoadRequest(model_name="wine"),
                         messages.RepositoryModelLoadResponse, headers=token)
        self.assertEqual(done[0], 0, done[1])
        index = self.call("RepositoryIndex", messages.RepositoryIndexRequest(), messages.RepositoryIndexResponse)[2]
        self.assertEqual([(m.name, m.state) for m in index.models], [("wine", "READY")])


if __name__ == "__main__":
    unittest.main()
