"""Tokens limited to models, verbs and environments: what is outside does not exist for them, by any route."""
import json
import re
import struct
import unittest

import packages
from access_test import concrete, route_table
from api import connection_to
from fixture import WithServer, eventually

MINE, THEIRS = "team-a-model", "team-b-model"
GRPC = "/inference.GRPCInferenceService/"
# Routes without a model in the path that look at the caller's limits themselves; every other one refuses a limited caller.
MLFLOW, PROXY = "/api/2.0/mlflow/", "/api/2.0/mlflow-artifacts/artifacts"
MLFLOW_CALLS = {"{call...}", "artifacts/list", "metrics/get-history"} | {
    "experiments/" + end for end in ("create", "get", "get-by-name", "search", "update", "delete", "restore", "set-experiment-tag",
                                     "delete-experiment-tag")} | {
    "runs/" + end for end in ("create", "get", "update", "search", "delete", "restore", "log-metric", "log-parameter", "log-batch",
                              "set-tag", "delete-tag", "log-model", "log-inputs", "outputs")} | {
    "logged-models" + end for end in ("", "/search", "/{model_id}", "/{model_id}/params", "/{model_id}/tags", "/{model_id}/tags/{key}",
                                      "/{model_id}/artifacts/directories")} | {
    "registered-models/" + end for end in ("create", "get", "update", "rename", "delete", "search", "get-latest-versions", "set-tag",
                                           "delete-tag", "alias")} | {
    "model-versions/" + end for end in ("create", "get", "update", "delete", "search", "transition-stage", "get-download-uri",
                                        "set-tag", "delete-tag")}
LOOK_THEMSELVES = {MLFLOW + call for call in MLFLOW_CALLS} | {PROXY, PROXY + "/{path...}"} | {
                   "/api/v1/models", "/api/v1/versions", "/api/v1/packages", "/api/v1/serving", "/api/v1/history", "/api/v1/feedback", "/api/v1.0/feedback",
                   "/api/v1/predictions/{request}", "/api/v1/rollouts", "/api/v1/rollout-plan", "/api/v1/rollouts/{rollout}"} | {
    "/api/v1/rollouts/{rollout}/" + end for end in ("decisions", "pause", "resume", "promote", "abort", "weight", "approve", "drill")} | {
    GRPC + method for method in ("ServerMetadata", "ModelReady", "ModelMetadata", "ModelConfig", "ModelStatistics", "ModelInfer",
                                 "ModelStreamInfer")}


class Scopes(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.routes = route_table()
        api = cls.server.api()
        for name in (MINE, THEIRS):
            assert api.push(packages.tar_gz(packages.echo(1, name)), name).status == 201
            answer = api.deploy(name, 1)
            assert answer.status == 200, str(answer)

        def token(name, role="admin", **limits):
            made = api.post("/api/v1/tokens", {"name": name, "role": role, **limits})
            assert made.status == 201, str(made)
            return made.json["secret"]
        cls.team_a = token("team-a", models=["team-a-*"])
        cls.stranger = token("stranger", models=["team-c-*"])
        cls.pusher = token("pusher", "operator", verbs=["push"])
        cls.stager = token("stager", "operator", environments=["staging"])

    def setUp(self):
        super().setUp()
        for name in (MINE, THEIRS):
            self.wait_live(name, 1)

    def ask(self, token, method, path):
        body = b"{}" if method in ("POST", "PUT") else None
        return self.server.api(token).request(method, path, body, {"Content-Type": "application/json"})

    def test_every_route_refuses_a_model_outside_the_limits_and_says_the_same_whether_it_is_there(self):
        for route in self.routes:
            method, pattern = route["method"], route["pattern"]
            if "{model}" not in pattern or route["permission"] == "public":
                continue
            answers = [self.ask(self.stranger, method, concrete(pattern.replace("{model}", name))) for name in (THEIRS, "nobody-has-this")]
            with self.subTest(route=f"{method} {pattern}"):
                self.assertEqual([a.status for a in answers], [403, 403], str(answers[0]))
                self.assertEqual(answers[0].body, answers[1].body)
                self.assertNotIn(THEIRS.encode(), answers[0].body)

    def test_a_model_gets_no_name_outside_the_limits(self):
        answer = self.server.api(self.team_a).post(f"/api/v1/models/{MINE}/rename", {"name": "team-b-new"})
        self.assertEqual(answer.status, 403, str(answer))
        eventually(lambda: [e for e in self.api.events() if e["action"] == "refuse" and e["actor"] == "team-a" and "rename" in e["subject"]],
                   "the refused attempt")
        self.assertEqual(self.server.api(self.team_a).post(f"/api/v1/models/{MINE}/rename", {"name": "team-a-new"}).status, 409, "it is served")

    def test_the_routes_that_look_themselves_are_these(self):
        self.assertEqual({r["pattern"] for r in self.routes if r["models"] == "handler"}, LOOK_THEMSELVES)
        for route in self.routes:
            self.assertEqual("{model}" in route["pattern"], route["models"] == "path", route["pattern"])

    def test_a_route_without_a_model_refuses_unless_it_looks_itself(self):
        for route in self.routes:
            method, pattern = route["method"], route["pattern"]
            if route["models"] != "refused":
                continue
            with self.subTest(route=f"{method} {pattern}"):
                self.assertEqual(self.ask(self.team_a, method, concrete(pattern)).status, 403)

    def call(self, token, method, message, service=GRPC):
        """The status of gRPC, by gRPC-Web in one HTTP/1.1 request."""
        headers = {"Content-Type": "application/grpc-web+proto", "Authorization": "Bearer " + token}
        connection = connection_to(self.server.address)
        self.addCleanup(connection.close)
        connection.request("POST", service + method, struct.pack(">BI", 0, len(message)) + message, headers)
        answer = connection.getresponse()
        body = answer.read()
        found = answer.getheader("grpc-status") or re.search(rb"grpc-status:\s*(\d+)", body).group(1)
        return int(found)

    def test_grpc_is_limited_as_the_paths_are(self):
        ok, invalid, denied = 0, 3, 7
        for method in ("ModelReady", "ModelMetadata", "ModelConfig", "ModelStatistics", "ModelInfer"):
            for name, expected in ((MINE, {ok, invalid}), (THEIRS, {denied}), ("nobody-has-this", {denied}), ("", {denied})):
                with self.subTest(method=method, model=name):
                    question = bytes([0x0A, len(name)]) + name.encode()
                    self.assertIn(self.call(self.team_a, method, question), expected)
        for name, expected in ((MINE, ok), (THEIRS, denied), ("nobody-has-this", denied)):
            question = bytes([0x0A, len(name)]) + name.encode()
            self.assertEqual(self.call(self.team_a, "Check", question, "/grpc.health.v1.Health/"), expected)

    def test_lists_hold_what_is_covered_alone(self):
        mine = self.server.api(self.team_a)
        self.assertEqual([m["name"] for m in mine.get("/api/v1/models").json["models"]], [MINE])
        self.assertEqual([s["model"] for s in mine.get("/api/v1/serving").json["serving"]], [MINE])
        self.assertEqual({e["model"] for e in mine.get(f"/api/v1/history?model={MINE}").json["events"]}, {MINE})
        for query in ("", f"?model={THEIRS}", "?model=nobody-has-this"):
            self.assertEqual(mine.get("/api/v1/history" + query).status, 403, query)
        page = mine.get("/api/v1/models?limit=1").json
        self.assertIn(page["next"], (None, MINE))
        self.assertEqual(mine.get("/api/v1/models?after=" + MINE).json["models"], [])
        nothing = self.server.api(self.stranger)
        self.assertEqual(nothing.get("/api/v1/models").json, {"models": [], "next": None, "next_page_token": None})

    def test_a_search_is_of_the_models_that_are_covered(self):
        for token in (self.pusher, self.stager):
            found = self.server.api(token).get(f"/api/v1/models?filter=name%3D'{THEIRS}'")
            self.assertEqual(found.status, 200, str(found))
            self.assertEqual([m["name"] for m in found.json["models"]], [THEIRS])
            self.assertEqual(self.server.api(token).get("/api/v1/models?order_by=name&after=a").status, 400)
        mine, nobody = self.server.api(self.team_a), self.server.api(self.stranger)
        for of, name in (("models", "name"), ("versions", "model")):
            for filter, expected in (("", {MINE}), ("?filter=name%20LIKE%20'%25'", {MINE}), (f"?filter=name%3D'{THEIRS}'", set()),
                                     ("?filter=name%3D'nobody-has-this'", set())):
                found = mine.get(f"/api/v1/{of}{filter}")
                self.assertEqual((found.status, {each[name] for each in found.json[of]}), (200, expected), of + filter)
            self.assertEqual(nobody.get(f"/api/v1/{of}?filter=name%20LIKE%20'%25'").json[of], [])

    def test_a_lineage_ends_at_the_first_parent_that_is_not_covered(self):
        mine = self.server.api(self.team_a)
        for constant, parent in ((5, f"{THEIRS}:1"), (6, f"{THEIRS}:9")):
            answer = mine.push(packages.tar_gz(packages.echo(constant, MINE, "", f"lineage: {{parent: '{parent}'}}\n")), MINE)
            self.assertEqual(answer.status, 201, str(answer))
            child = answer.json["version"]["version"]
            line = mine.get(f"/api/v1/models/{MINE}/versions/{child}/lineage").json["versions"]
            self.assertEqual([one["present"] for one in line], [True, False])
            self.assertLessEqual({"stage", "digest", "created_at", "created_by"}, set(line[0]))
            self.assertFalse({"stage", "digest", "created_at", "created_by"} & set(line[1]), line[1])
        line = self.api.get(f"/api/v1/models/{MINE}/versions/{child - 1}/lineage").json["versions"]
        self.assertEqual([one["present"] for one in line], [True, True])

    def test_what_is_covered_works(self):
        mine = self.server.api(self.team_a)
        self.assertEqual(mine.get(f"/api/v1/models/{MINE}").status, 200)
        self.assertEqual(mine.get(f"/v2/models/{MINE}/ready").status, 200)
        self.assertEqual(mine.alias(MINE, "champion", 1).status, 200)
        answer = mine.push(packages.tar_gz(packages.echo(2, "team-a-new")), "team-a-new")
        self.assertEqual(answer.status, 201, str(answer))

    def test_a_push_under_another_name_is_refused_also_when_the_package_says_it(self):
        mine = self.server.api(self.team_a)
        package = packages.tar_gz(packages.echo(3, THEIRS))
        self.assertEqual(mine.push(package, THEIRS).status, 403)
        self.assertEqual(mine.push(package).status, 403)
        self.assertEqual(len(self.api.get(f"/api/v1/models/{THEIRS}").json["versions"]), 1)

    def test_verbs_narrow_the_role(self):
        pusher = self.server.api(self.pusher)
        answer = pusher.push(packages.tar_gz(packages.echo(4, "verbs")), "verbs")
        self.assertEqual(answer.status, 201, str(answer))
        self.assertEqual(pusher.deploy("verbs", 1).status, 403)
        self.assertEqual(self.ask(self.pusher, "POST", f"/v2/models/{MINE}/infer").status, 403)

    def test_environments_narrow_where_it_may_change_something(self):
        stager = self.server.api(self.stager)
        self.assertEqual(stager.deploy(MINE, 1).status, 403)
        self.assertEqual(stager.put(f"/api/v1/serving/{MINE}?environment=staging", {"version": 1}).status, 200)
        self.assertEqual(stager.delete(f"/api/v1/serving/{MINE}").status, 403)
        self.assertEqual(stager.alias(MINE, "production", 1).status, 403)
        self.assertEqual(stager.alias(MINE, "candidate", 1).status, 200)
        self.assertEqual(self.ask(self.stager, "POST", f"/v2/repository/models/{MINE}/load").status, 403)

    def test_whoever_is_limited_makes_no_tokens(self):
        for token in (self.team_a, self.stager):
            self.assertEqual(self.ask(token, "GET", "/api/v1/tokens").status, 403)

    def test_no_spelling_of_a_name_gets_around_the_limits(self):
        mine = self.server.api(self.team_a)
        for path in (f"/api/v1/models/{THEIRS}/", f"/api/v1//models/{THEIRS}", "/api/v1/models/team-a-%2f..%2fteam-b-model",
                     "/api/v1/models/team%2Db%2Dmodel", f"/api/v1/models/team-a-x/../{THEIRS}", f"/api/v1/models/{THEIRS}%00"):
            with self.subTest(path=path):
                answer = mine.get(path)
                self.assertIn(answer.status, (400, 403, 404), str(answer))
                self.assertNotIn(b'"versions"', answer.body)

    def test_refusals_are_in_the_history(self):
        self.ask(self.stranger, "GET", f"/api/v1/models/{THEIRS}")
        eventually(lambda: [e for e in self.api.events() if e["action"] == "refuse" and e["actor"] == "stranger"], "the refused attempt")

    def test_the_command_line_makes_and_shows_limits(self):
        done = self.server.cli("token", "create", "cli-made", "--role", "operator", "--models", "x-*,y", "--verbs", "push,deploy",
                               "--environments", "staging", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        made = json.loads(done.stdout)
        self.assertEqual(made["models"], ["x-*", "y"])
        self.assertEqual(made["verbs"], ["write-registry", "read-registry", "read-metadata", "deploy"])
        self.assertEqual(made["environments"], ["staging"])
        self.assertIn("x-*, y, write-registry", self.server.cli("token", "list").stdout)
        for wrong, expected in ((("--models", "a/b"), "models"), (("--verbs", "fly"), "expected read, push"), (("--environments", "A"), "environments")):
            with self.subTest(wrong=wrong):
                done = self.server.cli("token", "create", "wrong", "--role", "viewer", *wrong)
                self.assertEqual(done.returncode, 1)
                self.assertIn(expected, done.stderr)

    def test_limits_outlive_a_restart(self):
        self.server.restart()
        self.assertEqual(self.server.api(self.team_a).get(f"/api/v1/models/{THEIRS}").status, 403)
        self.assertEqual(self.server.api(self.team_a).get(f"/api/v1/models/{MINE}").status, 200)


if __name__ == "__main__":
    unittest.main()
