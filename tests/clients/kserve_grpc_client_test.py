"""KServe's own gRPC client, and its layout of the repository's messages, against the real binary. Runs in
.deps/venv-kserve."""
import asyncio
import unittest

import grpc
import numpy as np
from kserve import InferInput, InferRequest
from kserve.inference_client import InferenceGRPCClient
from kserve.protocol.grpc import grpc_predict_v2_pb2 as messages
from kserve.protocol.grpc import grpc_predict_v2_pb2_grpc as services

import kserve_client_test  # its suite is named by module, so that it does not run here again


class KserveGrpcClient(kserve_client_test.WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = kserve_client_test.deploy_model(cls.server)

    @property
    def input_name(self):
        return self.api.get(f"/v2/models/{self.model}").json["inputs"][0]["name"]

    def ask(self, question):
        async def asked():
            async with InferenceGRPCClient(self.server.address) as client:
                return await question(client)
        return asyncio.run(asked())

    def request(self, model=None, use_raw=True):
        values = np.zeros((2, 30), dtype=np.float32)
        tensor = InferInput(self.input_name, [2, 30], "FP32")
        tensor.set_data_from_numpy(values, binary_data=use_raw)
        return InferRequest(model_name=model or self.model, infer_inputs=[tensor], request_id="1")

    def test_health(self):
        self.assertIs(self.ask(lambda c: c.is_server_live()), True)
        self.assertIs(self.ask(lambda c: c.is_server_ready()), True)
        self.assertIs(self.ask(lambda c: c.is_model_ready(self.model)), True)

    def test_infer_typed_and_raw(self):
        for use_raw in (False, True):
            with self.subTest(use_raw=use_raw):
                answer = self.ask(lambda c: c.infer(self.request(use_raw=use_raw)))
                self.assertEqual((answer.model_name, answer.id), (self.model, "1"))
                np.testing.assert_allclose(answer.outputs[0].as_numpy().sum(axis=1), 1, atol=1e-5)

    def test_a_refusal_raises_with_our_text(self):
        with self.assertRaisesRegex(grpc.RpcError, "nobody"):
            self.ask(lambda c: c.infer(self.request("nobody")))

    def test_the_repository_in_its_own_layout(self):
        token = [("authorization", "Bearer " + self.server.admin_token)]
        with grpc.insecure_channel(self.server.address) as channel:
            service = services.GRPCInferenceServiceStub(channel)
            answer = service.RepositoryModelUnload(messages.RepositoryModelUnloadRequest(model_name=self.model), metadata=token, timeout=20)
            self.assertEqual((answer.model_name, answer.isUnloaded), (self.model, True))
            answer = service.RepositoryModelLoad(messages.RepositoryModelLoadRequest(model_name=self.model), metadata=token, timeout=20)
            self.assertEqual((answer.model_name, answer.isLoaded), (self.model, True))


if __name__ == "__main__":
    unittest.main()
