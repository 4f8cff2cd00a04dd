"""Example models, deployed on a server of the tests."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import packages  # noqa: E402
from fixture import ROOT  # noqa: E402


def deploy_example(server, folder, name):
    deploy(server, name, {n: (ROOT / "examples" / folder / n).read_bytes() for n in ("model.onnx", "slipway.yaml")})


def given_echo(server, name, manifest=""):
    deploy(server, name, packages.echo(1, name, manifest=manifest))


def deploy(server, name, files):
    api = server.api()
    answer = api.push(packages.tar_gz(files), name)
    assert answer.status == 201, str(answer)
    done = server.cli("deploy", name, "--wait")
    assert done.returncode == 0, done.stderr
    api.close()


WINE = {"name": "measurements", "datatype": "FP32", "shape": [1, 13],
        "data": [13.32, 3.24, 2.38, 21.5, 92.0, 1.93, 0.76, 0.45, 1.25, 8.42, 0.55, 1.62, 650.0]}  # of class 2
