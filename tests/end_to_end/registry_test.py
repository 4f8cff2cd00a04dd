"""What the registry promises: immutable versions, compare-and-set, a history, and nothing served that was not verified."""
import unittest

import onnx_graph
import packages
from fixture import WithServer, eventually

WRONG_GOLDEN = """\
golden:
- {inputs: {nonce: [[1]]}, outputs: {nonce_out: [[1]], constant: [[99]]}}
"""


class Versions(WithServer):
    def push_echo(self, constant, name, **more):
        return self.given_version(packages.tar_gz(packages.echo(constant, name)), name, **more)

    def test_identical_content_is_the_same_version(self):
        first = self.api.push(packages.tar_gz(packages.echo(1)), "again")
        second = self.api.push(packages.zip_of(packages.echo(1)), "again", filename="again.zip")
        self.assertEqual((first.status, second.status), (201, 200), f"{first} {second}")
        self.assertFalse(second.json["created"])
        self.assertEqual(second.json["version"], first.json["version"])

    def test_other_content_is_the_next_version(self):
        self.assertEqual([self.push_echo(constant, "next") for constant in (1, 2, 1, 3)], [1, 2, 1, 3])

    def test_a_bare_onnx_file_is_enough(self):
        number = self.given_version(onnx_graph.one_operator("Neg"), "bare", filename="bare.onnx")
        self.given_live("bare", number)
        answer = self.api.infer("bare", {"x": ("FP32", [2, 3], [1, 2, 3, 4, 5, 6])})
        self.assertEqual(answer.status, 200, str(answer))
        self.assertEqual(answer.json["outputs"][0]["data"], [-1, -2, -3, -4, -5, -6])

    def test_sizes_that_the_file_leaves_open_are_the_engines(self):
        graph = onnx_graph.model([onnx_graph.node("Neg", ["x"], ["y"])], [("x", ["n", 3])], [("y", ["n", "classes"])])
        self.given_live("open", self.given_version(graph, "open", filename="open.onnx"))
        self.assertEqual(self.api.get("/v2/models/open").json["outputs"][0]["shape"], [-1, 3])
        answer = self.api.infer("open", {"x": ("FP32", [2, 3], [1, 2, 3, 4, 5, 6])})
        self.assertEqual(answer.json["outputs"][0]["data"], [-1, -2, -3, -4, -5, -6], str(answer))

    def test_a_rejected_version_says_why_and_is_never_served(self):
        package = packages.tar_gz(packages.echo(1, manifest=WRONG_GOLDEN))
        answer = self.api.push(package, "rejected")
        self.assertEqual(answer.status, 201, str(answer))
        version = answer.json["version"]
        self.assertEqual(version["stage"], "rejected")
        self.assertRegex(version["reason"], "(?i)constant")
        self.assertRegex(version["reason"], "99")
        self.assert_refused(self.api.deploy("rejected", 1), 409, "rejected", code="Conflict")
        self.assertEqual(self.api.infer("rejected", packages.nonce(1)).status, 404)

    def test_content_that_was_rejected_makes_a_new_version_when_pushed_again(self):
        package = packages.tar_gz(packages.echo(1, manifest=WRONG_GOLDEN))
        numbers = [self.given_version(package, "rejected-twice", stage="rejected") for _ in range(2)]
        self.assertEqual(numbers, [1, 2])

    def test_the_newest_validated_version_is_what_deploy_means(self):
        self.push_echo(1, "newest")
        self.given_version(packages.tar_gz(packages.echo(2, manifest=WRONG_GOLDEN)), "newest", stage="rejected")
        self.assertEqual(self.given_live("newest"), 1)

    def test_a_version_shows_its_files_manifest_and_verification(self):
        self.push_echo(1, "shown")
        version = self.api.version("shown", 1).json
        self.assertEqual(sorted(f["path"] for f in version["files"]), ["model.echo", "slipway.yaml"])
        self.assertEqual(version["manifest"]["format"], "echo")
        self.assertTrue(version["digest"].startswith("sha256:"))
        self.assertTrue(version["verification"]["row_independent"])

    def test_what_is_served_is_not_deleted(self):
        self.push_echo(1, "needed")
        self.push_echo(2, "needed")
        self.given_live("needed", 1)
        self.assert_refused(self.api.delete("/api/v1/models/needed/versions/1"), 409, "serve", code="Conflict")
        self.assert_refused(self.api.delete("/api/v1/models/needed"), 409, "serve", code="Conflict")
        self.assertEqual(self.api.delete("/api/v1/models/needed/versions/2").status, 204)
        self.assertEqual(self.api.delete("/api/v1/serving/needed").status, 204)
        eventually(lambda: self.api.infer("needed", packages.nonce(1)).status != 200, "the model to be unloaded")
        self.api.delete("/api/v1/models/needed/aliases/production")
        self.assertEqual(self.api.delete("/api/v1/models/needed").status, 204)
        self.assertEqual(self.api.get("/api/v1/models/needed").status, 404)

    def test_a_digest_promised_for_the_upload_is_held_against_it(self):
        answer = self.api.push(packages.tar_gz(packages.echo(1)), "damaged", headers={"X-Content-SHA256": "0" * 64})
        self.assert_refused(answer, 400, "damaged", "0{64}", code="InvalidInput")
        self.assertEqual(self.api.get("/api/v1/models/damaged").status, 404)


class Changes(WithServer):
    def given_two_versions(self, name):
        for constant in (1, 2):
            self.given_version(packages.tar_gz(packages.echo(constant, name)), name)

    def test_an_alias_moves_by_compare_and_set(self):
        self.given_two_versions("cas")
        self.assertEqual(self.api.alias("cas", "champion", 1, expected=0).status, 200)
        self.assert_refused(self.api.alias("cas", "champion", 2, expected=0), 409, "champion", code="Conflict")
        self.assert_refused(self.api.alias("cas", "champion", 2, expected=2), 409, "expected", "found", code="Conflict")
        self.assertEqual(self.api.alias("cas", "champion", 2, expected=1).status, 200)
        self.assertEqual(self.api.get("/api/v1/models/cas/aliases/champion").json["version"], 2)
        self.assert_refused(self.api.alias("cas", "champion", 3), 404, code="NotFound")
        self.assertEqual(self.api.delete("/api/v1/models/cas/aliases/champion").status, 204)
        self.assertEqual(self.api.get("/api/v1/models/cas/aliases/champion").status, 404)

    def test_a_deployment_is_made_by_compare_and_set(self):
        self.given_two_versions("revised")
        first = self.api.deploy("revised", 1, expected_revision=0).json["revision"]
        self.assert_refused(self.api.deploy("revised", 2, expected_revision=first + 1), 409, "revision", code="Conflict")
        self.assertGreater(self.api.deploy("revised", 2, expected_revision=first).json["revision"], first)

    def test_a_deployment_moves_the_alias_production(self):
        self.given_two_versions("aliased")
        for number in (1, 2, 1):
            self.assertEqual(self.api.deploy("aliased", number).status, 200)
            self.assertEqual(self.api.get("/api/v1/models/aliased/aliases/production").json["version"], number)

    def test_traffic_is_split_by_shares(self):
        self.given_two_versions("split")
        shares = [{"version": 1, "share": 5000}, {"version": 2, "share": 5000}]
        self.assertEqual(self.api.deploy("split", split=shares).status, 200)
        self.wait_live("split", 1)
        self.wait_live("split", 2)
        seen = {self.api.infer("split", packages.nonce(n)).json["model_version"] for n in range(200)}
        self.assertEqual(seen, {"1", "2"})
        for wrong in ([{"version": 1, "share": 9999}], [], [{"version": 1, "share": 5000}] * 2):
            self.assert_refused(self.api.deploy("split", split=wrong), 400, code="InvalidInput")

    def test_rollback_walks_back_through_what_was_live(self):
        self.given_two_versions("walked")
        self.given_version(packages.tar_gz(packages.echo(3, "walked")), "walked")
        for number in (1, 2, 3):
            self.given_live("walked", number)
        for expected in (2, 1):
            answer = self.api.rollback("walked")
            self.assertEqual(answer.status, 200, str(answer))
            self.assertEqual(answer.json["split"], [{"version": expected, "share": 10000}])
            self.wait_live("walked", expected)
        self.assert_refused(self.api.rollback("walked"), 409, code="Conflict")

    def test_the_history_says_who_when_what_from_to_and_why(self):
        self.given_two_versions("told")
        self.api.deploy("told", 1, reason="first release")
        self.api.deploy("told", 2, reason="better recall")
        self.api.alias("told", "champion", 2, reason="won the review")
        events = self.api.events("told")
        deployed = next(e for e in events if e["action"] == "deploy")
        self.assertEqual((deployed["actor"], deployed["reason"]), ("admin", "better recall"))
        self.assertIn("1", deployed["from"])
        self.assertIn("2", deployed["to"])
        self.assertRegex(deployed["at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d")
        moved = next(e for e in events if e["subject"] == "alias champion")
        self.assertEqual((moved["action"], moved["reason"]), ("alias", "won the review"))
        self.assertEqual({"push", "validate"} - {e["action"] for e in events}, set())
        sequences = [e["sequence"] for e in self.api.events()]
        self.assertEqual(sequences, list(range(len(sequences), 0, -1)), "numbered from 1 without gaps")

    def test_a_model_that_fails_to_load_leaves_the_old_version_serving(self):
        self.given_version(packages.tar_gz(packages.echo(1, "steady")), "steady")
        self.given_live("steady", 1)
        number = self.given_version(packages.tar_gz(packages.echo(2, "steady")), "steady")
        digest = next(f["sha256"] for f in self.api.version("steady", number).json["files"] if f["path"] == "model.echo")
        damaged = next(self.server.data.rglob(digest))
        damaged.chmod(0o600)
        damaged.write_bytes(b"X" + damaged.read_bytes()[1:])
        self.assertEqual(self.api.deploy("steady", number).status, 200)

        def failed():
            states = self.api.serving("steady").json["states"]
            return next((s for s in states if s["version"] == number and s["state"] == "unavailable"), None)
        state = eventually(failed, "the damaged version to be refused")
        self.assertRegex(state["reason"], "(?i)sha-?256|digest|corrupt|damaged")
        answer = self.api.infer("steady", packages.nonce(4))
        self.assertEqual((answer.status, answer.json.get("model_version")), (200, "1"), str(answer))


class Names(WithServer):
    GOOD = ("with space", "ünïcødé", "模型", "100%", "a+b", "quo\"te", "it's", "a@b", "a..b", "..", ".", "%2e%2e", "tail.",
            "back\\slash", "x" * 255, "semi;colon", "?query", "#fragment", "\u202eright-to-left")
    BAD = {"": "1", "a/b": "/", "a:b": ":", "nul\0": "control", "line\nfeed": "control", "del\x7f": "control",
           "x" * 256: "255"}

    def test_every_allowed_name_goes_the_whole_way(self):
        for name in self.GOOD:
            with self.subTest(name=name):
                self.given_version(packages.tar_gz(packages.echo(1, "echo")), name)
                self.given_live(name, 1)
                answer = self.api.infer(name, packages.nonce(3))
                self.assertEqual(answer.status, 200, str(answer))
                self.assertEqual(answer.json["model_name"], name)
        outside = {p.name for p in self.server.data.parent.iterdir()} - {"data", "log"}
        self.assertEqual(outside, set(), "a name never becomes a path")

    def test_every_other_name_is_refused(self):
        for name, word in self.BAD.items():
            with self.subTest(name=name):
                if name:
                    self.assert_refused(self.api.push(packages.tar_gz(packages.echo(1, "echo")), name), 400,
                                        code="InvalidInput")
                answer = self.api.get("/api/v1/models/" + "".join(f"%{b:02x}" for b in name.encode()))
                self.assertIn(answer.status, (400, 404, 200 if not name else 400), str(answer))

    def test_bytes_that_are_no_utf8_are_refused(self):
        for raw in ("%ff", "%c0%ae%c0%ae", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "%e0%80%ae"):
            with self.subTest(raw=raw):
                self.assert_refused(self.api.get("/api/v1/models/" + raw), 400, "UTF-8", code="InvalidInput")
                self.assert_refused(self.api.post(f"/api/v1/packages?name={raw}&filename=a.zip", b"x"), 400)

    def test_a_name_is_decoded_exactly_once(self):
        self.given_version(packages.tar_gz(packages.echo(1, "echo")), "%41")
        self.assertEqual(self.api.get("/api/v1/models/%2541").json["name"], "%41")
        self.assertEqual(self.api.get("/api/v1/models/%41").status, 404)


if __name__ == "__main__":
    unittest.main()
