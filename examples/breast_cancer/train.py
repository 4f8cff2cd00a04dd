#!/usr/bin/env python3
"""Malignant or benign, from 30 measurements of cell nuclei: a multilayer perceptron with the scaling folded in."""
import pathlib
import sys

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
import onnx_graph  # noqa: E402
import package_writer  # noqa: E402

SEED = 0
HIDDEN = 64
L2 = 1.0

CARD = """
Tells malignant from benign breast masses by 30 measurements of cell nuclei (mean, standard error and worst value of
ten properties), taken from digitised images of fine needle aspirates.

Data: Breast Cancer Wisconsin (Diagnostic), 569 patients, as bundled with scikit-learn; a stratified fifth is held out.
Model: multilayer perceptron 30-64-2, standardisation folded into the first layer, softmax probabilities.
Limits: one clinic, 1990s; an example of serving, not a medical device.
"""


def main() -> None:
    data = load_breast_cancer()
    train_x, test_x, train_y, test_y = train_test_split(
        data.data, data.target, test_size=0.2, stratify=data.target, random_state=SEED)
    scaler = StandardScaler().fit(train_x)
    network = MLPClassifier((HIDDEN,), alpha=L2, max_iter=2000, random_state=SEED).fit(scaler.transform(train_x), train_y)

    first = network.coefs_[0] / scaler.scale_[:, None]
    first_bias = network.intercepts_[0] - (scaler.mean_ / scaler.scale_) @ network.coefs_[0]
    # scikit-learn has one logit z for two classes; softmax over (-z/2, z/2) gives the same probabilities.
    second = np.concatenate([-network.coefs_[1] / 2, network.coefs_[1] / 2], axis=1)
    second_bias = np.concatenate([-network.intercepts_[1] / 2, network.intercepts_[1] / 2])
    model = onnx_graph.mlp("breast_cancer", [(first, first_bias), (second, second_bias)])

    def metrics(outputs):
        probabilities = outputs["probabilities"]
        return {"accuracy": (probabilities.argmax(1) == test_y).mean(), "roc_auc": roc_auc_score(test_y, probabilities[:, 1]),
                "log_loss": package_writer.log_loss(probabilities, test_y)}

    package_writer.save_package(package_writer.Example(
        folder=FOLDER, model=model, train=(train_x, train_y), held_out=(test_x, test_y), card=CARD,
        parameters={"hidden": HIDDEN, "l2": L2, "seed": SEED},
        features=[str(name) for name in data.feature_names], classes=[str(name) for name in data.target_names]), metrics)


if __name__ == "__main__":
    main()
