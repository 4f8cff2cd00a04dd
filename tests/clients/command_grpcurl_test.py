"""grpcurl, which knows our messages by reflection only."""
import json
import unittest

import deployed
from command_fixture import PROGRAMS, CommandTest

SERVICE = "inference.GRPCInferenceService"
QUESTION = {"model_name": "wine", "inputs": [{**{k: v for k, v in deployed.WINE.items() if k != "data"},
                                              "contents": {"fp32_contents": deployed.WINE["data"]}}]}


class Grpcurl(CommandTest):
    def grpcurl(self, *arguments, expected=0, stdin=None):
        return self.run_program(PROGRAMS / "grpcurl", "-max-time", "20", *arguments, expected=expected, stdin=stdin)

    def ways(self):
        return [("-plaintext", self.plain), ("-cacert", self.authority, self.secure), ("-plaintext", "-unix", self.socket)]

    def test_services_are_listed_and_described(self):
        for way in self.ways():
            with self.subTest(way):
                self.assertEqual(self.grpcurl(*way, "list").split(),
                                 ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                  "grpc.reflection.v1alpha.ServerReflection", SERVICE])
        described = self.grpcurl("-plaintext", self.plain, "describe", SERVICE + ".ModelStreamInfer")
        self.assertIn("stream .inference.ModelInferRequest", described)
        self.assertIn("message ModelInferRequest", self.grpcurl("-plaintext", self.plain, "describe", "inference.ModelInferRequest"))

    def test_a_prediction_each_way(self):
        for way in self.ways():
            with self.subTest(way):
                answer = json.loads(self.grpcurl("-d", json.dumps(QUESTION), *way, SERVICE + "/ModelInfer"))
                self.assertEqual((answer["modelName"], answer["modelVersion"]), ("wine", "1"))
                self.assertEqual([o["name"] for o in answer["outputs"]], ["label", "probabilities"])

    def test_a_stream_of_questions(self):
        questions = "".join(json.dumps({**QUESTION, "id": str(i)}) for i in range(5))
        out = self.grpcurl("-d", "@", "-plaintext", self.plain, SERVICE + "/ModelStreamInfer", stdin=questions)
        answers = json.loads("[" + out.replace("}\n{", "},{") + "]")
        self.assertEqual([a["inferResponse"]["id"] for a in answers], [str(i) for i in range(5)])

    def test_health(self):
        for service in ("", "wine", SERVICE):
            answer = self.grpcurl("-d", json.dumps({"service": service}), "-plaintext", self.plain, "grpc.health.v1.Health/Check")
            self.assertEqual(json.loads(answer), {"status": "SERVING"})

    def test_refusals_have_their_code(self):
        refused = self.grpcurl("-d", json.dumps({**QUESTION, "model_name": "nobody"}), "-plaintext", self.plain,
                               SERVICE + "/ModelInfer", expected=64 + 5)
        self.assertIn("NotFound", refused)
        refused = self.grpcurl("-plaintext", self.plain, SERVICE + "/LogSettings", expected=64 + 16)
        self.assertIn("Unauthenticated", refused)
        settings = self.grpcurl("-H", f"authorization: Bearer {self.server.admin_token}", "-plaintext", self.plain,
                                SERVICE + "/LogSettings")
        self.assertIn("log_info", json.loads(settings)["settings"])


if __name__ == "__main__":
    unittest.main()
