"""api/openapi.yaml and api/proto against the route table of the binary, in both directions, permissions included."""
import json
import re
import unittest

import described as schemas
from fixture import ROOT, run

DOCUMENT = ROOT / "api/openapi.yaml"
METHOD = re.compile(r"/[\w.]+\.[A-Z]\w+/\w+$")
METHODS = {"get", "put", "post", "delete", "patch"}


def described(text):
    """{(method, pattern): permission}, read by the indentation the document keeps to: tests/scenarios/admin reads it as
    YAML."""
    found, path, method = {}, None, None
    for line in text[text.index("\npaths:"):text.index("\ncomponents:")].splitlines():
        if match := re.fullmatch(r"  (/\S*):", line):
            path, method = match[1], None
        elif match := re.fullmatch(r"    (\w+):", line):
            method = match[1] if match[1] in METHODS else None
            if method:
                found[method.upper(), path] = None
        elif method and (match := re.fullmatch(r"      x-permission: (\S+)", line)):
            found[method.upper(), path] = match[1]
    return found


def route_table():
    """What openapi.yaml describes: the methods of gRPC services are described by api/proto."""
    return {(method, pattern): permission for (method, pattern), permission in all_routes().items() if not METHOD.match(pattern)}


def all_routes():
    done = run("routes")
    assert done.returncode == 0, done.stderr
    return {(r["method"], r["pattern"]): r["permission"] for r in json.loads(done.stdout)}


def methods_of_protos():
    """{"/package.Service/Method"} of the .proto files."""
    found = set()
    for text in (path.read_text() for path in (ROOT / "api/proto").glob("*.proto")):
        package = re.search(r"^package ([\w.]+);", text, re.M)[1]
        for service, body in re.findall(r"^service (\w+) \{(.*?)^\}", text, re.M | re.S):
            found.update(f"/{package}.{service}/{name}" for name in re.findall(r"rpc (\w+)\(", body))
    return found


class OpenApi(unittest.TestCase):
    maxDiff = None

    def test_every_route_is_described_and_nothing_else_is(self):
        self.assertEqual(described(DOCUMENT.read_text()), route_table())

    def test_every_method_of_the_protos_is_served_and_no_other(self):
        self.assertEqual(methods_of_protos(), {pattern for _, pattern in all_routes() if METHOD.match(pattern)})

    def test_a_missing_path_and_a_wrong_permission_would_be_seen(self):
        text = DOCUMENT.read_text()
        self.assertNotEqual(described(text.replace("  /api/v1/status:\n", "  /api/v1/stat:\n")), described(text))
        self.assertNotEqual(described(text.replace("x-permission: deploy", "x-permission: public", 1)), described(text))


    def test_answers_that_are_not_described_would_be_seen(self):
        def fault(target, status, body, kind="application/json", method="GET"):
            return schemas.fault_in(method, target, status, kind, json.dumps(body).encode())

        refused = {"error": "expected this, found that", "code": "NotFound"}
        self.assertIsNone(fault("/v2/health/ready", 200, {"ready": True}))
        self.assertIn("ready", fault("/v2/health/ready", 200, {}))
        self.assertIn("not described", fault("/v2/health/ready", 201, {"ready": True}))
        self.assertIn("text/plain", fault("/v2/health/ready", 200, {}, "text/plain"))
        self.assertIsNone(fault("/v2/models/m/versions/1", 404, refused))
        self.assertIn("code", fault("/v2/models/m/versions/1", 404, {"error": "no"}))
        self.assertIn("not described", fault("/v3", 200, {}))
        answer = {"model": "m", "version": 1, "predictions": [{"label": "a", "probabilities": {"a": 1.0}}]}
        self.assertIsNone(fault("/predict/m", 200, answer, method="POST"))
        self.assertIsNotNone(fault("/predict/m", 200, {**answer, "predictions": [{"class": "a"}]}, method="POST"))


if __name__ == "__main__":
    unittest.main()
