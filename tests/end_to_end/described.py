"""Holds answers against api/openapi.yaml: every answer that a suite gets through Api is one that the document describes."""
import functools
import json
import pathlib
import re

import jsonschema
import yaml

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "api/openapi.yaml"
METHODS = ("GET", "PUT", "POST", "DELETE")
LARGEST = 1 << 20  # bytes of an answer that is looked at


@functools.cache
def document():
    return yaml.load(DOCUMENT.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@functools.cache
def resolver():
    return jsonschema.RefResolver.from_schema(document())


def resolved(part):
    return resolver().resolve(part["$ref"])[1] if "$ref" in part else part


@functools.cache
def patterns():
    """[(regex of a path, its operations)], those without parameters first."""
    found = []
    for path, operations in document()["paths"].items():
        pattern = "".join(".+" if part.endswith("...}") else "[^/]+" if part.startswith("{") else re.escape(part)
                          for part in re.split(r"({\w+(?:\.{3})?})", path))
        found.append((path.count("{"), re.compile(pattern), operations))
    return [(pattern, operations) for _, pattern, operations in sorted(found, key=lambda each: each[0])]


def operation_of(method, target):
    path = target.split("?")[0]
    for pattern, operations in patterns():
        if pattern.fullmatch(path) and method.lower() in operations:
            return operations[method.lower()]
    return None


def fault_in(method, target, status, content_type, body):
    """What is wrong with an answer, or None. A path that is no operation may only be refused."""
    operation = operation_of(method, target)
    if operation is None:
        return None if status >= 300 else f"{method} {target} answers {status} and is not described"
    responses = operation["responses"]
    key = str(status) if str(status) in responses else "default" if status >= 400 else None
    if key not in responses:
        return f"{method} {target}: the status {status} is not described"
    content = resolved(responses[key]).get("content", {})
    kind = content_type.split(";")[0]
    if not body and not content:
        return None
    if kind not in content:
        return f"{method} {target}: {status} with {kind!r}, expected one of {list(content)}"
    if kind != "application/json" or "schema" not in content[kind] or len(body) > LARGEST:
        return None
    schema = jsonschema.Draft202012Validator(content[kind]["schema"], resolver=resolver())
    fault = next(schema.iter_errors(json.loads(body)), None)
    return fault and f"{method} {target}: {status}: {fault.message[:300]} at {fault.json_path}"
