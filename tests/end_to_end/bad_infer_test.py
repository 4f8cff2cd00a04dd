"""Odd and bad requests of the Open Inference Protocol over the running binary: the status clients are written against, a text that
says what was expected and found, and no harm to a neighbour. The rows follow what Triton answers, 500 for a client's fault aside."""
import json
import struct
import unittest

import packages
from api import connect, outputs_of
from fixture import ROOT, WithServer

ROW = [0.5] * 30
OK = (200,)
BAD = (400,)
MISSING = (404,)


def body(**changes):
    """The usual request; `changes` of its one input, None to leave a key out."""
    tensor = {"name": "input", "shape": [1, 30], "datatype": "FP32", "data": ROW} | changes
    return {"inputs": [{k: v for k, v in tensor.items() if v is not None}]}


def raw(text):
    return text.encode() if isinstance(text, str) else text


def changed(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


USUAL = json.dumps(body())
# what: (body, statuses, words the text must hold)
BODIES = {
    "valid": (body(), OK, ()),
    "valid with id, parameters, outputs": (body() | {"id": "1", "parameters": {"a": 1, "b": "c", "d": True, "e": 1.5}, "outputs": [{"name": "probabilities"}]}, OK, ()),
    "wrong datatype FP64": (body(datatype="FP64"), BAD, ("FP32", "FP64")),
    "wrong datatype INT32, float data": (body(datatype="INT32"), BAD, ("INT32", "0.5", r"\$\.inputs\[0\]\.data\[0\]")),
    "wrong datatype INT32, int data": (body(datatype="INT32", data=[1] * 30), BAD, ("FP32", "INT32")),
    "unknown datatype": (body(datatype="FOO"), BAD, ("FOO",)),
    "lower-case datatype": (body(datatype="fp32"), BAD, ("fp32",)),
    "datatype a number": (body(datatype=7), BAD, ("string", "7")),
    "shape [1,31], 31 values": (body(shape=[1, 31], data=ROW + [1]), BAD, ("30", "31")),
    "shape [1,31], 30 values": (body(shape=[1, 31]), BAD, ("31", "30")),
    "29 values": (body(data=ROW[1:]), BAD, ("expected 30 elements", "found 29", "byte")),
    "31 values": (body(data=ROW + [1]), BAD, ("expected 30 elements", "found 31")),
    "shape [30]": (body(shape=[30]), BAD, ("dimensions",)),
    "shape [1,1,30]": (body(shape=[1, 1, 30]), BAD, ("dimensions",)),
    "two rows": (body(shape=[2, 30], data=ROW * 2), OK, ()),
    "shape [0,30]": (body(shape=[0, 30], data=[]), BAD, ("row",)),
    "more rows than the model takes": (body(shape=[100_000, 30], data=[1] * 3_000_000), BAD, ("at most",)),
    "shape [-1,30]": (body(shape=[-1, 30]), BAD, ("-1",)),
    "shape [1.5,30]": (body(shape=[1.5, 30]), BAD, ("1.5",)),
    "shape of strings": (body(shape=["1", 30]), BAD, ("string",)),
    "shape []": (body(shape=[], data=[1]), BAD, ("dimensions",)),
    "shape no list": (body(shape=30), BAD, ("array",)),
    "shape of a terabyte": (body(shape=[1099511627776, 30]), BAD, ()),
    "shape that overflows": (body(shape=[9223372036854775807, 30]), BAD, ()),
    "shape beyond 64 bits": (body(shape=[18446744073709551616, 30]), BAD, ()),
    "nine dimensions": (body(shape=[1] * 9), BAD, ("at most 8",)),
    "nested data": (body(data=[ROW]), OK, ()),
    "ragged data": (body(data=[ROW[1:], [1]]), BAD, ("dimension",)),
    "data of strings": (body(data=["1"] * 30), BAD, ("string",)),
    "data with null": (body(data=[None] + ROW[1:]), BAD, ("null",)),
    "data with a boolean": (body(data=[True] + ROW[1:]), BAD, ("boolean",)),
    "data of whole numbers": (body(data=[1] * 30), OK, ()),
    "data an object": (body(data={}), BAD, ("array", "object")),
    "data a number": (body(data=1), BAD, ("array",)),
    "NaN": (body(data=[float("nan")] + ROW[1:]), OK, ()),
    "infinities": (body(data=[float("inf"), float("-inf")] + ROW[2:]), OK, ()),
    "1e39, over FP32": (changed(USUAL, "0.5", "1e39"), OK, ()),
    "1e400": (changed(USUAL, "0.5", "1e400"), BAD, ("1e400",)),
    "a number of a million digits": (changed(USUAL, "0.5", "1" * 1_000_000), BAD, ("FP64",)),
    "an exponent of a million digits": (changed(USUAL, "0.5", "1e" + "9" * 1_000_000), BAD, ()),
    "+1": (changed(USUAL, "0.5", "+1"), BAD, ()),
    "01": (changed(USUAL, "0.5", "01"), BAD, ()),
    "no name": (body(name=None), BAD, ("name",)),
    "no shape": (body(shape=None), BAD, ("shape",)),
    "no datatype": (body(datatype=None), BAD, ("datatype",)),
    "no data": (body(data=None), BAD, ("data",)),
    "wrong name": (body(name="other"), BAD, ("other", "input")),
    "name of NUL": (body(name="\0"), BAD, ()),
    "name twice": (changed(USUAL, '"name"', '"name": "x", "name"'), BAD, ("once",)),
    "data twice": (changed(USUAL, '"data"', '"data": [1], "data"'), BAD, ()),
    "inputs twice": ('{"inputs": [], ' + USUAL[1:], BAD, ("once",)),
    "inputs empty": ({"inputs": []}, BAD, ("missing",)),
    "no inputs": ({}, BAD, ("inputs",)),
    "inputs an object": ({"inputs": {}}, BAD, ("array",)),
    "input a number": ({"inputs": [1]}, BAD, ("object",)),
    "extra input": ({"inputs": body()["inputs"] + [{"name": "more", "shape": [1], "datatype": "FP32", "data": [1]}]}, BAD, ("more",)),
    "input given twice": ({"inputs": body()["inputs"] * 2}, BAD, ("twice",)),
    "ten thousand inputs": ({"inputs": body(shape=[0], data=[])["inputs"] * 10_000}, BAD, ("at most",)),
    "unknown output": (body() | {"outputs": [{"name": "none"}]}, BAD, ("none",)),
    "output twice": (body() | {"outputs": [{"name": "probabilities"}] * 2}, BAD, ("once",)),
    "outputs empty": (body() | {"outputs": []}, OK, ()),
    "outputs null": (body() | {"outputs": None}, BAD, ("array",)),
    "unknown key": (body() | {"unknown": {"a": [None]}}, OK, ()),
    "id a number": (body() | {"id": 1}, BAD, ("id",)),
    "timeout a string": (body() | {"parameters": {"timeout": "1"}}, BAD, ("timeout",)),
    "timeout negative": (body() | {"parameters": {"timeout": -1}}, BAD, ("-1",)),
    "parameter an object": (body() | {"parameters": {"x": {}}}, BAD, ("parameter",)),
    "classification of strings": (body() | {"outputs": [{"name": "probabilities", "parameters": {"classification": "2"}}]}, BAD, ()),
    "shared memory": (body(data=None, parameters={"shared_memory_region": "r"}), BAD, ("shared memory",)),
    "malformed JSON": ('{"inputs":[', BAD, ("byte",)),
    "a comma too many": (changed(USUAL, "]}]}", "],}]}"), BAD, ("byte",)),
    "empty": ("", BAD, ()),
    "array": ("[]", BAD, ("object",)),
    "null": ("null", BAD, ("object",)),
    "number": ("3", BAD, ("object",)),
    "trailing garbage": (USUAL + "x", BAD, ("byte",)),
    "two values": (USUAL + USUAL, BAD, ()),
    "byte order mark": (b"\xef\xbb\xbf" + USUAL.encode(), OK, ()),
    "UTF-16": (USUAL.encode("utf-16"), BAD, ()),
    "no UTF-8": (USUAL.encode().replace(b"input\"", b"in\xff\xfe\"", 1), BAD, ("UTF-8",)),
    "a lone surrogate": (changed(USUAL, '"input"', '"\\ud800"'), BAD, ("surrogate",)),
    "10,000 arrays": ("[" * 10_000, BAD, ()),
    "200,000 arrays": ("[" * 200_000, BAD, ()),
    "200,000 arrays in a key nobody reads": ('{"x":' + "[" * 200_000, BAD, ("levels",)),
    "65 levels as data": (changed(USUAL, "[0.5", "[" * 65 + "0.5"), BAD, ()),
    "a hundred thousand keys": ("{" + ",".join(f'"k{i}":{i}' for i in range(100_000)) + "}", BAD, ("inputs",)),
    "a string of 8 MiB": ('{"id":"' + "x" * (8 << 20) + '","inputs":[]}', BAD, ()),
}

PATHS = {
    "unknown model": ("/v2/models/nobody/infer", MISSING),
    "unknown version": ("/v2/models/cancer/versions/9/infer", MISSING),
    "version 1": ("/v2/models/cancer/versions/1/infer", OK),
    "version abc": ("/v2/models/cancer/versions/abc/infer", MISSING),
    "version 0": ("/v2/models/cancer/versions/0/infer", MISSING),
    "version -1": ("/v2/models/cancer/versions/-1/infer", MISSING),
    "version 2^64": ("/v2/models/cancer/versions/18446744073709551617/infer", MISSING),
    "no version": ("/v2/models/cancer/versions//infer", MISSING),
    "no model": ("/v2/models//infer", MISSING),
    "trailing slash": ("/v2/models/cancer/infer/", MISSING),
    "unknown tail": ("/v2/models/cancer/explain", MISSING),
    "a name that climbs": ("/v2/models/..%2f..%2fetc%2fpasswd/infer", (400, 404)),
    "a name that climbs, escaped twice": ("/v2/models/%252e%252e/infer", MISSING),
    "a name with NUL": ("/v2/models/cancer%00/infer", (400, 404)),
    "a name of 4,000 characters": ("/v2/models/" + "x" * 4000 + "/infer", MISSING),
}


def binary_body(size, tail, **changes):
    header = json.dumps(body(data=None, parameters={"binary_data_size": size}, **changes)).encode()
    return header, header + tail


FLOATS = struct.pack("<30f", *ROW)
# what: (size said, bytes behind the header, header length said (None: the true one), statuses, words)
BINARY = {
    "valid": (120, FLOATS, None, OK, ()),
    "four bytes short": (120, FLOATS[4:], None, BAD, ("120", "116")),
    "four bytes more": (120, FLOATS + b"1234", None, BAD, ("4 bytes",)),
    "says 116": (116, FLOATS[4:], None, BAD, ("120", "116")),
    "says -1": (-1, FLOATS, None, BAD, ("-1",)),
    "says a string": ("120", FLOATS, None, BAD, ("string",)),
    "says 2^64-1": (2**64 - 1, FLOATS, None, BAD, ()),
    "header length 0": (120, FLOATS, "0", BAD, ()),
    "header longer than the body": (120, FLOATS, "100000", BAD, ("100000",)),
    "header length negative": (120, FLOATS, "-5", BAD, ("-5",)),
    "header length abc": (120, FLOATS, "abc", BAD, ("abc",)),
    "header length beyond 64 bits": (120, FLOATS, "18446744073709551617", BAD, ()),
    "header length 10": (120, FLOATS, "10", BAD, ()),
}


class BadInfer(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        api = cls.server.api()
        files = {n: (ROOT / "examples/breast_cancer" / n).read_bytes() for n in ("model.onnx", "slipway.yaml")}
        assert api.push(packages.tar_gz(files), "cancer").status == 201
        strings = {"slipway.yaml": "name: strings\nformat: echo\nfiles: {model: model.echo}\ninputs:\n- {name: s, datatype: BYTES, shape: [-1]}\n"
                                   "outputs:\n- {name: t, datatype: BYTES, shape: [-1]}\n",
                   "model.echo": "input s BYTES [-1]\noutput t from s\n"}
        assert api.push(packages.tar_gz(strings), "strings").status == 201
        assert api.push(packages.tar_gz(packages.echo(42)), "bystander").status == 201
        for model in ("cancer", "strings", "bystander"):
            assert cls.server.cli("deploy", model, "--wait").returncode == 0
        cls.input = api.get("/v2/models/cancer").json["inputs"][0]["name"]
        api.close()

    def tearDown(self):
        super().tearDown()
        answer = self.api.infer("bystander", packages.nonce(3))
        self.assertEqual((answer.status, outputs_of(answer)), (200, {"nonce_out": [3], "constant": [42]}))

    def check(self, answer, statuses, words):
        if answer.status == 200:
            self.assertIn(200, statuses, str(answer))
            return
        self.assert_refused(answer, statuses, *words)
        self.assertEqual(answer.headers["content-type"], "application/json")

    def post(self, sent, path="/v2/models/cancer/infer", **headers):
        sent = raw(sent if isinstance(sent, (str, bytes)) else json.dumps(sent)).replace(b'"input"', b'"%s"' % self.input.encode())
        return self.api.post(path, sent, headers={"Content-Type": "application/json", **headers})

    def test_bodies(self):
        for what, (sent, statuses, words) in BODIES.items():
            with self.subTest(what):
                self.check(self.post(sent), statuses, words)

    def test_content_types_are_not_needed(self):
        for kind in ("text/plain", "application/json; charset=utf-8", "application/vnd.api+json"):
            self.assertEqual(self.post(body(), **{"Content-Type": kind}).status, 200, kind)

    def test_paths(self):
        for what, (path, statuses) in PATHS.items():
            with self.subTest(what):
                self.check(self.post(body(), path), statuses, ())

    def test_methods(self):
        for method in ("GET", "PUT", "DELETE", "OPTIONS", "PATCH"):
            answer = self.api.request(method, "/v2/models/cancer/infer")
            self.assert_refused(answer, 405)
            self.assertIn("POST", answer.headers["allow"])
        self.assert_refused(self.api.post("/v2/health/live", b""), 405)
        self.assert_refused(self.api.post("/v2", b""), 405)

    def test_metadata_of_what_is_not_there(self):
        for tail in ("", "/ready", "/config", "/stats"):
            self.assert_refused(self.api.get("/v2/models/nobody" + tail), (400, 404))
            self.assert_refused(self.api.get("/v2/models/cancer/versions/9" + tail), (400, 404))

    def test_binary_tensors(self):
        for what, (size, tail, said, statuses, words) in BINARY.items():
            with self.subTest(what):
                header, sent = binary_body(size, tail, name=self.input)
                length = said or str(len(header))
                answer = self.api.post("/v2/models/cancer/infer", sent, headers={
                    "Content-Type": "application/octet-stream", "Inference-Header-Content-Length": length})
                self.check(answer, statuses, words)

    def test_binary_data_beside_json_data(self):
        answer = self.post(body(parameters={"binary_data_size": 120}))
        self.assert_refused(answer, 400, "both")
        self.assert_refused(self.post(body(data=None, parameters={"binary_data_size": 120})), 400, "120")

    def test_raw_bodies(self):
        kind = {"Content-Type": "application/octet-stream"}
        good = self.api.post("/v2/models/cancer/infer", FLOATS, headers=kind)
        self.assertEqual(good.status, 200, str(good))
        self.assertIn("inference-header-content-length", good.headers)
        for sent in (b"", FLOATS[4:], FLOATS + b"1234", FLOATS[:-1]):
            self.assert_refused(self.api.post("/v2/models/cancer/infer", sent, headers=kind), 400)

    def test_strings_that_lie_about_their_length(self):
        for data, status in ((struct.pack("<I", 3) + b"abc", 200), (struct.pack("<I", 4) + b"abc", 400), (struct.pack("<I", 2**32 - 1), 400),
                             (b"\1\0", 400), (b"", 400), (struct.pack("<I", 1) + b"abc", 400)):
            header = json.dumps({"inputs": [{"name": "s", "shape": [1], "datatype": "BYTES",
                                             "parameters": {"binary_data_size": len(data)}}]}).encode()
            answer = self.api.post("/v2/models/strings/infer", header + data, headers={
                "Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(header))})
            self.assertEqual(answer.status, status, (data, str(answer)))

    def test_strings_keep_every_character(self):
        sent = ["a\0b", "", "\U0001f600 ä \" \\ \n", "x" * 100_000]
        answer = self.api.infer("strings", {"s": ("BYTES", [len(sent)], sent)})
        self.assertEqual(outputs_of(answer)["t"], sent)

    def test_a_body_cut_short_answers_nobody_else_later(self):
        sent = b"POST /v2/models/cancer/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{\"inputs\":["
        connection = connect(self.server.address)
        connection.sendall(sent)
        connection.close()
        self.assertEqual(self.post(body()).status, 200)

    def test_index_and_load_with_bad_bodies(self):
        self.assertEqual(self.api.post("/v2/repository/index", b"").status, 200)
        self.assertEqual(self.api.post("/v2/repository/index", {"ready": True}).status, 200)
        self.assert_refused(self.api.post("/v2/repository/index", {"ready": 1}), 400)
        self.assert_refused(self.api.post("/v2/repository/index", b"["), 400)
        self.assert_refused(self.api.post("/v2/repository/models/nobody/load", b"{}"), 404)
        self.assert_refused(self.api.post("/v2/repository/models/cancer/load", b"{"), 400)
        self.assert_refused(self.api.post("/v2/repository/models/cancer/load", {"parameters": {"config": "{}"}}), (400, 501), "config")
        self.assert_refused(self.server.anonymous().post("/v2/repository/models/cancer/unload", b"{}"), (401, 403))

    def test_plain_prediction(self):
        rows = {"no body": b"", "malformed": b"{", "unknown key": b'{"data":[1]}', "short row": b'{"row":[1]}', "no row": b'{"rows":[]}',
                "unknown feature": b'{"features":{"mean radios":1}}', "a feature twice": b'{"features":{"mean radius":1,"mean radius":2}}',
                "string": json.dumps({"row": ["x"] * 30}).encode(), "null": json.dumps({"row": [None] * 30}).encode(), "deep": b"[" * 100_000}
        for what, sent in rows.items():
            with self.subTest(what):
                self.assert_refused(self.api.post("/predict/cancer", sent, headers={"Content-Type": "application/json"}), 400)
        self.assert_refused(self.api.post("/predict/cancer", b'{"features":{"mean radios":1}}'), 400, 'did you mean "mean radius"')
        self.assert_refused(self.api.post("/predict/nobody", b'{"row":[1]}'), 404)
        self.assert_refused(self.api.post("/predict/cancer:9", b'{"row":[1]}'), 404)
        self.assert_refused(self.api.post("/predict/cancer", b"<x/>", headers={"Content-Type": "application/xml"}), 415)


if __name__ == "__main__":
    unittest.main()
