#!/usr/bin/env python3
"""Progression of diabetes after one year, by ridge regression; raw measurements go in, preprocessing is in the graph."""
import pathlib
import sys

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
import onnx_graph  # noqa: E402
import package_writer  # noqa: E402

SEED = 0
CLIP = 3.0  # standard deviations
FEATURES = {"age": "age", "sex": "sex", "bmi": "body mass index", "bp": "blood pressure", "s1": "total cholesterol",
            "s2": "ldl", "s3": "hdl", "s4": "cholesterol to hdl", "s5": "log triglycerides", "s6": "blood sugar"}

CARD = """
Predicts a measure of diabetes progression one year after baseline (25 to 346 in the data; higher is worse) from ten
raw measurements: age in years, sex (1 or 2, as coded in the data), body mass index, mean blood pressure and six
blood serum values.

Data: 442 patients (Efron et al., "Least Angle Regression", 2004), as bundled with scikit-learn, unscaled; a fifth is held out.
Model: the graph standardises, clips to three standard deviations, adds the squares, and applies a ridge regression
whose strength was chosen by leave-one-out on the training rows.
Limits: explains under half of the variance; an example of serving, not a medical device.
"""


def preprocess(rows, mean, scale):
    standard = np.clip((rows - mean) / scale, -CLIP, CLIP)
    return np.concatenate([standard, standard ** 2], axis=1)


def main() -> None:
    data = load_diabetes(scaled=False)
    train_x, test_x, train_y, test_y = train_test_split(data.data, data.target, test_size=0.2, random_state=SEED)
    mean, scale = train_x.mean(0), train_x.std(0)
    ridge = RidgeCV(alphas=np.logspace(-2, 3, 26)).fit(preprocess(train_x, mean, scale), train_y)

    graph = onnx_graph.Graph("diabetes", "measurements", [len(FEATURES)])
    graph.apply("Sub", "centred", graph.weight("mean", mean)).apply("Div", "standard", graph.weight("scale", scale))
    graph.apply("Clip", "clipped", graph.weight("low", np.float32(-CLIP)), graph.weight("high", np.float32(CLIP)))
    squares = graph.node("Mul", [graph.current, graph.current], "squares")
    graph.apply("Concat", "terms", squares, axis=1)
    graph.apply("Gemm", "progression", graph.weight("weights", ridge.coef_[:, None]), graph.weight("bias", [ridge.intercept_]))

    def metrics(outputs):
        predicted = outputs["progression"][:, 0]
        return {"r2": r2_score(test_y, predicted), "mean_absolute_error": mean_absolute_error(test_y, predicted),
                "root_mean_squared_error": root_mean_squared_error(test_y, predicted)}

    package_writer.save_package(package_writer.Example(
        folder=FOLDER, model=graph.finish([1]), train=(train_x, train_y), held_out=(test_x, test_y), card=CARD,
        parameters={"clip": CLIP, "ridge": round(float(ridge.alpha_), 4), "seed": SEED},
        features=[FEATURES[name] for name in data.feature_names]), metrics)


if __name__ == "__main__":
    main()
