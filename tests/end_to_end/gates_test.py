"""Gates on the server: a version is registered until its plan has passed, and what was found is kept."""
import hashlib
import json
import subprocess
import unittest

import packages
from fixture import ROOT, Server, WithServer, eventually, run

PLAN = """\
gates: {load: , determinism: , size: {most: 1MiB}}
policies:
  slow:
    gates: {latency: {budgets: [{rows: 1, quantile: 0.5, budget: 10s}]}}
  huge:
    gates: {latency: {budgets: [{rows: 4096, quantile: 0.5, budget: 10s}]}}
models:
  small: {gates: {size: {most: 10B}}}
  unsigned: {gates: {signing: {unsigned: require}}}
  vouched: {gates: {signing: {unsigned: require}}}
  unlicensed: {gates: {licence: {allowed: [MIT]}, quality: {rules: [{metric: accuracy, threshold: 0.5}]}}}
  slow: {policy: slow}
  slower: {policy: slow}
  huge: {policy: huge}
  ratio: {gates: {latency: {budgets: [{rows: 1, quantile: 0.5, ratio_to_live: 1000}]}}}
"""
ROWS = "score,label\n" + "".join(f"{0.9 if i % 2 else 0.1},{i % 2}\n" for i in range(400))
SCORER = {"slipway.yaml": "name: judged\nformat: echo\nfiles: {model: model.echo}\n"
                          "inputs: [{name: score, datatype: FP32, shape: [-1, 1]}]\n"
                          "outputs: [{name: p, datatype: FP32, shape: [-1, 1]}]\n",
          "model.echo": "input score FP32 [-1,1]\noutput p from score\n"}
PYTHON = ROOT / ".deps/venv-arrow/bin/python"
CONVERT = """\
import csv, sys, pyarrow as pa, pyarrow.parquet as pq
rows = list(csv.reader(open(sys.argv[1])))
columns = dict(zip(rows[0], zip(*rows[1:])))
pq.write_table(pa.table({"score": [float(v) for v in columns["score"]], "label": [int(v) for v in columns["label"]]}), sys.argv[2])
"""
GOVERNANCE = """
governance:
  policies:
    - models: gov-*
      approvals: 1
      evidence: required
"""
LIVES = "live"
# 80 kB a row: verified within its limit, and 4096 rows at once go far beyond it.
WIDE = {"slipway.yaml": "name: huge\nformat: echo\nfiles: {model: model.echo}\nlimits: {memory: 64MiB}\n"
                        "inputs: [{name: x, datatype: FP32, shape: [-1, 20000]}]\n"
                        "outputs: [{name: y, datatype: FP32, shape: [-1, 20000]}]\n",
        "model.echo": "input x FP32 [-1,20000]\noutput y from x\n"}


class GatesOnTheServer(WithServer):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.close)
        (cls.server.folder / "gates.yaml").write_text(PLAN)
        run("keygen", cls.server.folder / "release")
        key = "".join(f"        {line}\n" for line in (cls.server.folder / "release.pub").read_text().splitlines())
        (cls.server.folder / "server.yaml").write_text("gate_plan: gates.yaml\ngate_timeout: 2s\n" + GOVERNANCE +
                                                       "  keys:\n    - name: release\n      key: |\n" + key)
        cls.server._cwd = cls.server.folder
        cls.server._arguments += ["--config", "server.yaml"]
        cls.server.start()

    def setUp(self):
        super().setUp()
        if not self.api.get(f"/api/v1/models/{LIVES}").status == 200:
            self.given_judged(LIVES, "validated")
            self.given_live(LIVES)

    def tearDown(self):
        super().tearDown()
        answer = self.api.infer(LIVES, packages.nonce(7))  # serving goes on, whatever the gates ran
        self.assertEqual(answer.status, 200, str(answer))

    def push(self, name, constant=1, model="", manifest=""):
        answer = self.api.push(packages.tar_gz(packages.echo(constant, name, model, manifest)), name)
        self.assertEqual(answer.status, 201, str(answer))
        return answer.json["version"]

    def evidence(self, name, version=1):
        return self.api.get(f"/api/v1/models/{name}/versions/{version}/evidence").json

    def judged(self, name, version=1):
        """The standing once nothing is asked of it any more."""
        eventually(lambda: self.evidence(name, version)["gates"] == "idle", lambda: f"a verdict: {self.evidence(name, version)}")
        return self.evidence(name, version)

    def given_judged(self, name, stage, **more):
        version = self.push(name, **more)
        standing = self.judged(name, version["version"])
        self.assertEqual(standing["stage"], stage, standing)
        return standing

    def report(self, standing):
        return json.loads(standing["evidence"][0]["body"])

    def test_a_version_is_registered_until_its_gates_passed(self):
        version = self.push("good")
        self.assertEqual((version["stage"], version["reason"]), ("registered", "verified, waits for its gates"))
        standing = self.judged("good")
        self.assertEqual((standing["stage"], standing["reason"]), ("validated", ""))
        self.assertEqual([one["gate"] for one in self.report(standing)["gates"]], ["load", "determinism", "size"])
        self.assertEqual(standing["evidence"][0]["verdict"], "pass")

    def test_a_failing_gate_rejects_and_a_rejected_version_cannot_be_deployed(self):
        standing = self.given_judged("small", "rejected")
        self.assertRegex(standing["reason"], "^gate size: ")
        self.assert_refused(self.api.deploy("small", 1), 409, "rejected")
        self.assert_refused(self.api.post("/api/v1/models/small/versions/1/validate", {}), 409, "is rejected")

    def test_the_signing_gate_knows_the_keys_that_the_server_trusts(self):
        standing = self.given_judged("unsigned", "rejected")
        self.assertEqual(standing["reason"], "gate signing: expected a signature, found none")
        package = self.server.folder / "vouched"
        package.mkdir()
        for path, text in packages.echo(1, "vouched").items():
            (package / path).write_text(text)
        done = run("sign", package, "--key", self.server.folder / "release.key")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.server.cli("push", package)
        self.assertEqual(done.returncode, 0, done.stderr)
        standing = self.judged("vouched")
        self.assertEqual(standing["stage"], "validated", standing)
        self.assertIn("signed by 'release'", standing["evidence"][0]["body"])

    def test_without_enough_evidence_it_stays_registered_and_says_why(self):
        standing = self.given_judged("unlicensed", "registered", manifest="labels: {licence: MIT}\n")
        self.assertRegex(standing["reason"], "^gate quality: ")
        self.assertEqual(self.report(standing)["outcome"], "inconclusive")
        self.assert_refused(self.api.deploy("unlicensed", 1), 409, "registered")

    def test_a_run_that_takes_too_long_is_inconclusive(self):
        standing = self.given_judged("slow", "registered", model="cost 50000 0\n")
        self.assertEqual(standing["evidence"][0]["verdict"], "inconclusive")
        self.assertIn("did not finish within 2 s", standing["evidence"][0]["body"])

    def test_a_run_that_eats_memory_does_not_pass(self):
        answer = self.api.push(packages.tar_gz(WIDE), "huge")
        self.assertEqual(answer.json["version"]["reason"], "verified, waits for its gates", str(answer))
        standing = self.judged("huge")
        self.assertEqual(standing["stage"], "rejected", standing)
        self.assertIn("needs more memory than its limit", standing["reason"])

    def test_latency_is_compared_with_the_live_version(self):
        self.given_judged("ratio", "validated")
        self.given_live("ratio", 1)
        standing = self.given_judged("ratio", "validated", constant=2)
        latency = next(one for one in self.report(standing)["gates"] if one["gate"] == "latency")
        self.assertIn("times the live version's", latency["evidence"][0]["detail"])

    def test_the_command_line_asks_waits_and_lists(self):
        self.given_judged("said", "validated")
        asked = self.server.cli("validate", "said:1", "--reason", "once more")
        self.assertEqual(asked.returncode, 0, asked.stderr)
        self.assertRegex(asked.stdout, r"load +pass")
        self.assertEqual(len(self.evidence("said")["evidence"]), 2)
        listed = self.server.cli("evidence", "said:1")
        self.assertRegex(listed.stdout, r"2 +pass")
        self.assertEqual(json.loads(self.server.cli("evidence", "said:1", "--json").stdout)["stage"], "validated")

    def test_the_command_line_leaves_with_the_verdict(self):
        self.push("unlicensed", constant=5, manifest="labels: {licence: MIT}\n")
        version = self.api.get("/api/v1/models/unlicensed").json["last_version"]
        asked = self.server.cli("validate", f"unlicensed:{version}")
        self.assertEqual(asked.returncode, 4, asked.stdout + asked.stderr)
        self.assertIn("gate quality", asked.stderr)
        self.assertEqual(self.server.cli("validate", "nobody:1").returncode, 1)
        self.assertEqual(self.server.cli("validate", "nobody").returncode, 2)

    def test_evidence_that_is_required_binds_approvals(self):
        reviewer = self.api.post("/api/v1/tokens", {"name": "rita", "role": "approver"}).json["secret"]
        self.given_judged("gov-one", "validated")
        approve = lambda: self.server.api(reviewer).post("/api/v1/models/gov-one/versions/1/approvals", {"reason": "reviewed"})
        answer = approve()
        self.assertEqual(answer.status, 201, str(answer))
        self.assertEqual(answer.json["evidence"], self.evidence("gov-one")["evidence"][0]["digest"])
        self.assertEqual(self.api.deploy("gov-one", 1).status, 200)
        self.assertIn(self.api.post("/api/v1/models/gov-one/versions/1/validate", {}).status, (200, 202))
        self.judged("gov-one")
        self.assertEqual(self.api.delete("/api/v1/serving/gov-one").status, 204)
        self.assert_refused(self.api.deploy("gov-one", 1), 409, "upon other evidence: rita")
        self.assertEqual(approve().status, 201)
        self.assertEqual(self.api.deploy("gov-one", 1).status, 200)

    def test_one_query_goes_from_a_request_to_the_training_run(self):
        reviewer = self.api.post("/api/v1/tokens", {"name": "rosa", "role": "approver"}).json["secret"]
        self.given_judged("gov-asked", "validated", manifest="lineage: {run_id: run-77, code_commit: c0ffee}\n")
        approval = self.server.api(reviewer).post("/api/v1/models/gov-asked/versions/1/approvals", {"reason": "reviewed"})
        self.assertEqual(approval.status, 201, str(approval))
        self.given_live("gov-asked")
        request = self.api.infer("gov-asked", packages.nonce(7)).headers["x-request-id"]
        eventually(lambda: self.server.cli("explain", request, "--request").returncode == 0, "the record of the prediction")
        told = self.server.cli("explain", request, "--request").stdout
        evidence = approval.json["evidence"]
        for line in (f"request +{request} at ", r"version +gov-asked:1 \(validated\)", "digest +sha256:", "approval +rosa at .* for production",
                     f"upon +gate evidence {evidence}", f"gates +pass at .*, evidence {evidence}, plan sha256:", "gate +determinism: pass",
                     "training run +run-77", "code +c0ffee"):
            self.assertRegex(told, line)
        told = json.loads(self.server.cli("explain", request, "--request", "--json").stdout)
        self.assertEqual((told["prediction"]["request_id"], told["evidence"][0]["digest"]), (request, evidence))

    def test_who_may_only_read_asks_no_gates(self):
        self.given_judged("readable", "validated")
        viewer = self.api.post("/api/v1/tokens", {"name": "vic", "role": "viewer"}).json["secret"]
        path = "/api/v1/models/readable/versions/1"
        self.assertEqual(self.server.api(viewer).get(path + "/evidence").status, 200)
        self.assertEqual(self.server.api(viewer).post(path + "/validate", {}).status, 403)


class GatesAndTheServersEnd(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        plan = self.server.folder / "gates.yaml"
        plan.write_text(PLAN)
        self.server._arguments += ["--gate-plan", plan]
        self.server.start()
        answer = self.server.api().push(packages.tar_gz(packages.echo(1, "slow", "cost 10000 0\n")), "slow")
        self.assertEqual(answer.json["version"]["stage"], "registered", str(answer))

    def standing(self):
        return self.server.api().get("/api/v1/models/slow/versions/1/evidence").json

    def validated(self):
        eventually(lambda: self.standing()["stage"] == "validated", lambda: f"validated: {self.standing()}")
        return self.standing()["evidence"]

    def test_a_kill_is_made_good_by_the_next_start(self):
        eventually(lambda: self.standing()["gates"] == "running" or self.standing()["evidence"], "its gates to be asked")
        self.server.kill9()
        self.server.start()
        self.assertEqual(len(self.validated()), 1)

    def test_a_stop_does_not_wait_for_them_and_the_next_start_asks(self):
        self.server.restart()
        self.assertEqual(len(self.validated()), 1)

    def test_a_handover_does_not_wait_for_them_and_the_new_process_asks(self):
        self.server.hand_over()
        self.assertEqual(len(self.validated()), 1)


class EvaluationData(WithServer):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.close)
        (cls.server.folder / "rows.csv").write_text(ROWS)
        subprocess.run([PYTHON, "-c", CONVERT, cls.server.folder / "rows.csv", cls.server.folder / "rows.parquet"], check=True)
        digests = {name: hashlib.sha256(rows.encode()).hexdigest() for name, rows in
                   {"rows": ROWS, "nowhere": "x", "columns": "other,label\n1,0\n2,1\n", "class": "score,label\n1,0\n2,0\n"}.items()}
        digests["apart"] = hashlib.sha256((cls.server.folder / "rows.parquet").read_bytes()).hexdigest()
        plan = cls.server.folder / "gates.yaml"
        quality = "gates: {quality: {rules: [{metric: accuracy, threshold: 0.9}]}}"
        plan.write_text("models:\n" + "".join(f"  {name}*: {{data: {{dataset: 'sha256:{digest}'}}, {quality}}}\n" for name, digest in digests.items()))
        cls.server._arguments += ["--gate-plan", plan]
        cls.server.start()

    def judged(self, name):
        package = SCORER | {"slipway.yaml": SCORER["slipway.yaml"].replace("judged", name)}
        answer = self.api.push(packages.tar_gz(package), name)
        path = f"/api/v1/models/{name}/versions/{answer.json['version']['version']}/evidence"
        eventually(lambda: self.api.get(path).json["gates"] == "idle", lambda: f"a verdict: {self.api.get(path).json}")
        return self.api.get(path).json

    def given_dataset(self, text, name="eval.csv"):
        answer = self.api.post("/api/v1/datasets?filename=" + name, text, headers={"Content-Type": "application/octet-stream"})
        self.assertIn(answer.status, (200, 201), str(answer))
        return answer.json

    def test_gates_are_asked_upon_the_data_set_that_the_plan_names(self):
        file = self.server.folder / "eval.csv"
        file.write_text(ROWS)
        pushed = self.server.cli("datasets", "push", file)
        self.assertEqual(pushed.stdout.strip(), "sha256:" + hashlib.sha256(ROWS.encode()).hexdigest(), pushed.stderr)
        standing = self.judged("rows")
        self.assertEqual(standing["stage"], "validated", standing)
        report = json.loads(standing["evidence"][0]["body"])
        self.assertEqual(report["data"], hashlib.sha256(ROWS.encode()).hexdigest())
        self.assertEqual(report["gates"][0]["evidence"][0]["count"], 400)
        self.assertIn("eval.csv", self.server.cli("datasets", "list").stdout)

    def test_parquet_is_read_apart_and_judged_as_text_is(self):
        pushed = self.server.cli("datasets", "push", self.server.folder / "rows.parquet", "--json")
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        self.assertEqual((json.loads(pushed.stdout)["rows"], json.loads(pushed.stdout)["columns"]), (400, ["score", "label"]))
        standing = self.judged("apart")
        self.assertEqual(standing["stage"], "validated", standing)
        self.assertEqual(json.loads(standing["evidence"][0]["body"])["gates"][0]["evidence"][0]["count"], 400)
        answer = self.api.post("/api/v1/datasets?filename=a.parquet", "PAR1 and no more", headers={"Content-Type": "application/octet-stream"})
        self.assert_refused(answer, 400, "a.parquet")

    def test_data_that_is_not_there_or_cannot_be_used_is_told(self):
        self.given_dataset("other,label\n1,0\n2,1\n")
        self.given_dataset("score,label\n1,0\n2,0\n")
        for name, why in [("nowhere", "there is no data set sha256:"), ("columns", 'expected a column "score", found none'),
                          ("class", "one class|classes")]:
            standing = self.judged(name)
            self.assertEqual(standing["stage"], "registered", standing)
            self.assertRegex(standing["reason"], why)

    def test_what_is_no_table_is_refused(self):
        for name, text, why in [("eval.csv", "", "row|line|empty|heading"), ("eval.csv", "a,b\n", "row"), ("eval.xls", "a\n1\n", r"\.csv"),
                                ("", "a\n1\n", "file name")]:
            answer = self.api.post("/api/v1/datasets?filename=" + name, text, headers={"Content-Type": "application/octet-stream"})
            self.assert_refused(answer, (400, 501), why)

    def test_a_data_set_outlives_collections_and_goes_when_deleted(self):
        digest = self.given_dataset("score,label\n0.3,1\n0.2,0\n", "kept.csv")["digest"]
        self.api.push(packages.tar_gz(packages.echo(3, "short-lived")), "short-lived")
        self.assertEqual(self.api.delete("/api/v1/models/short-lived").status, 204)  # collects
        held = self.server.data / "artifacts"
        name = digest.removeprefix("sha256:")
        there = lambda: any(name.endswith(path.name) for path in held.rglob("*") if path.is_file())
        self.assertTrue(there())
        self.assertEqual(self.server.cli("datasets", "delete", digest).returncode, 0)
        self.assertEqual(self.api.get("/api/v1/datasets/" + digest).status, 404)
        self.assertEqual([e["action"] for e in self.api.events("") if e["subject"] == "data set" and digest in e["from"] + e["to"]],
                         ["delete", "dataset"])

    def test_who_may_only_read_registers_none(self):
        viewer = self.api.post("/api/v1/tokens", {"name": "vera", "role": "viewer"}).json["secret"]
        answer = self.server.api(viewer).post("/api/v1/datasets?filename=a.csv", "a\n1\n", headers={"Content-Type": "application/octet-stream"})
        self.assertEqual(answer.status, 403)
        self.assertEqual(self.server.api(viewer).get("/api/v1/datasets").status, 200)


class WrongPlans(unittest.TestCase):
    def test_a_plan_that_is_wrong_or_not_there_is_told_at_start(self):
        server = Server()
        self.addCleanup(server.close)
        plan = server.folder / "gates.yaml"
        for text, why in [("gates: {load: {longest: 3s}}\n", r"gates.yaml:1:\d+"), (None, "No such file")]:
            plan.write_text(text) if text else plan.unlink()
            done = run("serve", "--data", server.data, "--listen", "127.0.0.1:0", "--gate-plan", plan)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertRegex(done.stderr, why)


if __name__ == "__main__":
    unittest.main()
