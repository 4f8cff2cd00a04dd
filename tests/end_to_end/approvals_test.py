"""Approvals over the whole product: policies of the file, every way in, the command line."""
import json
import unittest

import packages
from fixture import Server, WithServer, eventually, run
from rollouts_test import GATED, Rolling

POLICIES = """
governance:
  policies:
    - models: gov-*
      environment: production
      approvals: 1
      aliases: [production, champion]
"""


class Approvals(WithServer):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.close)
        file = cls.server.folder / "server.yaml"
        file.write_text(POLICIES)
        cls.server._arguments += ["--config", file]
        cls.server.start()
        api = cls.server.api()
        make = lambda name, role: api.post("/api/v1/tokens", {"name": name, "role": role}).json["secret"]
        cls.ci, cls.eva = make("ci", "operator"), make("eva", "approver")

    def given_pushed(self, name, constant=1):
        answer = self.server.api(self.ci).push(packages.tar_gz(packages.echo(constant, name)), name)
        self.assertEqual((answer.status, answer.json["version"]["stage"]), (201, "validated"), str(answer))
        return answer.json["version"]["version"]

    def approve(self, name, version, token, **more):
        return self.server.api(token).post(f"/api/v1/models/{name}/versions/{version}/approvals", {"reason": "reviewed", **more})

    def test_every_way_in_waits_for_an_approval(self):
        name = "gov-ways"
        self.given_pushed(name)
        ci = self.server.api(self.ci)
        ways = {
            "deploy": lambda: ci.put(f"/api/v1/serving/{name}", {"split": [{"version": 1, "share": 10000}]}),
            "alias production": lambda: ci.alias(name, "production", 1),
            "alias champion": lambda: ci.alias(name, "champion", 1),
            "load by the repository API": lambda: ci.post(f"/v2/repository/models/{name}/load", {}),
        }
        for way, go in ways.items():
            with self.subTest(way=way):
                self.assert_refused(go(), (400, 409), "expects 1 approval by others than ci, who made it; found none")
        self.assertEqual(self.approve(name, 1, self.ci).status, 403)  # an operator gives no word
        answer = self.approve(name, 1, self.eva)
        self.assertEqual(answer.status, 201, str(answer))
        for way, go in ways.items():
            with self.subTest(way=way, approved=True):
                self.assertEqual(go().status, 200)

    def test_who_pushed_cannot_approve(self):
        admin = self.server.api()
        name = "gov-self"
        self.assertEqual(admin.push(packages.tar_gz(packages.echo(5, name)), name).status, 201)
        answer = self.approve(name, 1, self.server.admin_token)
        self.assert_refused(answer, 403, "somebody else must approve it", code="Denied")

    def test_who_built_it_cannot_approve(self):
        name = "gov-built"
        package = packages.tar_gz(packages.echo(6, name, "", "lineage: {built_by: eva}\n"))
        self.assertEqual(self.server.api(self.ci).push(package, name).status, 201)
        self.assert_refused(self.approve(name, 1, self.eva), 403, "somebody else must approve it")

    def test_the_history_tells_the_whole_story(self):
        name = "gov-story"
        self.given_pushed(name)
        self.server.api(self.ci).deploy(name, 1)
        approval = self.approve(name, 1, self.eva).json
        self.server.api(self.ci).deploy(name, 1)
        self.assertEqual(self.server.api(self.eva).delete(f"/api/v1/models/{name}/versions/1/approvals/{approval['id']}?reason=oops").status, 204)

        def actions():
            return [(e["action"], e["actor"]) for e in self.api.events(name)]
        eventually(lambda: ("refuse", "ci") in actions(), "the refused deployment in the history")
        for expected in (("push", "ci"), ("approve", "eva"), ("deploy", "ci"), ("revoke", "eva")):
            self.assertIn(expected, actions())
        self.assertEqual(self.server.cli("audit", "verify", "--data", self.server.data).returncode, 0)

    def test_an_admin_overrides_with_a_reason_and_only_an_admin(self):
        name = "gov-override"
        self.given_pushed(name)
        path = f"/api/v1/models/{name}/versions/1/override"
        for token in (self.ci, self.eva):
            self.assertEqual(self.server.api(token).post(path, {"reason": "now"}).status, 403)
        self.assert_refused(self.api.post(path, {}), 400, "expected why")
        self.assertEqual(self.api.post(path, {"reason": "incident 42"}).status, 201)
        self.assertEqual(self.server.api(self.ci).deploy(name, 1, reason="mend").status, 200)
        deployed = next(e for e in self.api.events(name) if e["action"] == "deploy")
        self.assertEqual(deployed["reason"], "[policies overridden] mend")
        self.assertIn("policies are overridden", self.server.log_path.read_text())

    def test_the_command_line_approves_lists_revokes_and_overrides(self):
        name = "gov-cli"
        self.given_pushed(name)
        refused = self.server.cli("deploy", f"{name}:1", token=self.ci)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("expects 1 approval", refused.stderr)
        done = self.server.cli("approve", f"{name}:1", "--environment", "production", "--reason", "fine", "--json", token=self.eva)
        self.assertEqual(done.returncode, 0, done.stderr)
        approval = json.loads(done.stdout)
        listed = self.server.cli("approvals", "list", f"{name}:1")
        self.assertIn("eva", listed.stdout)
        self.assertIn("production: approved", listed.stdout)
        done = self.server.cli("approvals", "revoke", f"{name}:1", approval["id"], token=self.eva)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("production: forbidden: version 1", self.server.cli("approvals", "list", f"{name}:1").stdout)
        done = self.server.cli("override", f"{name}:1", "--reason", "incident", "--expires", "10m")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("production: overridden", self.server.cli("approvals", "list", f"{name}:1").stdout)

    def test_the_command_line_explains_why_a_version_is_where_it_is(self):
        name = "gov-explain"
        self.given_pushed(name)
        digest = self.api.get(f"/api/v1/models/{name}/versions/1").json["digest"]
        self.assertEqual(self.approve(name, 1, self.eva).status, 201)
        self.assertEqual(self.server.api(self.ci).deploy(name, 1).status, 200)
        told = self.server.cli("explain", f"{name}@production")
        self.assertEqual(told.returncode, 0, told.stderr)
        for line in (rf"version +{name}:1 \(validated\)", r"served in +production \(all\)", f"digest +{digest}", "pushed by +ci at ",
                     "approval +eva at .* for production", "upon +no gate evidence", "standing +production: approved"):
            self.assertRegex(told.stdout, line)
        told = json.loads(self.server.cli("explain", f"{name}:1", "--json").stdout)
        self.assertEqual((told["version"]["digest"], told["approvals"]["approvals"][0]["principal"]), (digest, "eva"))
        self.assertEqual(self.server.cli("explain", f"{name}:9").returncode, 1)
        self.assertEqual(self.server.cli("explain", name).returncode, 2)

    def test_a_step_of_a_rollout_waits_for_approvals_as_the_policy_asks_for_them(self):
        name = "gov-rolling"
        mia, max_ = (self.server.api(self.api.post("/api/v1/tokens", {"name": who, "role": role}).json["secret"])
                     for who, role in (("mia", "admin"), ("max", "approver")))
        self.given_pushed(name)
        self.assertEqual(mia.push(packages.tar_gz(packages.echo(2, name)), name).status, 201)
        given = [self.approve(name, version, self.eva).json for version in (1, 2)]
        self.assertEqual(self.server.api(self.ci).deploy(name, 1).status, 200)
        self.wait_live(name, 1)
        rolling, eva = Rolling(self.server.api(self.ci)), Rolling(self.server.api(self.eva))
        number = rolling.started(name, GATED)
        rolling.wait(number, "observing")
        self.assert_refused(rolling.say(number, "promote", to="end"), 409, "an approval that nobody gave")
        self.assert_refused(Rolling(mia).say(number, "approve"), 403, '"mia" made version 2')
        eva.said(number, "approve")
        answer = self.server.api(self.eva).delete(f"/api/v1/models/{name}/versions/2/approvals/{given[1]['id']}")
        self.assertIn(answer.status, (200, 204), str(answer))
        self.assert_refused(rolling.say(number, "promote", to="end"), 409, "not enough: .*expects 1 approval by others than mia, who made it; found none")
        Rolling(max_).said(number, "approve")
        rolling.said(number, "promote", to="end")
        rolling.wait(number, "completed")
        told = [e for e in self.api.events(name) if e["action"] == "approve" and e["actor"] == "max"]
        self.assertEqual([e["reason"] for e in told], [f"rollout {number}: as agreed"])

    def test_approvals_outlive_a_kill(self):
        name = "gov-kill"
        self.given_pushed(name)
        self.assertEqual(self.approve(name, 1, self.eva).status, 201)
        self.server.kill9()
        self.server.start()
        self.assertEqual(self.server.api(self.ci).deploy(name, 1).status, 200)
        self.assertEqual(self.server.cli("audit", "verify", "--data", self.server.data).returncode, 0)


class Section(unittest.TestCase):
    def test_a_mistake_in_the_section_stops_the_start_with_line_and_column(self):
        with Server() as server:
            file = server.folder / "wrong.yaml"
            file.write_text("governance:\n  policies:\n    - models: fraud\n      approvals: many\n")
            for command in (("serve", "--data", server.folder / "other"), ("config",)):
                with self.subTest(command=command):
                    done = run(*command, "--config", file)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn("wrong.yaml:4:18: governance.policies[0].approvals", done.stderr)


if __name__ == "__main__":
    unittest.main()
