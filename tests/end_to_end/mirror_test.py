"""Requests that another version answers as well: what is recorded of both, and that their callers notice nothing."""
import struct
import unittest

import onnx_graph
import packages
import prediction_records
from api import connection_to, outputs_of
from fixture import WithServer, eventually
from protobuf_wire import field, framed, varint

INFER = "/inference.GRPCInferenceService/ModelInfer"


class Mirror(WithServer):
    def given_mirrored(self, name, candidate, share=10_000):
        """Version 1 answers, version 2 is mirrored to. Of ONNX files."""
        self.given_version(packages.tar_gz({"model.onnx": onnx_graph.weighed(1.0, 2.0, 3.0)}), name)
        self.given_version(packages.tar_gz({"model.onnx": candidate}), name)
        answer = self.api.deploy(name, 1, mirror={"to": 2, "share": share})
        self.assertEqual(answer.status, 200, str(answer))
        self.assertEqual(answer.json["mirror"], {"to": 2, "share": share})
        for version in (1, 2):
            self.wait_live(name, version)

    def metric(self, model, outcome):
        line = f'slipway_mirrored_requests_total{{model="{model}",version="2",outcome="{outcome}"}} '
        found = [each for each in self.api.get("/metrics").body.decode().splitlines() if each.startswith(line)]
        return int(float(found[0].rsplit(" ", 1)[1])) if found else 0

    def pairs(self, prefix, count):
        """The records of requests whose id begins so: {id: (live, twin)}."""
        def found():
            records = [r for r in prediction_records.predictions(self.server.data) if r.request.startswith(prefix)]
            twins = {(r.request, r.pair): r for r in records if r.traffic == prediction_records.SHADOW}
            live = [r for r in records if r.traffic == prediction_records.LIVE]
            pairs = {r.request: (r, twins[r.request, r.pair]) for r in live if (r.request, r.pair) in twins}
            return pairs if len(pairs) >= count else None
        return eventually(found, f"{count} pairs of {prefix}")

    def ask(self, name, request):
        tensor = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1.0, 2.0, 4.0]}
        answer = self.api.post(f"/v2/models/{name}/infer", {"inputs": [tensor]},
                               headers={"x-request-id": request, "x-slipway-unit": "customer-1"})
        self.assertEqual(answer.status, 200, str(answer))
        self.assertEqual(answer.json["model_version"], "1")
        self.assertEqual(outputs_of(answer), {"y": [1.0, 4.0, 12.0]})

    def test_a_numerically_different_export_is_found_and_nobody_is_given_its_answers(self):
        self.given_mirrored("export", onnx_graph.weighed(1.0, 2.0, 3.001))
        for i in range(20):
            self.ask("export", f"export-{i}")
        for live, twin in self.pairs("export-", 20).values():
            self.assertEqual((live.version, twin.version), (1, 2))
            self.assertEqual((live.unit, live.revision, live.at // 10**6), (twin.unit, twin.revision, twin.at // 10**6))
            self.assertNotEqual(live.unit, 0)
            self.assertEqual((live.status, twin.status, twin.probability), (0, 0, 1.0))
            self.assertNotEqual(live.outputs, twin.outputs)
            self.assertAlmostEqual(twin.values[1] - live.values[1], 0.004, places=5)
        self.assertEqual(self.metric("export", "ok"), 20)

    def test_an_equal_export_says_the_same_to_the_bit(self):
        self.given_mirrored("equal", onnx_graph.weighed(1.0, 2.0, 3.0) + field(2, "another exporter"))
        for i in range(20):
            self.ask("equal", f"equal-{i}")
        for live, twin in self.pairs("equal-", 20).values():
            self.assertEqual((live.values, live.outputs), (twin.values, twin.outputs))

    def test_grpc_is_mirrored_too(self):
        self.given_mirrored("call", onnx_graph.weighed(1.0, 2.0, 3.001))
        tensor = field(1, "x") + field(2, "FP32") + field(3, varint(1) + varint(3))
        message = field(1, "call") + field(5, tensor) + field(7, struct.pack("<3f", 1.0, 2.0, 4.0))
        connection = connection_to(self.server.address)
        self.addCleanup(connection.close)
        connection.request("POST", INFER, framed(message), {"Content-Type": "application/grpc-web+proto", "x-request-id": "call-1",
                                                            "Authorization": "Bearer " + self.server.admin_token})
        self.assertIn(struct.pack("<3f", 1.0, 4.0, 12.0), connection.getresponse().read())
        live, twin = self.pairs("call-", 1)["call-1"]
        self.assertEqual((live.version, twin.version), (1, 2))
        self.assertNotEqual(live.outputs, twin.outputs)

    def test_a_candidate_that_takes_other_inputs_fails_beside_good_answers(self):
        self.given_mirrored("foreign", onnx_graph.weighed(1.0, 2.0))
        self.ask("foreign", "foreign-1")
        live, twin = self.pairs("foreign-", 1)["foreign-1"]
        self.assertEqual((live.status, twin.status), (0, 1))
        self.assertEqual((self.metric("foreign", "ok"), self.metric("foreign", "failed")), (0, 1))

    def test_outcomes_and_statistics_are_of_the_version_that_answered(self):
        self.given_mirrored("booked", onnx_graph.weighed(1.0, 2.0, 3.001))
        self.ask("booked", "booked-1")
        self.pairs("booked-", 1)
        joined = self.api.post("/api/v1/feedback", {"request_id": "booked-1", "kind": "label", "value": 1})
        self.assertIn(joined.status, (200, 201), str(joined))
        self.assertEqual(self.api.get("/api/v1/predictions/booked-1").json["version"], 1)
        statistics = self.api.get("/v2/models/booked/versions/2/stats").json["model_stats"][0]
        self.assertEqual((statistics["inference_count"], statistics["execution_count"]), (0, 0))

    def test_a_mirror_outlives_the_server(self):
        self.given_mirrored("kept", onnx_graph.weighed(1.0, 2.0, 3.001))
        self.server.kill9()
        self.server.start()
        self.api = self.server.api()
        for version in (1, 2):
            self.wait_live("kept", version)
        self.ask("kept", "kept-1")
        self.pairs("kept-", 1)


if __name__ == "__main__":
    unittest.main()
