"""MLflow's own client, in each of the releases under test, against a server of the real binary.

A test file is run once by each release's Python (tests/suites.txt); what only one of them has is told by MAJOR."""
import os
import pathlib
import sys
import tempfile
import unittest

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "2"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ["no_proxy"] = os.environ["NO_PROXY"] = "*"

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import mlflow  # noqa: E402
import numpy  # noqa: E402
import onnx  # noqa: E402
from fixture import Server  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

MAJOR = int(mlflow.__version__.split(".")[0])


def linear_model(width=512, seed=1):
    """y = x W + b, with weights above the size from which mlflow keeps them as external data."""
    random = numpy.random.default_rng(seed)
    weights = random.normal(size=(width, 3)).astype(numpy.float32)
    bias = random.normal(size=(3,)).astype(numpy.float32)
    nodes = [helper.make_node("MatMul", ["x", "W"], ["xW"]), helper.make_node("Add", ["xW", "b"], ["y"])]
    graph = helper.make_graph(
        nodes, "linear", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 3])],
        [numpy_helper.from_array(weights, "W"), numpy_helper.from_array(bias, "b")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model, weights, bias


class MlflowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(loops=1)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        os.environ["MLFLOW_TRACKING_TOKEN"] = cls.server.admin_token
        cls.url = cls.server.url
        mlflow.set_tracking_uri(cls.url)
        cls.client = mlflow.MlflowClient()

    def tearDown(self):
        while mlflow.active_run():
            mlflow.end_run()
        self.assertIsNone(self.server.process.poll(), f"the server is gone; its log:\n{self.server.log}")

    def assert_refused(self, code, call, *arguments, **words):
        """It raises MLflow's exception with this error code; the exception."""
        with self.assertRaises(mlflow.exceptions.MlflowException) as caught:
            call(*arguments, **words)
        self.assertEqual(caught.exception.error_code, code, str(caught.exception))
        return caught.exception
