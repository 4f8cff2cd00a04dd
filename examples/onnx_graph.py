"""Builds small ONNX graphs node by node; every graph has a free batch dimension named N."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class Graph:
    """A chain of nodes: apply() adds one to the current tensor and makes its output the current tensor."""

    def __init__(self, name: str, input_name: str, input_shape: list[int]):
        self._name = name
        self._input = helper.make_tensor_value_info(input_name, TensorProto.FLOAT, ["N", *input_shape])
        self._nodes, self._weights = [], []
        self.current = input_name

    def weight(self, name: str, values) -> str:
        array = np.asarray(values)
        self._weights.append(numpy_helper.from_array(array if array.dtype == np.int64 else array.astype(np.float32), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def apply(self, operator: str, output: str, *weights: str, **attributes) -> "Graph":
        self.current = self.node(operator, [self.current, *weights], output, **attributes)
        return self

    def finish(self, output_shape: list[int]) -> onnx.ModelProto:
        output = helper.make_tensor_value_info(self.current, TensorProto.FLOAT, ["N", *output_shape])
        graph = helper.make_graph(self._nodes, self._name, [self._input], [output], self._weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
                                 producer_name="slipway-examples")


def mlp(name: str, layers: list[tuple[np.ndarray, np.ndarray]], input_name: str = "input",
        output_name: str = "probabilities") -> onnx.ModelProto:
    """Gemm and ReLU layers of (weights [in, out], bias [out]), a softmax at the end."""
    graph = Graph(name, input_name, [layers[0][0].shape[0]])
    for i, (weights, bias) in enumerate(layers):
        graph.apply("Gemm", f"h{i}", graph.weight(f"w{i}", weights), graph.weight(f"b{i}", bias))
        if i + 1 < len(layers):
            graph.apply("Relu", f"r{i}")
    graph.apply("Softmax", output_name, axis=1)
    return graph.finish([layers[-1][0].shape[1]])
