"""Requests and answers of gRPC's ModelInfer with raw contents, as bytes: the few fields that the benchmarks use."""
import json

from places import MODELS, WORK  # and the way to the tests' words
from protobuf_wire import field, varint


def tensor(name, datatype, shape):
    return field(1, name) + field(2, datatype) + field(3, b"".join(map(varint, shape)))


def split_binary(body, header_length):
    """(JSON part, raw bytes) of a body of the binary tensor extension."""
    return json.loads(body[:header_length]), body[header_length:]


def infer_request(model):
    """The message that asks what MODEL_request.bin asks; the path of the file it is in."""
    length = int((MODELS / f"{model}_request.bin.json_bytes").read_text())
    head, raw = split_binary((MODELS / f"{model}_request.bin").read_bytes(), length)
    asked = head["inputs"][0]
    path = WORK / f"{model}.grpc"
    path.write_bytes(field(1, model) + field(5, tensor(asked["name"], asked["datatype"], asked["shape"])) + field(7, raw))
    return path


def infer_answer(model, body, header_length):
    """The message that says what the binary answer over HTTP said."""
    head, raw = split_binary(body, header_length)
    told = head["outputs"][0]
    return (field(1, model) + field(2, head["model_version"]) + field(5, tensor(told["name"], told["datatype"], told["shape"])) +
            field(6, raw))
