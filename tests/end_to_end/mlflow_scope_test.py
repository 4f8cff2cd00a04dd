"""Tokens limited to models, at MLflow's calls: the models they cover, and what they made of training; nothing else exists for them."""
import json
import unittest

import packages
from fixture import WithServer, eventually

MINE, THEIRS, CALLS, PROXY = "team-a-model", "team-b-model", "/api/2.0/mlflow/", "/api/2.0/mlflow-artifacts/artifacts/"
NOWHERE = "0" * 32


class MlflowScopes(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        api = cls.server.api()
        for name in (MINE, THEIRS):
            assert api.push(packages.tar_gz(packages.echo(1, name)), name).status == 201

        def token(name, **limits):
            made = api.post("/api/v1/tokens", {"name": name, "role": "operator", **limits})
            assert made.status == 201, str(made)
            return cls.server.api(made.json["secret"])
        cls.admin, cls.team, cls.same = api, token("team", models=["team-a-*"]), token("same", models=["team-a-*"])
        cls.stager = token("stager", environments=["staging"])

    def call(self, api, method, name, fields):
        if method == "GET":
            query = "&".join(f"{key}={value}" for key, value in fields.items())
            return api.get(f"{CALLS}{name}?{query}")
        return api.request(method, CALLS + name, json.dumps(fields).encode(), {"Content-Type": "application/json"})

    def made(self, api, name, fields, *keys):
        answer = self.call(api, "POST", name, fields)
        self.assertEqual(answer.status, 200, str(answer))
        found = answer.json
        for key in keys:
            found = found[key]
        return found

    def assert_denied(self, *answers):
        """All in the same words, which name nothing that is not the caller's."""
        for answer in answers:
            self.assertEqual((answer.status, answer.json["error_code"]), (403, "PERMISSION_DENIED"), str(answer))
            self.assertEqual(answer.body, answers[0].body)
            self.assertNotIn(THEIRS.encode(), answer.body)

    def test_a_model_outside_the_limits_is_refused_by_every_call_that_names_one(self):
        for method, name, fields in (
                ("GET", "registered-models/get", {}), ("PATCH", "registered-models/update", {"description": "x"}),
                ("POST", "registered-models/create", {}), ("DELETE", "registered-models/delete", {}),
                ("GET", "registered-models/get-latest-versions", {}), ("POST", "registered-models/get-latest-versions", {}),
                ("POST", "registered-models/set-tag", {"key": "k", "value": "v"}), ("DELETE", "registered-models/delete-tag", {"key": "k"}),
                ("POST", "registered-models/rename", {"new_name": "team-a-new"}),
                ("POST", "registered-models/alias", {"alias": "best", "version": "1"}), ("GET", "registered-models/alias", {"alias": "best"}),
                ("DELETE", "registered-models/alias", {"alias": "best"}), ("GET", "model-versions/get", {"version": "1"}),
                ("POST", "model-versions/create", {"source": f"models:/{MINE}/1"}), ("GET", "model-versions/get-download-uri", {"version": "1"}),
                ("PATCH", "model-versions/update", {"version": "1", "description": "x"}), ("DELETE", "model-versions/delete", {"version": "1"}),
                ("POST", "model-versions/transition-stage", {"version": "1", "stage": "Staging"}),
                ("POST", "model-versions/set-tag", {"version": "1", "key": "k", "value": "v"}),
                ("DELETE", "model-versions/delete-tag", {"version": "1", "key": "k"})):
            with self.subTest(name, method=method):
                self.assert_denied(*(self.call(self.team, method, name, {"name": model, **fields}) for model in (THEIRS, "nobody-has-this")))
        self.assertEqual(self.admin.get(f"/api/v1/models/{THEIRS}").json["versions"][0]["stage"].lower(), "validated", "nothing has happened")

    def test_neither_a_new_name_nor_a_source_leads_outside(self):
        self.assert_denied(self.call(self.team, "POST", "registered-models/rename", {"name": MINE, "new_name": "team-b-new"}))
        for theirs in (THEIRS, "nobody-has-this"):
            hexadecimal = theirs.encode().hex()
            self.assert_denied(
                self.call(self.team, "POST", "model-versions/create", {"name": MINE, "source": f"models:/{theirs}/1"}),
                self.call(self.team, "POST", "model-versions/create", {"name": MINE, "source": f"mlflow-artifacts:/versions/{hexadecimal}/1"}),
                self.team.get(f"{PROXY}versions/{hexadecimal}/1/slipway.yaml"),
                self.team.get(f"{PROXY[:-1]}?path=versions/{hexadecimal}/1"))

    def test_searches_find_what_is_covered(self):
        found = self.call(self.team, "GET", "registered-models/search", {}).json["registered_models"]
        self.assertEqual([each["name"] for each in found], [MINE])
        found = self.call(self.team, "GET", "model-versions/search", {"filter": f"name%3D'{THEIRS}'"}).json["model_versions"]
        self.assertEqual(found, [])
        mine, theirs = (self.made(self.admin, "experiments/create", {"name": name}, "experiment_id") for name in ("team-a-found", "team-b-found"))
        self.made(self.admin, "runs/create", {"experiment_id": mine})
        run = self.made(self.team, "runs/create", {"experiment_id": mine}, "run", "info", "run_id")
        found = self.made(self.team, "experiments/search", {"max_results": 100}, "experiments")
        self.assertLessEqual({"Default", "team-a-found"}, {each["name"] for each in found})
        self.assertNotIn("team-b-found", {each["name"] for each in found})
        found = self.made(self.team, "runs/search", {"experiment_ids": [mine, theirs]}, "runs")
        self.assertEqual([each["info"]["run_id"] for each in found], [run])

    def test_a_run_is_its_makers_from_beginning_to_version(self):
        run = self.made(self.team, "runs/create", {"experiment_id": "0"}, "run", "info", "run_id")
        self.made(self.team, "runs/log-metric", {"run_id": run, "key": "auc", "value": 0.9})
        for path, content in packages.echo(7, MINE).items():
            put = self.team.request("PUT", f"{PROXY}0/{run}/artifacts/model/{path}", content if isinstance(content, bytes) else content.encode())
            self.assertEqual(put.status, 200, str(put))
        version = self.made(self.team, "model-versions/create", {"name": MINE, "source": f"runs:/{run}/model", "run_id": run}, "model_version")
        self.assertEqual((version["name"], version["run_id"]), (MINE, run))
        uri = self.call(self.team, "GET", "model-versions/get-download-uri", {"name": MINE, "version": version["version"]}).json["artifact_uri"]
        self.assertEqual(self.team.get(PROXY + uri.split(":/", 1)[1] + "/slipway.yaml").status, 200)
        self.made(self.team, "registered-models/alias", {"name": MINE, "alias": "best", "version": version["version"]})
        found = self.call(self.team, "GET", "registered-models/alias", {"name": MINE, "alias": "best"})
        self.assertEqual(found.json["model_version"]["version"], version["version"])

    def test_what_others_made_of_training_does_not_exist(self):
        theirs = self.made(self.admin, "runs/create", {"experiment_id": "0"}, "run", "info", "run_id")
        self.assertEqual(self.admin.request("PUT", f"{PROXY}0/{theirs}/artifacts/a.txt", b"x").status, 200)
        logged = self.made(self.admin, "logged-models", {"experiment_id": "0", "name": "m"}, "model", "info", "model_id")
        mine = self.made(self.same, "runs/create", {"experiment_id": "0"}, "run", "info", "run_id")
        for run in (theirs, mine, NOWHERE):
            with self.subTest(run=run):
                self.assert_denied(*(self.call(self.team, method, name, {"run_id": run, **fields}) for method, name, fields in (
                    ("GET", "runs/get", {}), ("POST", "runs/update", {"status": "FINISHED"}), ("POST", "runs/delete", {}), ("POST", "runs/restore", {}),
                    ("POST", "runs/log-metric", {"key": "k", "value": 1}), ("POST", "runs/log-parameter", {"key": "k", "value": "v"}),
                    ("POST", "runs/log-batch", {"metrics": []}), ("POST", "runs/set-tag", {"key": "k", "value": "v"}),
                    ("POST", "runs/delete-tag", {"key": "k"}), ("POST", "runs/log-model", {"model_json": "{}"}),
                    ("POST", "runs/log-inputs", {"datasets": []}), ("POST", "runs/outputs", {"models": []}),
                    ("GET", "metrics/get-history", {"metric_key": "k"}), ("GET", "artifacts/list", {}),
                    ("POST", "logged-models", {"experiment_id": "0", "source_run_id": run}),
                    ("POST", "model-versions/create", {"name": MINE, "source": f"runs:/{run}"}),
                    ("POST", "model-versions/create", {"name": MINE, "source": f"models:/{MINE}/1", "run_id": run}))))
                self.assert_denied(*(self.team.request(method, f"{PROXY}0/{run}/artifacts/a.txt", b"x" if method == "PUT" else None)
                                     for method in ("GET", "PUT", "DELETE")), self.team.get(f"{PROXY[:-1]}?path=0/{run}/artifacts"))
        for model in (logged, "m-" + NOWHERE):
            with self.subTest(model=model):
                self.assert_denied(*(self.call(self.team, method, f"logged-models/{model}{end}", fields) for method, end, fields in (
                    ("GET", "", {}), ("PATCH", "", {"status": "LOGGED_MODEL_READY"}), ("DELETE", "", {}), ("POST", "/params", {"params": []}),
                    ("PATCH", "/tags", {"tags": []}), ("DELETE", "/tags/k", {}), ("GET", "/artifacts/directories", {}))))
        own = self.made(self.team, "runs/create", {"experiment_id": "0"}, "run", "info", "run_id")
        self.assert_denied(
            self.call(self.team, "POST", "runs/log-metric", {"run_id": own, "key": "k", "value": 1, "model_id": logged}),
            self.call(self.team, "POST", "runs/outputs", {"run_id": own, "models": [{"model_id": logged}]}),
            self.call(self.team, "POST", "model-versions/create", {"name": MINE, "source": f"models:/{logged}"}))

    def test_experiments_are_covered_by_their_names_and_the_default_one_is_only_put_into(self):
        mine = self.made(self.team, "experiments/create", {"name": "team-a-trials"}, "experiment_id")
        self.made(self.team, "experiments/set-experiment-tag", {"experiment_id": mine, "key": "k", "value": "v"})
        theirs = self.made(self.admin, "experiments/create", {"name": "team-b-trials"}, "experiment_id")
        self.assertEqual(self.call(self.team, "GET", "experiments/get", {"experiment_id": "0"}).status, 200)
        self.assertEqual(self.call(self.team, "GET", "experiments/get-by-name", {"experiment_name": "Default"}).status, 200)
        self.assertEqual(self.call(self.team, "GET", "experiments/get-by-name", {"experiment_name": "team-a-none"}).status, 404)
        refused = [self.call(self.team, method, "experiments/" + name, fields) for method, name, fields in (
            ("POST", "create", {"name": "team-b-more"}), ("POST", "update", {"experiment_id": mine, "new_name": "team-b-more"}),
            ("GET", "get-by-name", {"experiment_name": "team-b-trials"}), ("GET", "get-by-name", {"experiment_name": "team-b-none"}))]
        refused += [self.call(self.team, "POST", "experiments/" + name, {"experiment_id": experiment, "key": "k", "value": "v", "new_name": "team-a-x"})
                    for experiment in ("0", theirs, "987654") for name in ("update", "delete", "restore", "set-experiment-tag", "delete-experiment-tag")]
        for experiment in (theirs, "987654"):
            refused.append(self.call(self.team, "GET", "experiments/get", {"experiment_id": experiment}))
            refused.append(self.call(self.team, "POST", "runs/create", {"experiment_id": experiment}))
            refused.append(self.call(self.team, "POST", "logged-models", {"experiment_id": experiment}))
        self.assert_denied(*refused)

    def test_environments_limit_the_aliases_that_stand_for_them(self):
        for alias, expected in (("best", 200), ("production", 403)):
            answer = self.call(self.stager, "POST", "registered-models/alias", {"name": MINE, "alias": alias, "version": "1"})
            self.assertEqual(answer.status, expected, str(answer))

    def test_environments_limit_the_aliases_that_go_along_with_a_name(self):
        name, other = "team-c-model", "team-c-renamed"
        self.assertEqual(self.admin.push(packages.tar_gz(packages.echo(1, name)), name).status, 201)
        alias = {"name": name, "alias": "production"}
        self.assertEqual(self.call(self.admin, "POST", "registered-models/alias", {**alias, "version": "1"}).status, 200)

        def renamed():
            by_mlflow = self.call(self.stager, "POST", "registered-models/rename", {"name": name, "new_name": other})
            return by_mlflow.status, self.stager.post(f"/api/v1/models/{name}/rename", {"name": other}).status
        self.assertEqual(renamed(), (403, 403))
        self.assertEqual(self.admin.get("/api/v1/models/" + other).status, 404)
        self.assertEqual(self.admin.request("DELETE", f"/api/v1/models/{name}/aliases/production").status, 204)
        self.assertEqual(renamed(), (200, 404), "the second finds it renamed")

    def test_a_refusal_is_in_the_history(self):
        self.assert_denied(self.call(self.team, "GET", "registered-models/get", {"name": THEIRS}))
        eventually(lambda: [e for e in self.api.events() if e["action"] == "refuse" and e["actor"] == "team"], "the refused attempt")

    def test_a_call_that_is_not_there_is_told_as_to_everybody(self):
        answer = self.team.get(CALLS + "no/such/call")
        self.assertEqual((answer.status, answer.json["error_code"]), (404, "ENDPOINT_NOT_FOUND"))


if __name__ == "__main__":
    unittest.main()
