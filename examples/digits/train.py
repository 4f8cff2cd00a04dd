#!/usr/bin/env python3
"""Handwritten digits, 8 x 8 grey levels: a convolutional network, trained in NumPy (network.py)."""
import pathlib
import sys

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import network

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
import onnx_graph  # noqa: E402
import package_writer  # noqa: E402

SEED = 0
CHANNELS = (16, 32)
EPOCHS = 30
BATCH = 64
RATE = 3e-3
DECAY = 1e-2
BRIGHTEST = 16.0

CARD = """
Reads a handwritten digit from an image of 8 x 8 grey levels between 0 (paper) and 16 (ink).

Data: Optical Recognition of Handwritten Digits, 1797 images, as bundled with scikit-learn; a stratified fifth is held out.
Model: two 3 x 3 convolutions (16 and 32 channels), each with ReLU and 2 x 2 max pooling, one dense layer, softmax;
the scaling to 0..1 is in the graph.
Limits: writers appear on both sides of the split, so strangers' digits will be read a little worse than measured here.
"""


def main() -> None:
    data = load_digits()
    train_x, test_x, train_y, test_y = train_test_split(
        data.images[:, None], data.target, test_size=0.2, stratify=data.target, random_state=SEED)
    random = np.random.default_rng(SEED)
    first, second = network.Convolution(random, 1, CHANNELS[0]), network.Convolution(random, *CHANNELS)
    dense = network.Dense(random, CHANNELS[1] * 2 * 2, 10)
    network.train([first, network.Rectifier(), network.MaxPool(), second, network.Rectifier(), network.MaxPool(), dense],
                  train_x / BRIGHTEST, train_y, random, EPOCHS, BATCH, RATE, DECAY)

    graph = onnx_graph.Graph("digits", "image", [1, 8, 8])
    graph.apply("Div", "scaled", graph.weight("brightest", np.float32(BRIGHTEST)))
    for i, layer in enumerate([first, second]):
        graph.apply("Conv", f"convolved{i}", graph.weight(f"kernels{i}", layer.values[0]), graph.weight(f"bias{i}", layer.values[1]),
                    kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        graph.apply("Relu", f"positive{i}").apply("MaxPool", f"pooled{i}", kernel_shape=[2, 2], strides=[2, 2])
    graph.apply("Flatten", "flat", axis=1)
    graph.apply("Gemm", "scores", graph.weight("weights", dense.values[0]), graph.weight("bias", dense.values[1]))
    graph.apply("Softmax", "probabilities", axis=1)

    def metrics(outputs):
        probabilities = outputs["probabilities"]
        return {"accuracy": (probabilities.argmax(1) == test_y).mean(),
                "log_loss": package_writer.log_loss(probabilities, test_y)}

    package_writer.save_package(package_writer.Example(
        folder=FOLDER, model=graph.finish([10]), train=(train_x, train_y), held_out=(test_x, test_y), card=CARD,
        parameters={"channels": f"{CHANNELS[0]},{CHANNELS[1]}", "epochs": EPOCHS, "batch": BATCH, "rate": RATE, "decay": DECAY,
                    "seed": SEED},
        classes=[str(digit) for digit in range(10)], value_range=(0.0, BRIGHTEST)), metrics)


if __name__ == "__main__":
    main()
