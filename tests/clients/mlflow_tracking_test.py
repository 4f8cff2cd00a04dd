"""Experiments, runs, metrics, artifacts and searches, by MLflow's own client."""
import math
import unittest

import mlflow
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow_fixture import MlflowTest


class Experiments(MlflowTest):
    def test_an_experiment_is_created_found_renamed_deleted_and_restored(self):
        made = self.client.create_experiment("first", tags={"team": "risk"})
        found = self.client.get_experiment(made)
        self.assertEqual((found.name, found.tags, found.lifecycle_stage), ("first", {"team": "risk"}, "active"))
        self.assertEqual(self.client.get_experiment_by_name("first").experiment_id, made)
        self.client.rename_experiment(made, "renamed")
        self.client.set_experiment_tag(made, "team", "fraud")
        self.client.delete_experiment(made)
        self.assertEqual(self.client.get_experiment(made).lifecycle_stage, "deleted")
        self.assertNotIn("renamed", [e.name for e in self.client.search_experiments()])
        self.assertIn("renamed", [e.name for e in self.client.search_experiments(view_type=ViewType.DELETED_ONLY)])
        self.client.restore_experiment(made)
        self.assertEqual(self.client.get_experiment(made).tags["team"], "fraud")

    def test_a_name_is_taken_once(self):
        self.client.create_experiment("taken")
        self.assert_refused("RESOURCE_ALREADY_EXISTS", self.client.create_experiment, "taken")

    def test_what_is_not_there_is_told_so(self):
        self.assertIsNone(self.client.get_experiment_by_name("nobody"))
        self.assert_refused("RESOURCE_DOES_NOT_EXIST", self.client.get_experiment, "123")
        self.assert_refused("RESOURCE_DOES_NOT_EXIST", self.client.get_run, "0" * 32)

    def test_experiments_are_searched_in_pages(self):
        for i in range(5):
            self.client.create_experiment(f"page {i}", tags={"paged": "yes"})
        seen, token = [], None
        while True:
            page = self.client.search_experiments(filter_string="tags.paged = 'yes'", max_results=2, order_by=["name DESC"],
                                                  page_token=token)
            seen += [e.name for e in page]
            token = page.token
            if not token:
                break
        self.assertEqual(seen, [f"page {i}" for i in reversed(range(5))])


class Runs(MlflowTest):
    def setUp(self):
        self.experiment = mlflow.set_experiment(self.id()).experiment_id

    def test_a_run_keeps_what_is_logged(self):
        with mlflow.start_run(run_name="one") as run:
            mlflow.log_param("depth", 3)
            mlflow.log_metric("auc", 0.9, step=1)
            mlflow.log_metrics({"auc": 0.95, "loss": 0.1}, step=2)
            mlflow.set_tag("kind", "trial")
        found = self.client.get_run(run.info.run_id)
        self.assertEqual(found.data.params, {"depth": "3"})
        self.assertEqual(found.data.metrics, {"auc": 0.95, "loss": 0.1})
        self.assertEqual(found.data.tags["kind"], "trial")
        self.assertEqual((found.info.status, found.info.run_name), ("FINISHED", "one"))
        self.assertGreaterEqual(found.info.end_time, found.info.start_time)
        self.assertEqual([(m.step, m.value) for m in self.client.get_metric_history(run.info.run_id, "auc")], [(1, 0.9), (2, 0.95)])

    def test_values_that_are_no_numbers_come_back(self):
        with mlflow.start_run() as run:
            mlflow.log_metric("nan", math.nan)
            mlflow.log_metric("inf", math.inf)
        metrics = self.client.get_run(run.info.run_id).data.metrics
        self.assertTrue(math.isnan(metrics["nan"]))
        self.assertEqual(metrics["inf"], 1.7976931348623157e308)

    def test_a_batch_is_logged_as_a_whole_or_not_at_all(self):
        run = self.client.create_run(self.experiment).info.run_id
        self.client.log_batch(run, [Metric("m", i, 0, i) for i in range(500)], [Param("p", "1")], [RunTag("t", "x")])
        self.assertEqual(len(self.client.get_metric_history(run, "m")), 500)
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.log_batch, run, [Metric("new", 1, 0, 0)], [Param("p", "2")])
        self.assertNotIn("new", self.client.get_run(run).data.metrics)

    def test_a_parameter_keeps_its_value(self):
        run = self.client.create_run(self.experiment).info.run_id
        self.client.log_param(run, "p", 1)
        self.client.log_param(run, "p", 1)
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.log_param, run, "p", 2)

    def test_keys_and_values_have_limits(self):
        run = self.client.create_run(self.experiment).info.run_id
        for key in ("../escape", "/rooted", "a//b", "x" * 251):
            with self.subTest(key):
                self.assert_refused("INVALID_PARAMETER_VALUE", self.client.set_tag, run, key, "v")
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.set_tag, run, "long", "x" * 8001)

    def test_a_deleted_run_takes_nothing_and_can_be_restored(self):
        run = self.client.create_run(self.experiment).info.run_id
        self.client.delete_run(run)
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.log_metric, run, "m", 1)
        self.assertEqual(self.client.search_runs([self.experiment]), [])
        self.client.restore_run(run)
        self.client.log_metric(run, "m", 1)

    def test_tags_are_set_and_deleted_and_the_name_is_one(self):
        run = self.client.create_run(self.experiment, run_name="before").info.run_id
        self.client.set_tag(run, "t", "1")
        self.client.delete_tag(run, "t")
        self.assert_refused("RESOURCE_DOES_NOT_EXIST", self.client.delete_tag, run, "t")
        self.client.set_tag(run, "mlflow.runName", "after")
        self.assertEqual(self.client.get_run(run).info.run_name, "after")
        self.client.update_run(run, status="KILLED", name="last")
        self.assertEqual(self.client.get_run(run).data.tags["mlflow.runName"], "last")

    def test_runs_are_searched_by_metrics_parameters_tags_and_attributes(self):
        for i in range(4):
            with mlflow.start_run(run_name=f"r{i}"):
                mlflow.log_metric("acc", i / 4)
                mlflow.log_param("p", "even" if i % 2 == 0 else "odd")
                mlflow.set_tag("group name", f"g{i // 2}")
        for text, order, expected in [
            ("metrics.acc > 0.3", ["metrics.acc DESC"], ["r3", "r2"]),
            ("params.p = 'even' and metrics.acc >= 0", ["metrics.acc"], ["r0", "r2"]),
            ("tags.`group name` LIKE 'g1%'", ["attributes.run_name ASC"], ["r2", "r3"]),
            ("attributes.status = 'FINISHED' AND run_name != 'r0'", ["run_name"], ["r1", "r2", "r3"]),
            ("attributes.run_name IN ('r0', 'r3')", ["run_name"], ["r0", "r3"]),
        ]:
            with self.subTest(text):
                found = self.client.search_runs([self.experiment], text, order_by=order)
                self.assertEqual([run.info.run_name for run in found], expected)
        self.assert_refused("INVALID_PARAMETER_VALUE", self.client.search_runs, [self.experiment], "metrics.acc LIKE '1'")

    def test_artifacts_go_up_and_come_down(self):
        (self.folder / "empty").write_bytes(b"")
        (self.folder / "large file").write_bytes(bytes(range(256)) * 4096)
        with mlflow.start_run() as run:
            mlflow.log_text("hello", "notes/a/b.txt")
            mlflow.log_artifact(self.folder / "empty")
            mlflow.log_artifact(self.folder / "large file", "deep/er")
        run_id = run.info.run_id
        self.assertEqual([(f.path, f.is_dir) for f in self.client.list_artifacts(run_id)],
                         [("deep", True), ("empty", False), ("notes", True)])
        self.assertEqual([f.path for f in self.client.list_artifacts(run_id, "notes/a")], ["notes/a/b.txt"])
        down = self.client.download_artifacts(run_id, "deep", str(self.folder))
        with open(f"{down}/er/large file", "rb") as file:
            self.assertEqual(file.read(), bytes(range(256)) * 4096)
        self.assertEqual(mlflow.artifacts.load_text(f"runs:/{run_id}/notes/a/b.txt"), "hello")

    def test_a_data_set_is_remembered(self):
        import pandas
        data = mlflow.data.from_pandas(pandas.DataFrame({"x": [1.0, 2.0]}), name="tiny")
        with mlflow.start_run() as run:
            mlflow.log_input(data, context="training")
        inputs = self.client.get_run(run.info.run_id).inputs.dataset_inputs
        self.assertEqual([(i.dataset.name, i.dataset.digest) for i in inputs], [("tiny", data.digest)])
        self.assertFalse([t for t in self.client.get_run(run.info.run_id).data.tags if t.startswith("slipway")])


if __name__ == "__main__":
    unittest.main()
