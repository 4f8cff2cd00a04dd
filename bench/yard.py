"""What every row stands on: the models pushed once, a server with them, its true answers, and the constants of the same size."""
import contextlib
import pathlib
import shutil
import subprocess
import urllib.request

import messages
import protobuf_wire
from load import Ask
from places import MODELS, ROOT, SLIPWAY, WORK
from servers import GRPC_PATH, Nghttpd, Nginx, Slipway

NAMES = ("tiny", "mlp784", "slow", "heavy")
OUTPUTS = {"tiny": 2, "mlp784": 10, "slow": 10, "heavy": 10}  # float32 values of an answer


def infer(model, version=None):
    return f"/v2/models/{model}" + (f"/versions/{version}" if version else "") + "/infer"


def is_current(data):
    """The folder was made by this very binary."""
    stamp = pathlib.Path(f"{data}.made-by")
    return data.exists() and stamp.exists() and stamp.read_text() == str(SLIPWAY.stat().st_mtime_ns)


def make_data(data, models):
    shutil.rmtree(data, ignore_errors=True)
    with running(Slipway(data, core="0,1")) as server:
        for name in models:
            server.cli("push", MODELS / f"{name}.onnx", "--name", name)
            server.cli("deploy", name, "--wait")
    pathlib.Path(f"{data}.made-by").write_text(str(SLIPWAY.stat().st_mtime_ns))


def prepare():
    WORK.mkdir(parents=True, exist_ok=True)
    if not (MODELS / "heavy.onnx").exists():
        python = ROOT / ".deps" / "venv-models" / "bin" / "python"
        subprocess.run([str(python), str(ROOT / "bench" / "make_models.py"), str(MODELS)], check=True)
    for data, models in ((WORK / "data", NAMES), (WORK / "one", ("tiny",))):
        if not is_current(data):
            make_data(data, models)


def twin(name):
    """A copy of the data with one model, under another name."""
    shutil.rmtree(WORK / name, ignore_errors=True)
    shutil.copytree(WORK / "one", WORK / name)
    return name


@contextlib.contextmanager
def running(*servers):
    """Stops them all at the end, whatever happens."""
    try:
        yield servers[0] if len(servers) == 1 else servers
    finally:
        for server in servers:
            server.stop()


@contextlib.contextmanager
def slipway(*flags, data="data", **keywords):
    with running(Slipway(WORK / data, *flags, **keywords)) as server:
        yield server.wait_ready()


def json_length(model):
    return (MODELS / f"{model}_request.bin.json_bytes").read_text().strip()


def ask_json(model, connections, server):
    """JSON over HTTP/1.1; the expected answer is the server's first, which a person can read in build/bench."""
    body = MODELS / f"{model}_request.json"
    expect = WORK / f"{model}.answer.json"
    expect.write_bytes(answer(server, model, body.read_bytes(), {"Content-Type": "application/json"})[0])
    return Ask(body, connections=connections, headers=("Content-Type: application/json",), expect=expect)


def binary_headers(model):
    return {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": json_length(model)}


def ask_binary(model, connections):
    return Ask(MODELS / f"{model}_request.bin", connections=connections, floats=OUTPUTS[model],
               headers=tuple(f"{name}: {value}" for name, value in binary_headers(model).items()))


def ask_grpc(model, connections, streams):
    return Ask(messages.infer_request(model), "grpc", connections, streams, floats=OUTPUTS[model], expect=WORK / f"{model}.answer.grpc")


def answer(server, model, body, headers, version=None):
    """(body, headers) of one prediction."""
    request = urllib.request.Request(server.url + infer(model, version), data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as told:
        return told.read(), told.headers


def constant_json(ask):
    """nginx with the very answer that is expected."""
    return Nginx(ask.expect.read_text())


def constant_binary(server, model):
    """nginx with as many bytes as a binary answer of the model has."""
    body, _ = answer(server, model, (MODELS / f"{model}_request.bin").read_bytes(), binary_headers(model))
    return Nginx("x" * len(body))


def constant_grpc(server, model):
    """nghttpd with the very message that is expected of ModelInfer; written for ask_grpc() too."""
    body, headers = answer(server, model, (MODELS / f"{model}_request.bin").read_bytes(), binary_headers(model))
    framed = protobuf_wire.framed(messages.infer_answer(model, body, int(headers["Inference-Header-Content-Length"])))
    (WORK / f"{model}.answer.grpc").write_bytes(framed)
    return Nghttpd(framed)


def grpc_url(server):
    """Slipway's path of ModelInfer; the rivals have it in their url."""
    return GRPC_PATH if isinstance(server, Slipway) else ""
