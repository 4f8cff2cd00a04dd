"""slipway validate: a package against a gate plan, without a server; and the scripts of deploy/ci that call it."""
import json
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from fixture import BINARY, ROOT, clean_environment, run

WINE = ROOT / "examples/wine"
# Gives the column `score` back: the probability of the second class.
MANIFEST = """\
name: scorer
format: echo
files: {model: model.echo}
inputs:
- {name: score, datatype: FP32, shape: [-1, 1]}
outputs:
- {name: p, datatype: FP32, shape: [-1, 1]}
labels: {licence: Apache-2.0}
golden:
- {inputs: {score: [[0.5]]}, outputs: {p: [[0.5]]}}
"""
MODEL = "input score FP32 [-1,1]\noutput p from score\n"
DATA = "score,label,group\n" + "".join(f"{0.9 if i % 2 else 0.1},{i % 2},{'ab'[i % 4 // 2]}\n" for i in range(400))
BASICS = "gates: {load: , golden: , determinism: , interface: , size: , licence: {allowed: [Apache-2.0]}"


class ValidateTest(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        self.package = self.folder / "package"
        self.package.mkdir()
        self.write_package(MODEL)

    def write_package(self, model):
        (self.package / "slipway.yaml").write_text(MANIFEST)
        (self.package / "model.echo").write_text(model)

    def validate(self, plan, *options, data=DATA, name="eval.csv"):
        """(exit code, the report as read, standard error)."""
        (self.folder / "gates.yaml").write_text(plan)
        if data is not None:
            (self.folder / name).write_text(data)
            options += ("--data", self.folder / name)
        done = run("validate", self.package, "--plan", self.folder / "gates.yaml", "--json", *options, seconds=120)
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr

    def outcomes(self, report):
        return {gate["gate"]: gate["outcome"] for gate in report["gates"]}

    def test_a_good_package_passes_every_gate(self):
        code, report, error = self.validate(
            BASICS + ", schema: , latency: {budgets: [{rows: 1, quantile: 0.5, budget: 10s}]}, memory: {most: 1GiB},"
            " quality: {rules: [{metric: accuracy, threshold: 0.9}, {metric: auroc, threshold: 0.9}]},"
            " slices: {by: [group], threshold: 0.8}, fairness: {by: [group], parity_difference: 0.3},"
            " behaviour: {tests: [{name: up, kind: rises, column: score, add: 0.05}]},"
            " robustness: {tests: [{kind: noise, scale: 0.001, bound: 0.5}]}}\n")
        self.assertEqual(code, 0, (report, error))
        self.assertEqual(set(self.outcomes(report).values()), {"pass"}, report)
        self.assertEqual(len(report["gates"]), 14)

    def test_a_failing_gate_fails_the_package_and_the_evidence_says_why(self):
        code, report, _ = self.validate("gates: {load: , quality: {rules: [{metric: accuracy, threshold: 0.9}]}}\n",
                                        data=DATA.replace("0.9,", "0.2,"))
        self.assertEqual(code, 1, report)
        self.assertEqual(self.outcomes(report), {"load": "pass", "quality": "fail"})
        self.assertEqual(report["gates"][1]["evidence"][0]["found"], 0.5)

    def test_without_evidence_nothing_passes(self):
        plan = "gates: {quality: {rules: [{metric: accuracy, threshold: 0.9}]}}\n"
        code, report, _ = self.validate(plan, data=None)
        self.assertEqual((code, report["outcome"]), (4, "inconclusive"))
        self.assertIn("no evaluation data", report["gates"][0]["reason"])
        self.assertEqual(self.validate(plan, data="score,label\n0.1,0\n0.9,1\n")[0], 4)

    def test_evaluation_data_that_cannot_be_used_is_told(self):
        plan = "gates: {quality: {rules: [{metric: accuracy, threshold: 0.9}]}}\n"
        for data, why in [("other,label\n1,0\n2,1\n", 'expected a column "score", found none'),
                          ("score,truth\n1,0\n2,1\n", 'expected a column "label" with the truth, found none'),
                          ("score,label\n0.1,0\n0.2,NaN\n", 'column "label", row 2: expected the truth, found no value'),
                          ("score,label\n0.1,0\n0.2,0\n", "expected at least two classes"),
                          ("score,label\nhigh,0\n0.2,1\n", 'column "score", row 1: expected a value of FP32, found "high"')]:
            with self.subTest(data):
                code, report, _ = self.validate(plan, data=data)
                self.assertEqual(code, 4, report)
                self.assertIn(why, report["gates"][0]["reason"])
        code, _, error = self.validate(plan, data="score,label\n")
        self.assertEqual(code, 2)
        self.assertIn("eval.csv: expected at least one row, found none", error)

    def test_a_plan_that_is_wrong_is_refused_with_its_place(self):
        code, _, error = self.validate("gates: {lode: }\n")
        self.assertEqual(code, 2)
        self.assertRegex(error, r"gates\.yaml:1:\d+: .*lode")

    def test_models_of_death_get_a_verdict_and_harm_nobody(self):
        for fault, outcome in [("at_load crash", "fail"), ("at_execute crash", "fail"), ("at_load fail", "fail"),
                               ("memory 3000000000", "fail")]:
            with self.subTest(fault):
                self.write_package(MODEL + fault + "\n")
                code, report, _ = self.validate("gates: {load: , golden: }\n", data=None)
                self.assertIn(self.outcomes(report)["load"], (outcome, "inconclusive"), report)
                self.assertIn(code, (1, 4))
                self.assertNotEqual(report["gates"][0]["reason"], "")

    def test_a_model_that_is_not_deterministic_fails(self):
        self.write_package(MODEL + "mixes_rows\n")
        code, report, _ = self.validate("gates: {determinism: }\n", data=None)
        self.assertEqual((code, self.outcomes(report)), (1, {"determinism": "fail"}), report)

    def test_a_real_model_is_held_against_the_one_that_is_live(self):
        names = ["alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
                 "nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "od280/od315 of diluted wines", "proline"]
        rows = ["13.32,3.24,2.38,21.5,92.0,1.93,0.76,0.45,1.25,8.42,0.55,1.62,650.0,class_2",
                "13.5,1.81,2.61,20.0,96.0,2.53,2.61,0.28,1.66,3.52,1.12,3.82,845.0,class_0"] * 30
        self.package = WINE
        code, report, error = self.validate(
            "gates: {load: , golden: , determinism: , interface: , quality: {rules: [{metric: accuracy, live: not_worse,"
            " margin: 0.05}]}}\n", "--live", WINE, data="\n".join([",".join(names) + ",label", *rows]) + "\n")
        self.assertEqual(code, 0, (report, error))

    def test_junit_is_xml_that_counts_the_verdicts(self):
        junit = self.folder / "gates.xml"
        self.validate("gates: {load: , size: {most: 1}, quality: {rules: [{metric: f1, threshold: 0.9}]}}\n", "--junit", junit,
                      data=None)
        suite = xml.etree.ElementTree.parse(junit).getroot()
        self.assertEqual((suite.tag, suite.get("tests"), suite.get("failures"), suite.get("errors")), ("testsuite", "3", "1", "1"))
        self.assertEqual([case.get("name") for case in suite.iter("testcase")], ["load", "quality", "size"])

    def ci(self, *words, **variables):
        environment = clean_environment(SLIPWAY=str(BINARY), REPORTS=str(self.folder / "reports"), **variables)
        return subprocess.run([ROOT / "deploy/ci/validate.sh", *map(str, words)], capture_output=True, text=True, timeout=120,
                              env=environment)

    def test_the_pipelines_script_keeps_the_evidence_and_the_exit_code(self):
        plan = self.folder / "gates.yaml"
        plan.write_text("gates: {load: }\n")
        self.assertEqual(self.ci(self.package, plan).returncode, 0)
        self.assertEqual(json.loads((self.folder / "reports/gates.json").read_text())["outcome"], "pass")
        self.assertTrue((self.folder / "reports/gates.xml").exists())
        plan.write_text("gates: {size: {most: 1}}\n")
        self.assertEqual(self.ci(self.package, plan).returncode, 1)
        plan.write_text("gates: {quality: {rules: [{metric: f1, threshold: 0.9}]}}\n")
        self.assertEqual(self.ci(self.package, plan).returncode, 4)
        self.assertEqual(self.ci(self.package, plan, ALLOW_INCONCLUSIVE="yes").returncode, 0)
        self.assertEqual(self.ci().returncode, 2)

    def test_the_templates_call_the_script_with_what_it_takes(self):
        for name in ["github-actions.yml", "gitlab-ci.yml"]:
            text = (ROOT / "deploy/ci" / name).read_text()
            command = next(line for line in text.splitlines() if "validate.sh" in line and "$" in line)
            words = command.split("deploy/ci/validate.sh", 1)[1]
            plan, data = self.folder / "gates.yaml", self.folder / "eval.csv"
            plan.write_text("gates: {quality: {rules: [{metric: accuracy, threshold: 0.9}]}}\n")
            data.write_text(DATA)
            done = subprocess.run(["sh", "-ec", f"'{ROOT}/deploy/ci/validate.sh' {words}"], capture_output=True, text=True,
                                  timeout=120, env=clean_environment(SLIPWAY=str(BINARY), REPORTS=str(self.folder / name),
                                                                     PACKAGE=str(self.package), PLAN=str(plan), DATA=str(data)))
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
