#!/usr/bin/env python3
"""Which of three growers a wine comes from, by gradient boosted trees (the TreeEnsemble operators of ai.onnx.ml)."""
import pathlib
import sys

from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_wine
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
import onnx_graph  # noqa: E402
import package_writer  # noqa: E402

SEED = 0
TREES = 40
DEPTH = 2
RATE = 0.1

CARD = """
Tells which of three growers of one Italian region a wine comes from, by thirteen chemical measurements.

Data: Wine recognition data, 178 wines, as bundled with scikit-learn; a stratified quarter is held out.
Model: gradient boosting, 40 rounds of trees of depth 2 per class. Returns the class number and the probabilities.
Limits: 178 wines of one region; an example of serving.
"""


def main() -> None:
    data = load_wine()
    train_x, test_x, train_y, test_y = train_test_split(
        data.data, data.target, test_size=0.25, stratify=data.target, random_state=SEED)
    # Trees compare in FP32 when served: train on what they will see.
    train_x, test_x = train_x.astype("float32").astype("float64"), test_x.astype("float32").astype("float64")
    boosting = GradientBoostingClassifier(
        n_estimators=TREES, max_depth=DEPTH, learning_rate=RATE, random_state=SEED).fit(train_x, train_y)
    model = to_onnx(boosting, initial_types=[("measurements", FloatTensorType([None, train_x.shape[1]]))],
                    options={"zipmap": False, "output_class_labels": False},
                    target_opset={"": onnx_graph.OPSET, "ai.onnx.ml": 3})
    model.ir_version = onnx_graph.IR_VERSION
    settle(model)

    def metrics(outputs):
        return {"accuracy": (outputs["label"] == test_y).mean(),
                "log_loss": package_writer.log_loss(outputs["probabilities"], test_y)}

    package_writer.save_package(package_writer.Example(
        folder=FOLDER, model=model, train=(train_x, train_y), held_out=(test_x, test_y), card=CARD,
        parameters={"trees": TREES, "depth": DEPTH, "learning_rate": RATE, "seed": SEED},
        features=[name.replace("_", " ") for name in data.feature_names], classes=[str(n) for n in data.target_names]), metrics)


def settle(model) -> None:
    """Names the batch dimension as the other examples do, and fixes what the converter leaves to chance."""
    model.graph.name = "wine"
    operator_sets = sorted(model.opset_import, key=lambda item: item.domain)
    del model.opset_import[:]
    model.opset_import.extend(operator_sets)
    for tensor in [*model.graph.input, *model.graph.output]:
        tensor.type.tensor_type.shape.dim[0].dim_param = "N"


if __name__ == "__main__":
    main()
