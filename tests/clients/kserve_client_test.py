"""KServe's own REST client against the real binary. Runs in .deps/venv-kserve."""
import asyncio
import pathlib
import sys
import unittest

import numpy as np
from kserve import InferInput, InferRequest
from kserve.inference_client import InferenceRESTClient, RESTConfig

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import packages  # noqa: E402
from fixture import ROOT, WithServer  # noqa: E402


def deploy_model(server):
    """Its name."""
    api = server.api()
    files = {n: (ROOT / "examples" / "breast_cancer" / n).read_bytes() for n in ("model.onnx", "slipway.yaml")}
    answer = api.push(packages.tar_gz(files), "breast_cancer")
    assert answer.status == 201, str(answer)
    model = answer.json["version"]["model"]
    assert server.cli("deploy", model, "--wait").returncode == 0
    api.close()
    return model


class KserveClient(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = deploy_model(cls.server)

    def ask(self, question):
        """question: what to await of a client."""
        async def asked():
            async with InferenceRESTClient(RESTConfig(protocol="v2", verbose=False)) as client:
                return await question(client)
        return asyncio.run(asked())

    def request(self, binary, model=None):
        inputs = InferInput(self.input_name, [2, 30], "FP32")
        inputs.set_data_from_numpy(np.zeros((2, 30), dtype=np.float32), binary_data=binary)
        return InferRequest(model_name=model or self.model, infer_inputs=[inputs], request_id="1")

    @property
    def input_name(self):
        return self.api.get(f"/v2/models/{self.model}").json["inputs"][0]["name"]

    def test_health(self):
        self.assertIs(self.ask(lambda c: c.is_server_live(self.server.url)), True)
        self.assertIs(self.ask(lambda c: c.is_server_ready(self.server.url)), True)
        self.assertIs(self.ask(lambda c: c.is_model_ready(self.server.url, self.model)), True)

    def test_infer_in_json_and_in_binary(self):
        for binary in (False, True):
            with self.subTest(binary=binary):
                answer = self.ask(lambda c: c.infer(self.server.url, self.request(binary), model_name=self.model))
                self.assertEqual(answer.model_name, self.model)
                self.assertEqual(answer.outputs[0].as_numpy().shape, (2, 2))
                np.testing.assert_allclose(answer.outputs[0].as_numpy().sum(axis=1), 1, atol=1e-5)

    def test_a_refusal_raises_with_our_text(self):
        with self.assertRaisesRegex(Exception, "(?i)nobody|404"):
            self.ask(lambda c: c.infer(self.server.url, self.request(False, "nobody"), model_name="nobody"))

    def test_models_are_listed(self):
        self.assertIn(self.model, self.api.get("/v2/models").json["models"])


if __name__ == "__main__":
    unittest.main()
