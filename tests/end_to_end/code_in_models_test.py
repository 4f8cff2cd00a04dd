"""Packages that carry code for their reader to run: pickles in every dress, and the archives of other tools. What is no model
of a known form is refused; what is kept for a backend that is not there is never opened. The code would leave a mark, and
no mark is ever found."""
import bz2
import gzip
import io
import json
import lzma
import os
import pathlib
import pickle
import struct
import tempfile
import unittest
import zipfile
import zlib

import packages
from fixture import WithServer

PROTOCOLS = range(6)


class Calls:
    """Pickles as a call of `function` with `arguments`, which whoever loads the pickle makes."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def by_hand(module, name, argument, protocol0=True):
    """The opcodes that call module.name(argument), written down without importing anything."""
    text = argument.encode()
    if protocol0:
        return b"c" + f"{module}\n{name}\n".encode() + b"(V" + text + b"\ntR."
    return (b"\x80\x04\x8c" + bytes([len(module)]) + module.encode() + b"\x8c" + bytes([len(name)]) + name.encode() + b"\x93"
            b"X" + struct.pack("<I", len(text)) + text + b"\x85R.")


def payloads(mark):
    """name -> pickle: all of them would touch `mark`."""
    shell, python = f"touch {mark}", f"open({str(mark)!r}, 'w')"
    made = {f"os.system, protocol {p}": pickle.dumps(Calls(os.system, shell), p) for p in PROTOCOLS}
    made |= {f"exec, protocol {p}": pickle.dumps(Calls(exec, python), p) for p in PROTOCOLS}
    for module, name in (("os", "popen"), ("posix", "system"), ("nt", "system"), ("pty", "spawn"), ("subprocess", "getoutput"),
                         ("subprocess", "check_output"), ("commands", "getoutput"), ("platform", "popen"), ("webbrowser", "open"),
                         ("runpy", "run_path"), ("asyncio.unix_events", "system"), ("pip._internal", "main"), ("bdb", "run"),
                         ("torch.serialization", "load"), ("numpy.testing._private.utils", "runstring"), ("timeit", "main")):
        for zero in (True, False):
            made[f"{module}.{name}, {'text' if zero else 'binary'}"] = by_hand(module, name, shell, zero)
    for name in ("eval", "compile", "__import__", "getattr", "execfile"):
        made[f"builtins.{name}"] = by_hand("builtins", name, python, False)
        made[f"__builtin__.{name}"] = by_hand("__builtin__", name, python, True)
    return made


def zip_of(entries, compression=zipfile.ZIP_STORED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for path, content in entries.items():
            archive.writestr(path, content)
    return made.getvalue()


def npy(content):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def with_wrong_checksum(content):
    whole = bytearray(zip_of({"archive/data.pkl": content}))
    whole[14] ^= 0xFF
    return bytes(whole)


DRESSES = {  # what a framework, or somebody who knows what scanners miss, makes of a pickle: the file's name and its bytes
    "pickle": ("model.pkl", lambda p: p),
    "renamed": ("model.onnx", lambda p: p),
    "joblib by zlib": ("model.joblib", zlib.compress),
    "joblib by gzip": ("model.joblib", gzip.compress),
    "joblib by bz2": ("model.joblib", bz2.compress),
    "joblib by xz": ("model.joblib", lzma.compress),
    "torch": ("model.pt", lambda p: zip_of({"archive/data.pkl": p, "archive/version": "3\n", "archive/data/0": b"\0" * 4})),
    "torch of old": ("model.pth", lambda p: pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + p),
    "TorchScript": ("model.pt", lambda p: zip_of({"m/code/__torch__.py": "def f():\n  return 1\n", "m/data.pkl": p, "m/constants.pkl": p})),
    "torch, deflated": ("model.pt", lambda p: zip_of({"archive/data.pkl": p}, zipfile.ZIP_DEFLATED)),
    "wrong checksum": ("model.pt", with_wrong_checksum),
    "npy of objects": ("model.npy", npy),
    "npz of objects": ("model.npz", lambda p: zip_of({"weights.npy": npy(p)})),
    "nested zips": ("model.zip", lambda p: zip_of({"inner.zip": zip_of({"data.pkl": p})})),
    "Keras with a Lambda": ("model.keras", lambda p: zip_of({
        "metadata.json": "{}", "config.json": json.dumps({"class_name": "Lambda", "config": {"function": p.hex()}}), "model.weights.h5": p})),
    "broken behind the payload": ("model.pkl", lambda p: p[:-1] + b"\xff\xff"),
    "behind junk": ("model.pkl", lambda p: b"\0" * 8 + p),
    "behind another pickle": ("model.pkl", lambda p: pickle.dumps("harmless") + p),
}
FORMATS = {  # where a pickle stands for something that is read
    "the model of an ONNX package": lambda p: packages.tar_gz({"slipway.yaml": "format: onnx\nfiles: {model: model.onnx}\n", "model.onnx": p}),
    "the manifest": lambda p: packages.tar_gz({"slipway.yaml": p, "model.onnx": b"x"}),
    "MLmodel": lambda p: packages.tar_gz({"MLmodel": p, "model.pkl": p}),
    "an archive's manifest": lambda p: zip_of({"MAR-INF/MANIFEST.json": p, "model.pt": p}),
    "a bento's description": lambda p: packages.tar_gz({"bento.yaml": p, "src/service.py": "x"}),
}
YAML_CODE = ("!!python/object/apply:os.system ['touch {}']", "!!python/object/new:os.system ['touch {}']", "!!python/name:os.system",
             "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL ['http://127.0.0.1/']]]]")

# As the tools write them.
MLMODEL = """artifact_path: model
flavors:
  {flavour}
  python_function:
    env: {{conda: conda.yaml, virtualenv: python_env.yaml}}
    loader_module: mlflow.{module}
    python_version: 3.11.2
mlflow_version: 2.22.0
model_uuid: 0123456789abcdef0123456789abcdef
run_id: 0123456789abcdef0123456789abcdef
utc_time_created: '2026-01-01 00:00:00.000000'
"""
FLAVOURS = {  # flavour -> (lines of MLmodel, files with pickles)
    "sklearn": ("sklearn: {code: null, pickled_model: model.pkl, serialization_format: cloudpickle, sklearn_version: 1.8.0}", ["model.pkl"]),
    "xgboost": ("xgboost: {code: null, data: model.ubj, model_class: xgboost.sklearn.XGBClassifier, model_format: ubj, xgb_version: 3.1.0}", ["model.ubj"]),
    "lightgbm": ("lightgbm: {code: null, data: model.lgb, lgb_version: 4.6.0, model_class: lightgbm.basic.Booster}", ["model.lgb"]),
    "pytorch": ("pytorch: {code: null, model_data: data, pytorch_version: 2.9.0}", ["data/model.pth", "data/pickle_module_info.txt"]),
    "pyfunc": ("", ["python_model.pkl"]),
}


def mlmodel(flavour, content):
    lines, pickles = FLAVOURS[flavour]
    module = {"pyfunc": "pyfunc.model"}.get(flavour, flavour)
    return packages.tar_gz({"MLmodel": MLMODEL.format(flavour=lines, module=module), "requirements.txt": "x\n", "conda.yaml": "name: x\n",
                            "python_env.yaml": "python: 3.11.2\n", **{path: content for path in pickles}})


def model_archive(content):
    return zip_of({"MAR-INF/MANIFEST.json": json.dumps({
        "createdOn": "28/07/2026 06:32:08", "runtime": "python", "archiverVersion": "0.12.0",
        "model": {"modelName": "densenet161", "serializedFile": "weights.pth", "handler": "handler.py", "modelVersion": "1.0"}}, indent=2),
        "weights.pth": content, "handler.py": "raise SystemExit", "index_to_name.json": "{}"}, zipfile.ZIP_DEFLATED)


def bento(content):
    return packages.tar_gz({
        "bento.yaml": "service: service:svc\nname: iris_classifier\nversion: awln3pbmlcmlonry\nbentoml_version: 1.4.0\nlabels:\n  owner: ida\n"
                      "models:\n- tag: iris_clf:zy3dfg\n  module: bentoml.sklearn\napis:\n- name: classify\n  input_type: NumpyNdarray\n",
        "README.md": "# iris", "apis/openapi.yaml": "openapi: 3.0.2\n", "env/docker/Dockerfile": "FROM scratch\n",
        "models/iris_clf/zy3dfg/model.yaml": "name: iris_clf\n", "models/iris_clf/zy3dfg/saved_model.pkl": content,
        "src/service.py": "raise SystemExit\n"})


class CodeInModels(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.mark = pathlib.Path(folder.name) / "mark"
        cls.pickles = payloads(cls.mark)

    def tearDown(self):
        super().tearDown()
        self.assertFalse(self.mark.exists(), "the code of a package was run")

    def refused(self, upload, filename):
        answer = self.api.push(upload, "victim", filename=filename)
        self.assert_refused(answer, (400, 413, 422), code="InvalidInput")
        self.assertEqual(self.api.get("/api/v1/models/victim").status, 404)

    def test_the_payloads_would_leave_the_mark(self):
        pickle.loads(self.pickles["os.system, protocol 4"])
        self.assertTrue(self.mark.exists())
        self.mark.unlink()
        pickle.loads(self.pickles["posix.system, binary"])
        self.assertTrue(self.mark.exists())
        self.mark.unlink()

    def test_pickles_are_refused_in_every_dress(self):
        self.assertGreaterEqual(len(self.pickles), 50)
        refused = 0
        for name, content in self.pickles.items():  # as they are; and two of them in every dress
            for dress in DRESSES if name.startswith("os.system, protocol") else ("pickle",):
                filename, dressed = DRESSES[dress]
                with self.subTest(name, dress=dress):
                    self.refused(dressed(content), filename)
                    refused += 1
        self.assertGreaterEqual(refused, 100)

    def test_pickles_are_refused_where_something_else_belongs(self):
        for what, package in FORMATS.items():
            for name in ("os.system, protocol 0", "os.system, protocol 5", "posix.system, text"):
                with self.subTest(what, name=name):
                    self.refused(package(self.pickles[name]), "package.tar.gz")

    def test_yaml_makes_no_objects(self):
        for text in YAML_CODE:
            for name, more in (("slipway.yaml", {"model.onnx": "x"}), ("MLmodel", {"model.pkl": "x"}), ("bento.yaml", {"src/a.py": "x"})):
                with self.subTest(text, name=name):
                    self.refused(packages.tar_gz({name: text.format(self.mark) + "\n", **more}), "package.tar.gz")

    def test_what_waits_for_a_backend_is_kept_and_never_opened(self):
        content = self.pickles["os.system, protocol 4"]
        kept = {flavour: (mlmodel(flavour, content), "model.tar.gz", 6) for flavour in FLAVOURS}
        kept["torchserve"] = (model_archive(content), "dense.mar", 5)
        kept["bentoml"] = (bento(content), "iris.bento", 8)
        for format_, (upload, filename, least) in kept.items():
            with self.subTest(format_):
                name = f"kept-{format_}"
                answer = self.api.push(upload, name, filename=filename)
                self.assertEqual(answer.status, 201, str(answer))
                version = answer.json["version"]
                self.assertEqual(version["stage"], "registered", str(answer))
                self.assertRegex(version["reason"], f"(?i)backend.*{format_}|{format_}.*backend")
                details = self.api.get(f"/api/v1/models/{name}/versions/1").json
                self.assertEqual(details["manifest"]["format"], format_)
                self.assertGreaterEqual(len(details["files"]), least)
                self.assertEqual(self.api.deploy(name, 1).status, 409)

    def test_the_command_line_pushes_archives_of_other_tools_by_their_own_name(self):
        for filename, upload, name, label in (("dense.mar", model_archive(b"x"), "densenet161", "torchserve.handler"),
                                              ("iris.bento", bento(b"x"), "iris_classifier", "bentoml.models")):
            with self.subTest(filename):
                path = self.mark.parent / filename
                path.write_bytes(upload)
                done = self.server.cli("push", path)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(name, done.stdout)
                details = self.api.get(f"/api/v1/models/{name}/versions/1").json
                self.assertIn(label, json.dumps(details["manifest"]) + details["manifest_yaml"])


if __name__ == "__main__":
    unittest.main()
