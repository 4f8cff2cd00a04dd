#!/usr/bin/env python3
"""make_models.py FOLDER: writes the models and request bodies that the benchmarks use; the same bytes every time.

tiny     [N,30] -> [N,2]         the breast cancer example: a perceptron 30-64-2, some microseconds
mlp784   [N,784] -> [N,10]       one hidden layer of 1024, tens of microseconds
slow     [N,1024] -> [N,10]      two hidden layers of 2048: half a millisecond alone, far less per row in a batch
heavy    [N,3,64,64] -> [N,10]   three convolutions, more than a millisecond per row at any batch

Each model comes with NAME_request.json (Open Inference Protocol, JSON) and NAME_request.bin (its binary tensor extension; the
length of the JSON part, for the header Inference-Header-Content-Length, is in NAME_request.bin.json_bytes).
"""
import json
import pathlib
import shutil
import sys

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples"))
import onnx_graph  # noqa: E402

CLASSES = 10


def perceptron(name, random, sizes, deviation):
    layers = [(random.normal(0, deviation, pair), np.zeros(pair[1])) for pair in zip(sizes, sizes[1:])]
    return onnx_graph.mlp(name, layers)


def convolutions(name, random):
    graph = onnx_graph.Graph(name, "input", [3, 64, 64])
    for i, (inputs, outputs) in enumerate([(3, 32), (32, 64), (64, 64)]):
        graph.apply("Conv", f"convolved{i}", graph.weight(f"kernels{i}", random.normal(0, 0.05, (outputs, inputs, 3, 3))),
                    kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        graph.apply("Relu", f"positive{i}")
    graph.apply("GlobalAveragePool", "averages").apply("Flatten", "flat", axis=1)
    graph.apply("MatMul", "scores", graph.weight("weights", random.normal(0, 0.1, (64, CLASSES))))
    return graph.apply("Softmax", "probabilities", axis=1).finish([CLASSES])


def write_requests(folder, name, row):
    shape = [1, *row.shape]
    values = [float(f"{value:.6g}") for value in row.reshape(-1)]
    request = {"inputs": [{"name": "input", "shape": shape, "datatype": "FP32", "data": values}]}
    (folder / f"{name}_request.json").write_text(json.dumps(request))
    raw = row.astype("<f4").tobytes()
    header = json.dumps({
        "inputs": [{"name": "input", "shape": shape, "datatype": "FP32", "parameters": {"binary_data_size": len(raw)}}],
        "parameters": {"binary_data_output": True}}).encode()
    (folder / f"{name}_request.bin").write_bytes(header + raw)
    (folder / f"{name}_request.bin.json_bytes").write_text(f"{len(header)}\n")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    example = ROOT / "examples/breast_cancer"
    shutil.copyfile(example / "model.onnx", folder / "tiny.onnx")
    tiny = json.loads((example / "requests/infer.json").read_text())["inputs"][0]["data"]
    write_requests(folder, "tiny", np.array(tiny))

    random = np.random.default_rng(0)
    models = {"mlp784": perceptron("mlp784", random, (784, 1024, CLASSES), 0.05),
              "slow": perceptron("slow", random, (1024, 2048, 2048, CLASSES), 0.02),
              "heavy": convolutions("heavy", random)}
    for name, model in models.items():
        onnx.checker.check_model(model, full_check=True)
        shape = [size.dim_value for size in model.graph.input[0].type.tensor_type.shape.dim[1:]]
        write_requests(folder, name, random.normal(0, 1, shape))
        onnx.save(model, folder / f"{name}.onnx")  # last, so that a model on disk means its requests are there too


if __name__ == "__main__":
    main()
