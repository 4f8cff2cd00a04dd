"""Packages that are damaged, hostile or wrong: each is refused with a reason, leaves nothing behind and harms nobody."""
import gzip
import io
import os
import struct
import tarfile
import unittest
import warnings
import zipfile
import zlib

import onnx_graph
import packages
from api import exchange, outputs_of
from fixture import WithServer, eventually

MANIFEST = packages.echo(1)["slipway.yaml"]
MODEL = packages.echo(1)["model.echo"]
GOOD = packages.echo(1)


def manifest(*lines, **replaced):
    """The good manifest with lines appended, or with a line's value replaced."""
    text = MANIFEST
    for key, value in replaced.items():
        text = "\n".join(f"{key}: {value}" if line.startswith(key + ":") else line for line in text.splitlines())
    return text + "\n" + "\n".join(lines) + "\n"


def with_manifest(text):
    return packages.tar_gz({**GOOD, "slipway.yaml": text})


def zip_with_stored_name(name, twice=False):
    """A zip whose entry has this very name, which zipfile would clean up."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, content in GOOD.items():
            archive.writestr(path, content)
        warnings.simplefilter("ignore", UserWarning)  # that a name is there twice is the point
        for _ in range(2 if twice else 1):
            entry = zipfile.ZipInfo("placeholder")
            entry.filename = name
            archive.writestr(entry, "evil")
    return made.getvalue()


def zip_with_link(target):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, content in GOOD.items():
            archive.writestr(path, content)
        entry = zipfile.ZipInfo("link")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, target)
    return made.getvalue()


def wrong_checksum():
    good = bytearray(packages.tar_gz(GOOD))
    good[-8:-4] = struct.pack("<I", zlib.crc32(b"something else"))
    return bytes(good)


def bomb(megabytes):
    """Zeros that shrink a thousand times."""
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=9, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w|") as archive:
            for path, content in GOOD.items():
                packages.add_file(archive, path, content)
            entry = tarfile.TarInfo("zeros")
            entry.size = megabytes << 20
            archive.addfile(entry, _Zeros())
    return made.getvalue()


class _Zeros:
    def read(self, size):
        return bytes(size)


GOOD_ENTRIES = tuple(GOOD.items())
entry = packages.tar_entry

ARCHIVES = {  # what is wrong: the upload, words of the error
    "nothing": (b"", "empty|archive|expected"),
    "no archive": (b"this is a text", "archive|expected"),
    "random bytes": (os.urandom(4096), "archive|expected"),
    "gzip of nothing": (gzip.compress(b""), "."),
    "gzip cut short": (packages.tar_gz(GOOD)[:-40], "."),
    "gzip with a wrong checksum": (wrong_checksum(), "."),
    "tar cut short": (gzip.compress(gzip.decompress(packages.tar_gz(GOOD))[:700]), "."),
    "zip cut short": (packages.zip_of(GOOD)[:-60], "."),
    "zip with damaged content": (packages.zip_of(GOOD).replace(b"PK\x03\x04", b"PK\x03\x05", 1), "."),
    "no manifest": (packages.tar_gz({"model.echo": MODEL}), "slipway.yaml"),
    "no model file": (packages.tar_gz({"slipway.yaml": MANIFEST}), "model.echo"),
    "climbing out": (packages.tar_of(*GOOD_ENTRIES, ("../evil", "x")), r"\.\.|outside|path"),
    "climbing out inside": (packages.tar_of(*GOOD_ENTRIES, ("a/../../evil", "x")), r"\.\.|outside|path"),
    "absolute path": (packages.tar_of(*GOOD_ENTRIES, ("/etc/evil", "x")), "evil|absolute|path"),
    "zip climbing out": (zip_with_stored_name("../evil"), r"\.\.|outside|path"),
    "zip with a backslash path": (zip_with_stored_name("..\\evil"), r"\.\.|\\|path"),
    "zip with an absolute path": (zip_with_stored_name("/evil"), "evil|absolute|path"),
    "a path with a control character": (packages.tar_of(*GOOD_ENTRIES, ("a\nb", "x")), "control|path"),
    "a path that is no UTF-8": (packages.tar_of(*GOOD_ENTRIES, ("a\udcff", "x")), "UTF-8|path"),
    "a symbolic link": (packages.tar_of(*GOOD_ENTRIES, entry("link", tarfile.SYMTYPE, "/etc/passwd")), "link"),
    "a symbolic link within": (packages.tar_of(*GOOD_ENTRIES, entry("link", tarfile.SYMTYPE, "model.echo")), "link"),
    "a hard link": (packages.tar_of(*GOOD_ENTRIES, entry("link", tarfile.LNKTYPE, "model.echo")), "link"),
    "a linked folder written through": (packages.tar_of(entry("d", tarfile.SYMTYPE, "/tmp"), *GOOD_ENTRIES, ("d/evil", "x")), "link"),
    "a device": (packages.tar_of(*GOOD_ENTRIES, entry("null", tarfile.CHRTYPE)), "regular|device|file"),
    "a pipe": (packages.tar_of(*GOOD_ENTRIES, entry("pipe", tarfile.FIFOTYPE)), "regular|pipe|file"),
    "a zip link": (zip_with_link("/etc/passwd"), "link"),
    "the same path twice": (packages.tar_of(*GOOD_ENTRIES, ("model.echo", MODEL)), "twice|duplicate|model.echo"),
    "a zip with the same path twice": (zip_with_stored_name("extra", twice=True), "twice|duplicate|extra"),
    "a file where a folder is": (packages.tar_of(*GOOD_ENTRIES, ("a/b", "x"), ("a", "x")), "a"),
    "too many folders": (packages.tar_of(*GOOD_ENTRIES, *(entry(f"d{i}", tarfile.DIRTYPE) for i in range(20_000))), "files"),
    "a path too deep": (packages.tar_of(*GOOD_ENTRIES, ("d/" * 600 + "f", "x")), "path|long|deep"),
    "a bomb": (bomb(1024), "ratio|expand|larger|limit|times|bomb|unpack"),
}

MANIFESTS = {
    "unknown key": (manifest("memory: 5MiB"), "memory"),
    "unknown key with its place": (manifest("batchin: {enabled: true}"), r"batchin.*|line"),
    "unknown nested key": (manifest("limits: {memry: 1MiB}"), "memry"),
    "key said twice": (manifest("format: echo"), "format|twice|duplicate"),
    "no YAML": ("name: [", "line|slipway.yaml"),
    "a list": ("- name: x\n", "expected"),
    "nothing": ("", "expected|empty"),
    "an alias bomb": ("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)), "."),
    "very deep": ("name: " + "[" * 5000 + "]" * 5000 + "\n", "."),
    "control characters": ("name: a\x01b\n", "."),
    "not UTF-8": (b"name: \xff\xfe\n", "."),
    "unknown format": (manifest(format="pickle"), "pickle|format"),
    "unknown datatype": (MANIFEST.replace("INT64", "INT65", 1), "INT65"),
    "wrong dimension": (MANIFEST.replace("[-1, 1]", "[-2, 1]", 1), "-2"),
    "shape that overflows": (MANIFEST.replace("[-1, 1]", "[4611686018427387904, 4611686018427387904]", 1), "."),
    "signature of another datatype": (MANIFEST.replace("nonce, datatype: INT64", "nonce, datatype: FP32"), "nonce"),
    "signature with another name": (MANIFEST.replace("name: nonce,", "name: other,"), "nonce|other"),
    "model outside": (manifest(files="{model: ../model.echo}"), r"\.\.|model"),
    "absolute model": (manifest(files="{model: /etc/passwd}"), "passwd|absolute|path"),
    "model that is not there": (manifest(files="{model: absent.echo}"), "absent"),
    "negative limit": (manifest("limits: {timeout: -1s}"), "timeout|-1s"),
    "huge number": (manifest("instances: 99999999999999999999"), "instances"),
    "golden with an unknown tensor": (manifest("golden:", "- {inputs: {nope: [[1]]}, outputs: {constant: [[1]]}}"), "nope"),
    "golden of a wrong shape": (manifest("golden:", "- {inputs: {nonce: [[1, 2]]}, outputs: {constant: [[1]]}}"), "nonce|shape"),
}

GRAPH = onnx_graph.one_operator()


def onnx(model, **files):
    return packages.tar_gz({"slipway.yaml": "format: onnx\nfiles: {model: model.onnx}\n", "model.onnx": model, **files})


ONNX_FILES = {
    "nothing": (b"", "."),
    "a text": (b"not a model at all", "."),
    "cut in half": (GRAPH[:len(GRAPH) // 2], "."),
    "cut by a byte": (GRAPH[:-1], "."),
    "bytes after its end": (GRAPH + b"\xff\xff\xff", "."),
    "an unknown operator": (onnx_graph.one_operator("NoSuchOperator"), "NoSuchOperator"),
    "an operator of an unknown domain": (onnx_graph.one_operator("Neg", "com.evil"), "com.evil"),
    "no outputs": (onnx_graph.model([], [("x", ["n"])], []), "."),
    "a value from nowhere": (onnx_graph.model([onnx_graph.node("Neg", ["nowhere"], ["y"])], [("x", ["n", 3])], [("y", ["n", 3])]), "."),
    "a cycle": (onnx_graph.model([onnx_graph.node("Add", ["x", "y"], ["z"]), onnx_graph.node("Neg", ["z"], ["y"])],
                                 [("x", ["n", 3])], [("y", ["n", 3])]), "."),
}
EXTERNAL = {
    "outside by dots": "../../../../../../etc/passwd",
    "outside by an absolute path": "/etc/passwd",
    "a file that is not there": "absent.bin",
    "an empty place": "",
    "the memory of the process": "*/_ORT_MEM_ADDR_/*",
    "the folder itself": ".",
    "a place with a NUL": "w.bin\0.txt",
}


class BadPackages(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        api = cls.server.api()
        assert api.push(packages.tar_gz(packages.echo(42)), "bystander").status == 201
        assert cls.server.cli("deploy", "bystander", "--wait").returncode == 0
        cls.artifacts = cls.stored()

    @classmethod
    def stored(cls):
        return {p for p in cls.server.data.rglob("*") if p.is_file() and "predictions" not in p.parts and
                not p.name.startswith(("registry.db", "audit-heads"))}

    def refused(self, upload, word, filename="package.tar.gz", name="victim"):
        """Refused at the door, or registered and rejected; either way with a reason, and never servable."""
        answer = self.api.push(upload, name, filename=filename)
        if answer.status == 201:
            version = answer.json["version"]
            self.assertEqual(version["stage"], "rejected", str(answer))
            reason = version["reason"]
            self.assertEqual(self.api.deploy(name, version["version"]).status, 409)
            self.assertEqual(self.api.delete(f"/api/v1/models/{name}").status, 204)
        else:
            self.assert_refused(answer, (400, 413, 422), code="InvalidInput")
            reason = answer.error
            self.assertEqual(self.api.get(f"/api/v1/models/{name}").status, 404, "nothing is half registered")
        self.assertGreater(len(reason), 10)
        self.assertNotIn(str(self.server.data), reason)
        if word:
            self.assertRegex(reason, "(?is)" + word)
        return reason

    def tearDown(self):
        super().tearDown()
        answer = self.api.infer("bystander", packages.nonce(3))
        self.assertEqual((answer.status, outputs_of(answer)), (200, {"nonce_out": [3], "constant": [42]}))
        eventually(lambda: self.stored() == self.artifacts, lambda: f"no file left behind, found {self.stored() - self.artifacts},", 10)
        outside = {p.name for p in self.server.data.parent.iterdir()} - {"data", "log"}
        self.assertEqual(outside, set(), "nothing is written outside of the data folder")

    def test_archives(self):
        for what, (upload, word) in ARCHIVES.items():
            with self.subTest(what):
                self.refused(upload, word, filename="package.zip" if "zip" in what and "gzip" not in what else "package.tar.gz")

    def test_manifests(self):
        for what, (text, word) in MANIFESTS.items():
            with self.subTest(what):
                self.refused(with_manifest(text), word)

    def test_a_name_in_the_manifest_is_held_to_the_same_rules(self):
        for name in ("'a/b'", "'a:b'", '"nul\\0"', "''", "[a]", "x" * 256):
            with self.subTest(name=name):
                self.assert_refused(self.api.push(with_manifest(manifest(name=name))), 400, "name", code="InvalidInput")

    def test_an_unknown_key_is_refused_with_line_and_column(self):
        line = MANIFEST.count("\n") + 2
        reason = self.refused(with_manifest(manifest("batchin: {enabled: true}")), "batchin")
        self.assertRegex(reason, rf"(?i)(line {line}\D|:{line}:|{line}:1)")

    def test_onnx_files(self):
        for what, (model, word) in ONNX_FILES.items():
            for form, upload, filename in (("bare", model, "model.onnx"), ("packed", onnx(model), "package.tar.gz")):
                with self.subTest(what, form=form):
                    self.refused(upload, word, filename)

    def test_onnx_external_data(self):
        for what, location in EXTERNAL.items():
            with self.subTest(what):
                self.refused(onnx(onnx_graph.adds_external(location)), ".")
                self.refused(onnx_graph.adds_external(location), ".", "model.onnx")

    def test_onnx_external_data_of_a_wrong_size(self):
        weights = struct.pack("<3f", 1, 2, 3)
        for what, entries in {"past the end": {"offset": 8}, "negative": {"offset": -4}, "huge": {"length": 1 << 62},
                              "overflowing": {"offset": (1 << 64) - 4, "length": 12}, "too short": {"length": 8}}.items():
            with self.subTest(what):
                self.refused(onnx(onnx_graph.adds_external("w.bin", **entries), **{"w.bin": weights}), ".")

    def test_an_upload_larger_than_the_limit_is_refused_before_it_is_sent(self):
        head = ("POST /api/v1/packages?name=big&filename=big.zip HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {self.server.admin_token}\r\nContent-Length: {9 << 30}\r\n\r\n")
        answer = exchange(self.server.address, head.encode())
        self.assert_refused(answer, 413)

    def test_a_model_that_harms_its_prober_harms_nobody_else(self):
        for how in ("at_load crash", "at_execute crash"):
            with self.subTest(how):
                answer = self.api.push(packages.tar_gz(packages.echo(1, model=how + "\n")), "harmful")
                self.assertEqual(answer.status, 201, str(answer))
                version = answer.json["version"]
                self.assertNotEqual(version["stage"], "validated")
                self.assertGreater(len(version["reason"]), 10)
                self.assertEqual(self.api.deploy("harmful", version["version"]).status, 409)
                self.assertEqual(self.api.delete("/api/v1/models/harmful").status, 204)

    def test_a_model_over_its_memory_limit_is_rejected(self):
        greedy = packages.echo(1, model=f"memory {1 << 30}\n", manifest="limits: {memory: 64MiB}\n")
        answer = self.api.push(packages.tar_gz(greedy), "greedy")
        self.assertEqual(answer.status, 201, str(answer))
        self.assertEqual(answer.json["version"]["stage"], "rejected", str(answer))
        self.assertRegex(answer.json["version"]["reason"], "limits.memory.* 64MiB")
        self.assertEqual(self.api.delete("/api/v1/models/greedy").status, 204)


if __name__ == "__main__":
    unittest.main()
