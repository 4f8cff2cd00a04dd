"""Models from log_model to a served version, and the registry's calls, by MLflow's own client."""
import os
import unittest

import mlflow
import numpy
from mlflow.exceptions import MlflowException
from mlflow_fixture import MAJOR, MlflowTest, linear_model


class Logging(MlflowTest):
    def log(self, name, seed=1, **words):
        """A model, logged and registered; (the version's number, its weights, its bias)."""
        model, weights, bias = linear_model(seed=seed)
        with mlflow.start_run() as run:
            where = {"name": "model"} if MAJOR >= 3 else {"artifact_path": "model"}
            logged = mlflow.onnx.log_model(model, **where, registered_model_name=name, pip_requirements=["onnx"], **words)
        version = max(self.client.search_model_versions(f"name = '{name}'"), key=lambda v: int(v.version))
        self.run_id, self.model_uri = run.info.run_id, logged.model_uri
        return version, weights, bias

    def assert_predicts(self, predict, weights, bias):
        x = numpy.random.default_rng(7).normal(size=(4, weights.shape[0])).astype(numpy.float32)
        numpy.testing.assert_allclose(predict(x), x @ weights + bias, rtol=1e-4, atol=1e-4)

    def loaded(self, uri):
        model = mlflow.pyfunc.load_model(uri)
        return lambda x: model.predict(x)["y"]


class Registry(Logging):
    def test_a_model_goes_from_log_model_to_an_alias_back_and_into_service(self):
        version, weights, bias = self.log("fraud detector")
        self.assertEqual((version.version, version.status), ("1", "READY"))
        self.client.set_registered_model_alias("fraud detector", "champion", "1")
        self.assert_predicts(self.loaded("models:/fraud detector@champion"), weights, bias)
        self.assert_predicts(self.loaded("models:/fraud detector/1"), weights, bias)

        done = self.server.cli("deploy", "fraud detector@champion", "--wait")
        self.assertEqual(done.returncode, 0, done.stderr)

        def served(x):
            api = self.server.api()
            answer = api.post("/v2/models/fraud%20detector/infer", {"inputs": [
                {"name": "x", "datatype": "FP32", "shape": list(x.shape), "data": x.ravel().tolist()}]})
            self.assertEqual(answer.status, 200, str(answer))
            output = answer.json["outputs"][0]
            return numpy.array(output["data"], dtype=numpy.float32).reshape(output["shape"])
        self.assert_predicts(served, weights, bias)

    def test_register_model_makes_a_new_version_each_time(self):
        self.log("again")
        for expected in ("2", "3"):
            self.assertEqual(mlflow.register_model(self.model_uri, "again").version, expected)
        self.client.delete_model_version("again", "3")
        self.assertEqual(mlflow.register_model(self.model_uri, "again").version, "4")
        self.assertEqual(mlflow.register_model(f"runs:/{self.run_id}/model", "again").version if MAJOR < 3 else "5", "5")

    def test_a_version_outlives_its_run(self):
        version, weights, bias = self.log("outlives")
        self.client.delete_run(self.run_id)
        self.assert_predicts(self.loaded("models:/outlives/1"), weights, bias)

    def test_models_are_created_described_tagged_and_deleted(self):
        made = self.client.create_registered_model("plain", tags={"team": "a"}, description="first")
        self.assertEqual((made.name, made.tags, made.description), ("plain", {"team": "a"}, "first"))
        self.assert_refused("RESOURCE_ALREADY_EXISTS", self.client.create_registered_model, "plain")
        self.client.update_registered_model("plain", description="second")
        self.client.set_registered_model_tag("plain", "team", "b")
        self.client.set_registered_model_tag("plain", "gone", "x")
        self.client.delete_registered_model_tag("plain", "gone")
        found = self.client.get_registered_model("plain")
        self.assertEqual((found.tags, found.description), ({"team": "b"}, "second"))
        self.client.delete_registered_model("plain")
        self.assert_refused("RESOURCE_DOES_NOT_EXIST", self.client.get_registered_model, "plain")
        self.client.create_registered_model("plain")

    def test_a_model_gets_another_name_with_all_that_is_its(self):
        version, weights, bias = self.log("before")
        self.client.set_registered_model_alias("before", "best", "1")
        self.client.set_registered_model_tag("before", "team", "a")
        self.client.set_model_version_tag("before", "1", "k", "v")
        self.client.rename_registered_model("before", "after it")
        renamed = self.client.get_registered_model("after it")
        self.assertEqual((renamed.name, renamed.tags, renamed.aliases), ("after it", {"team": "a"}, {"best": "1"}))
        self.assertEqual(self.client.get_model_version("after it", "1").tags, {"k": "v"})
        self.assert_predicts(self.loaded("models:/after it@best"), weights, bias)
        self.assert_refused("RESOURCE_DOES_NOT_EXIST", self.client.get_registered_model, "before")
        self.client.create_registered_model("in the way")
        self.assert_refused("RESOURCE_ALREADY_EXISTS", self.client.rename_registered_model, "after it", "in the way")
        self.assertEqual(mlflow.register_model(self.model_uri, "after it").version, "2")

    def test_names_with_odd_characters_work_and_those_with_slashes_are_refused(self):
        for name in ("a b", "it's", '50% "off" + #1?', "größe", "x.y-z_0"):
            with self.subTest(name):
                self.client.create_registered_model(name)
                self.assertEqual(self.client.get_registered_model(name).name, name)
        for name in ("a/b", "a:b"):
            with self.subTest(name), self.assertRaises(MlflowException) as refused:
                self.client.create_registered_model(name)
            self.assertEqual(refused.exception.error_code, "INVALID_PARAMETER_VALUE")

    def test_aliases_move_and_vanish(self):
        self.log("aliased")
        self.log("aliased", seed=2)
        self.client.set_registered_model_alias("aliased", "best", "1")
        self.client.set_registered_model_alias("aliased", "best", "2")
        self.assertEqual(self.client.get_model_version_by_alias("aliased", "best").version, "2")
        self.assertEqual(self.client.get_registered_model("aliased").aliases, {"best": "2"})
        self.client.delete_registered_model_alias("aliased", "best")
        self.client.delete_registered_model_alias("aliased", "best")
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.get_model_version_by_alias, "aliased", "best")
        self.assert_refused("RESOURCE_DOES_NOT_EXIST", self.client.set_registered_model_alias, "aliased", "best", "9")
        for alias in ("latest", "v1"):
            with self.subTest(alias), self.assertRaises(MlflowException):
                self.client.set_registered_model_alias("aliased", alias, "1")

    def test_a_version_that_an_alias_names_can_be_deleted(self):
        self.log("goes")
        self.client.set_registered_model_alias("goes", "best", "1")
        self.client.delete_model_version("goes", "1")
        self.assertEqual(self.client.get_registered_model("goes").aliases, {})
        self.assert_refused("RESOURCE_DOES_NOT_EXIST", self.client.get_model_version, "goes", "1")

    def test_versions_are_described_and_tagged(self):
        self.log("described")
        self.client.update_model_version("described", "1", description="good")
        self.client.set_model_version_tag("described", "1", "k", "v")
        self.client.set_model_version_tag("described", "1", "gone", "v")
        self.client.delete_model_version_tag("described", "1", "gone")
        found = self.client.get_model_version("described", "1")
        self.assertEqual((found.description, found.tags), ("good", {"k": "v"}))
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.set_model_version_tag, "described", "x", "k", "v")

    def test_stages_move_both_ways_and_archive_the_others(self):
        for seed in (1, 2):
            self.log("staged", seed=seed)
        self.client.transition_model_version_stage("staged", "1", "production")
        self.client.transition_model_version_stage("staged", "2", "Production", archive_existing_versions=True)
        self.assertEqual([self.client.get_model_version("staged", v).current_stage for v in ("1", "2")], ["Archived", "Production"])
        self.assertEqual([v.version for v in self.client.get_latest_versions("staged", ["Production"])], ["2"])
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.transition_model_version_stage, "staged", "1", "Nowhere")
        model = mlflow.onnx.load_model("models:/staged/Production")
        self.assertEqual(model.graph.name, "linear")

    def test_models_and_versions_are_searched(self):
        for i in range(3):
            self.client.create_registered_model(f"find {i}", tags={"find": "me"})
        self.log("find 0")
        self.log("find 0", seed=2)
        names = [m.name for m in self.client.search_registered_models("name LIKE 'find%' AND tags.find = 'me'", order_by=["name DESC"])]
        self.assertEqual(names, ["find 2", "find 1", "find 0"])
        first = self.client.search_registered_models("name ILIKE 'FIND%'", max_results=2)
        rest = self.client.search_registered_models("name ILIKE 'FIND%'", max_results=2, page_token=first.token)
        self.assertEqual([m.name for m in [*first, *rest]], ["find 0", "find 1", "find 2"])
        versions = self.client.search_model_versions("name = 'find 0'", order_by=["version_number ASC"])
        self.assertEqual([v.version for v in versions], ["1", "2"])
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.search_registered_models, "nothing = 'x'")
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.search_model_versions, "name = 'a' OR name = 'b'")

    def test_a_source_is_of_this_server_and_of_the_run_it_names(self):
        self.log("sources")
        other = self.client.create_run("0").info.run_id
        for source in ("/etc", "file:///etc", "file:etc/passwd", "http://127.0.0.1/x", "https://example.com/m", "s3://bucket/m", "../x",
                       f"runs:/{self.run_id}/../..", f"runs:/{self.run_id}/%2e%2e/x", "mlflow-artifacts:/../../etc", "runs:/nobody/model",
                       f"mlflow-artifacts://elsewhere/0/{self.run_id}/artifacts/model", "mlflow-artifacts:/0/artifacts", "dbfs:/x", "models:/nobody/1",
                       "models:/m-" + "0" * 32, f"runs:/{self.run_id}/nothing", "mlflow-artifacts:/versions/2e2e2f/1", "ftp://x/y", "a\\b"):
            with self.subTest(source):
                self.assert_refused("INVALID_PARAMETER_VALUE", self.client.create_model_version, "sources", source)
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.create_model_version, "sources", self.model_uri, run_id=other)
        self.assertEqual(len(self.client.search_model_versions("name = 'sources'")), 1)

    def test_tricks_with_sources_are_refused_as_they_stand(self):
        self.log("tricks")
        run, proxied = self.run_id, f"mlflow-artifacts:/0/{self.run_id}/artifacts"
        tricks = ["", " ", ".", "..", "/", "//", "\\\\host\\share", "C:\\m", "file://localhost/etc", "FILE:/etc", "fiLe:///etc", "jar:file:/x!/y", "data:,x",
                  "http://169.254.169.254/latest/meta-data", "https://user:word@127.0.0.1/x", "gs://b/m", "abfss://c@a/m", "hdfs:///m", "sqlite:///x.db", "unix:/x",
                  "unity:c.s.m", "databricks://x", "~/.ssh", "$HOME/x", "`id`", "|touch x", "runs:", "runs:/", "runs://", f"runs://{run}/model", f"RUNS:/{run}/model",
                  f"runs:/{run}//model", f"runs:/{run}/model/", f"runs:/{run}/./model", f"runs:/{run}/model/..", f"runs:/{run}/%252e%252e/x", f"runs:/{run}/model%00",
                  f"runs:/{run}/model\0", f"runs:/{run}/model\n", f"runs:/{run}/..\\x", f"runs:/{run}/model?x=/etc", f"runs:/{run}/model#/etc", f"runs:/{run.upper()}x/model",
                  f"runs:/{run}/\u2025/x", f"runs:/{run}/\uff0e\uff0e/x", f"runs:/{run}x/model", "models:/", "models:/tricks", "models:/tricks/", "models:/tricks/0",
                  "models:/tricks/-1", "models:/tricks/99", "models:/tricks/1/..", "models:/tricks/1/x", "models:/tricks/latest", "models:/tricks@none", "models:/m-x",
                  "models:/m-" + "../" * 8, "mlflow-artifacts:", "mlflow-artifacts:/", f"mlflow-artifacts:///0/{run}/artifacts", "mlflow-artifacts://127.0.0.1/0/x",
                  proxied + "/../../..", proxied + "/%2e%2e", proxied.replace(":/0/", ":/1/"), proxied.replace(":/0/", ":/0/../0/"), "mlflow-artifacts:/versions/7472/1",
                  "mlflow-artifacts:/versions/" + b"tricks".hex() + "/99", "mlflow-artifacts:/versions/" + b"../x".hex() + "/1", "x" * 5000]
        api = self.server.api()
        for source in tricks:
            with self.subTest(source):
                answer = api.post("/api/2.0/mlflow/model-versions/create", {"name": "tricks", "source": source})
                self.assertEqual((answer.status, answer.json["error_code"]), (400, "INVALID_PARAMETER_VALUE"), str(answer))
        self.assertEqual(len(self.client.search_model_versions("name = 'tricks'")), 1)

    def test_what_has_no_backend_is_registered_and_loads_back(self):
        class Doubles(mlflow.pyfunc.PythonModel):
            def predict(self, context, model_input, params=None):
                return [2 * x for x in model_input]

        with mlflow.start_run():
            where = {"name": "model"} if MAJOR >= 3 else {"artifact_path": "model"}
            mlflow.pyfunc.log_model(**where, python_model=Doubles(), registered_model_name="kept", pip_requirements=[])
        version = self.client.get_model_version("kept", "1")
        self.assertIn("pyfunc", version.status_message)
        self.assertEqual(mlflow.pyfunc.load_model("models:/kept/1").predict([1, 2]), [2, 4])
        done = self.server.cli("deploy", "kept:1")
        self.assertNotEqual(done.returncode, 0)


class Folders(MlflowTest):
    def test_a_folder_that_mlflow_saved_is_pushed_as_it_is(self):
        model, _, _ = linear_model()
        mlflow.onnx.save_model(model, str(self.folder / "saved"), pip_requirements=["onnx"])
        done = self.server.cli("push", str(self.folder / "saved"), "--name", "pushed")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.server.cli("deploy", "pushed:1", "--wait")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_artifacts_of_other_places_are_not_reached(self):
        run = self.client.create_run("0").info.run_id
        self.client.log_text(run, "mine", "a.txt")
        api = self.server.api()
        proxy = "/api/2.0/mlflow-artifacts/artifacts"
        self.assertEqual(api.get(f"{proxy}/0/{run}/artifacts/a.txt").body, b"mine")
        for path in (f"0/{run}/artifacts/../a.txt", f"0/{run}/artifacts/%2e%2e/a.txt", f"0/{run}/artifacts/a.txt/b", f"1/{run}/artifacts/a.txt",
                     f"0/{run}/artifacts/..%2f..%2fa", "../admin.token", "%2fetc/passwd", f"0/{run}/artifacts//a.txt", f"0/{run}/artifacts/%00",
                     f"0/{'0' * 32}/artifacts/a.txt", "versions/2e2e/1/x"):
            for method in ("GET", "PUT", "DELETE"):
                if method == "DELETE" and path.endswith("a.txt/b"):
                    continue  # nothing is there, and nothing goes: as with MLflow's own server that is no failure
                with self.subTest(path, method=method):
                    answer = api.request(method, f"{proxy}/{path}", b"evil" if method == "PUT" else None)
                    self.assertIn(answer.status, (400, 404), str(answer))
                    if answer.headers.get("content-type") == "application/json":
                        self.assertRegex(answer.body.decode(), "error")
        self.assertEqual(api.get(f"{proxy}/0/{run}/artifacts/a.txt").body, b"mine")


class Access(Logging):
    def given_token(self, **asked):
        made = self.server.api().post("/api/v1/tokens", asked)
        self.assertEqual(made.status, 201, str(made))
        self.addCleanup(os.environ.__setitem__, "MLFLOW_TRACKING_TOKEN", os.environ["MLFLOW_TRACKING_TOKEN"])
        os.environ["MLFLOW_TRACKING_TOKEN"] = made.json["secret"]

    def test_a_token_limited_to_models_goes_from_log_model_to_an_alias_and_sees_no_others(self):
        self.log("team-b-scores")
        theirs = self.run_id
        self.given_token(name="team-a", role="operator", models=["team-a-*"])
        version, weights, bias = self.log("team-a-scores")
        self.assertEqual((version.version, version.status), ("1", "READY"))
        self.client.set_registered_model_alias("team-a-scores", "best", "1")
        self.assert_predicts(self.loaded("models:/team-a-scores@best"), weights, bias)
        self.assert_predicts(self.loaded("models:/team-a-scores/latest"), weights, bias)
        self.assertEqual([model.name for model in self.client.search_registered_models()], ["team-a-scores"])
        self.assertEqual([run.info.run_id for run in self.client.search_runs(["0"])], [self.run_id])
        self.assert_refused("PERMISSION_DENIED", self.client.get_registered_model, "team-b-scores")
        self.assert_refused("PERMISSION_DENIED", self.client.create_registered_model, "team-b-more")
        self.assert_refused("PERMISSION_DENIED", self.client.get_run, theirs)
        self.assert_refused("PERMISSION_DENIED", mlflow.register_model, f"runs:/{theirs}/model", "team-a-scores")

    def test_tokens_decide_who_may_write(self):
        self.given_token(name="reader", role="viewer")
        self.assertEqual(self.client.get_experiment("0").name, "Default")
        self.assert_refused("PERMISSION_DENIED", self.client.create_experiment, "not mine")
        os.environ["MLFLOW_TRACKING_TOKEN"] = "slw_" + "0" * 64
        self.assert_refused("UNAUTHENTICATED", self.client.get_experiment, "0")

    def test_a_call_that_is_not_there_is_told_in_mlflows_words(self):
        answer = self.server.api().get("/api/2.0/mlflow/no/such/call")
        self.assertEqual((answer.status, answer.json["error_code"]), (404, "ENDPOINT_NOT_FOUND"))


if __name__ == "__main__":
    unittest.main()
