"""Writes small ONNX files field by field, so that the tests need nothing but Python, and can write what onnx refuses to."""

FLOAT = 1
_IR_VERSION, _OPSET = 8, 17


def _varint(number):
    made = b""
    while number > 0x7F:
        made += bytes([number & 0x7F | 0x80])
        number >>= 7
    return made + bytes([number])


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _bytes(field, value):
    value = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _value(name, datatype, shape):
    """ValueInfoProto; a text in the shape is a free dimension."""
    dimensions = b"".join(_bytes(1, _bytes(2, d) if isinstance(d, str) else _number(1, d)) for d in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, datatype) + _bytes(2, dimensions)))


def node(operator, inputs, outputs, domain=""):
    """NodeProto."""
    return (b"".join(_bytes(1, i) for i in inputs) + b"".join(_bytes(2, o) for o in outputs) +
            _bytes(4, operator) + (_bytes(7, domain) if domain else b""))


def external(name, shape, location, **entries):
    """TensorProto of FP32 values that lie in another file."""
    described = {"location": location, **{k: str(v) for k, v in entries.items()}}
    return (b"".join(_number(1, d) for d in shape) + _number(2, FLOAT) + _bytes(8, name) +
            b"".join(_bytes(13, _bytes(1, k) + _bytes(2, v)) for k, v in described.items()) + _number(14, 1))


def model(nodes, inputs, outputs, initializers=(), domains=("",)):
    """ModelProto. inputs, outputs: (name, shape) of FP32."""
    graph = (b"".join(_bytes(1, n) for n in nodes) + _bytes(2, "graph") + b"".join(_bytes(5, i) for i in initializers) +
             b"".join(_bytes(11, _value(n, FLOAT, s)) for n, s in inputs) +
             b"".join(_bytes(12, _value(n, FLOAT, s)) for n, s in outputs))
    opsets = b"".join(_bytes(8, (_bytes(1, d) if d else b"") + _number(2, _OPSET if not d else 1)) for d in domains)
    return _number(1, _IR_VERSION) + _bytes(7, graph) + opsets


def one_operator(operator="Neg", domain=""):
    """y = operator(x), row by row."""
    return model([node(operator, ["x"], ["y"], domain)], [("x", ["n", 3])], [("y", ["n", 3])],
                 domains=("",) if not domain else ("", domain))


def adds_external(location, **entries):
    """y = x + w, where w lies in the file `location`."""
    return model([node("Add", ["x", "w"], ["y"])], [("x", ["n", 3])], [("y", ["n", 3])],
                 [external("w", [3], location, **entries)])
