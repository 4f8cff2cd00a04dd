"""Writes small ONNX files field by field, so that the tests need nothing but Python, and can write what onnx refuses to."""
import struct

from protobuf_wire import field, number

FLOAT = 1
_IR_VERSION, _OPSET = 8, 17


def _value(name, datatype, shape):
    """ValueInfoProto; a text in the shape is a free dimension."""
    dimensions = b"".join(field(1, field(2, d) if isinstance(d, str) else number(1, d)) for d in shape)
    return field(1, name) + field(2, field(1, number(1, datatype) + field(2, dimensions)))


def node(operator, inputs, outputs, domain=""):
    """NodeProto."""
    return (b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) +
            field(4, operator) + (field(7, domain) if domain else b""))


def external(name, shape, location, **entries):
    """TensorProto of FP32 values that lie in another file."""
    described = {"location": location, **{k: str(v) for k, v in entries.items()}}
    return (b"".join(number(1, d) for d in shape) + number(2, FLOAT) + field(8, name) +
            b"".join(field(13, field(1, k) + field(2, v)) for k, v in described.items()) + number(14, 1))


def constant(name, values):
    """TensorProto of FP32 values."""
    return number(1, len(values)) + number(2, FLOAT) + field(8, name) + field(9, struct.pack(f"<{len(values)}f", *values))


def model(nodes, inputs, outputs, initializers=(), domains=("",)):
    """ModelProto. inputs, outputs: (name, shape) of FP32."""
    graph = (b"".join(field(1, n) for n in nodes) + field(2, "graph") + b"".join(field(5, i) for i in initializers) +
             b"".join(field(11, _value(n, FLOAT, s)) for n, s in inputs) +
             b"".join(field(12, _value(n, FLOAT, s)) for n, s in outputs))
    opsets = b"".join(field(8, (field(1, d) if d else b"") + number(2, _OPSET if not d else 1)) for d in domains)
    return number(1, _IR_VERSION) + field(7, graph) + opsets


def one_operator(operator="Neg", domain=""):
    """y = operator(x), row by row."""
    return model([node(operator, ["x"], ["y"], domain)], [("x", ["n", 3])], [("y", ["n", 3])],
                 domains=("",) if not domain else ("", domain))


def weighed(*weights):
    """y = x * weights, row by row."""
    return model([node("Mul", ["x", "w"], ["y"])], [("x", ["n", len(weights)])], [("y", ["n", len(weights)])],
                 [constant("w", weights)])


def adds_external(location, **entries):
    """y = x + w, where w lies in the file `location`."""
    return model([node("Add", ["x", "w"], ["y"])], [("x", ["n", 3])], [("y", ["n", 3])],
                 [external("w", [3], location, **entries)])
