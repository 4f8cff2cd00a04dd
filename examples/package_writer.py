"""Writes an example as a package: model.onnx, slipway.yaml with golden examples, and sample requests.

What the manifest says is measured here, on the very file that is written: the golden outputs come from ONNX Runtime, the
metrics from the held-out rows. The same seeds give the same files. A training script writes into its own folder, or into the
folder given as its only argument.
"""
import dataclasses
import hashlib
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import yaml

DATATYPES = {"tensor(float)": "FP32", "tensor(int64)": "INT64"}
GOLDEN_ROWS = 3
TOLERANCE = 1.0e-4


@dataclasses.dataclass
class Example:
    """What a training script knows about its model and its data."""
    folder: pathlib.Path
    model: onnx.ModelProto
    train: tuple[np.ndarray, np.ndarray]
    held_out: tuple[np.ndarray, np.ndarray]
    card: str
    parameters: dict
    features: list[str] | None = None
    classes: list[str] | None = None
    value_range: tuple[float, float] | None = None  # one range for every value; None: a range per feature, from the data


def save_package(example: Example, metrics) -> None:
    """metrics: called with the model's outputs by name for the held-out rows; returns the manifest's metrics."""
    example.model.doc_string = ""
    onnx.checker.check_model(example.model, full_check=True)
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else example.folder
    path = folder / "model.onnx"
    onnx.save(example.model, path)

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rows = example.held_out[0].astype(np.float32)
    name = session.get_inputs()[0].name
    outputs = _run(session, rows)
    measured = {key: round(float(value), 4) for key, value in metrics(outputs).items()}
    measured["held_out_rows"] = len(rows)
    golden = [_golden(session, name, rows[i:i + 1]) for i in _golden_rows(example)]

    manifest = {
        "name": example.folder.name.replace("_", "-"),
        "format": "onnx",
        "files": {"model": "model.onnx"},
        "inputs": [_input(example, session.get_inputs()[0])],
        "outputs": [_output(example, output) for output in session.get_outputs()],
        "batching": {"dimension": 0, "max_batch": 64, "enabled": True, "execution": "auto"},
        "instances": 1,
        "limits": {"memory": "256MiB", "timeout": "1s"},
        "warmup": {"runs": 3},
        "golden": golden,
        "labels": {"kind": "example"},
        "model_card": example.card.strip() + "\n",
        "lineage": {
            "training_data": "sha256:" + _digest(*example.train),
            "run_id": f"{example.folder.name}-seed-{example.parameters['seed']}",
            "parameters": example.parameters,
            "metrics": measured,
        },
    }
    (folder / "slipway.yaml").write_text(_yaml(manifest))
    _write_requests(folder, example, name, rows[0], DATATYPES[session.get_inputs()[0].type])
    print(f"{manifest['name']}: {path.stat().st_size} bytes, {measured}")


def log_loss(probabilities: np.ndarray, targets: np.ndarray) -> float:
    return -np.log(np.clip(probabilities[np.arange(len(targets)), targets].astype(np.float64), 1e-15, 1)).mean()


def _golden_rows(example) -> list[int]:
    """The first held-out row of each class, so that a swapped label shows; without classes the first few rows."""
    if not example.classes:
        return list(range(GOLDEN_ROWS))
    return sorted(int(i) for i in np.unique(example.held_out[1], return_index=True)[1])


def _run(session, rows) -> dict[str, np.ndarray]:
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: rows})))


def _golden(session, name, row) -> dict:
    return {
        "inputs": {name: _plain(row)},
        "outputs": {key: _plain(value) for key, value in _run(session, row).items()},
        "tolerance": TOLERANCE,
    }


def _input(example, tensor) -> dict:
    described = _tensor(tensor)
    if example.features:
        described["features"] = example.features
    if example.value_range:
        described["ranges"] = list(example.value_range)
    elif example.features:
        described["ranges"] = {feature: _widened(column)
                               for feature, column in zip(example.features, example.train[0].T)}
    return described


def _output(example, tensor) -> dict:
    described = _tensor(tensor)
    if example.classes and tensor.name == "probabilities":
        described["labels"] = example.classes
    return described


def _tensor(tensor) -> dict:
    return {"name": tensor.name, "datatype": DATATYPES[tensor.type],
            "shape": [size if isinstance(size, int) else -1 for size in tensor.shape]}


def _widened(column) -> list[float]:
    """The training data's range, widened by half its width on both sides; a measure never below zero stays so."""
    low, high = float(column.min()), float(column.max())
    margin = (high - low) / 2
    floor = 0.0 if low >= 0 else -np.inf
    return [float(f"{max(low - margin, floor):.4g}"), float(f"{high + margin:.4g}")]


def _digest(features, targets) -> str:
    """Over the values as little-endian FP64, row by row, the targets after the features."""
    digest = hashlib.sha256()
    for array in (features, targets):
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()


def _plain(array):
    """Nested lists; FP32 as the shortest decimal that reads back as the same FP32."""
    if array.ndim:
        return [_plain(item) for item in array]
    return float(np.format_float_positional(array, trim="0")) if array.dtype.kind == "f" else int(array)


def _write_requests(folder, example, name, row, datatype) -> None:
    folder = example.folder / "requests"
    folder.mkdir(exist_ok=True)
    infer = {"inputs": [{"name": name, "shape": [1, *row.shape], "datatype": datatype,
                         "data": _plain(row.reshape(-1))}]}
    (folder / "infer.json").write_text(json.dumps(infer) + "\n")
    if example.features:
        (folder / "predict.json").write_text(json.dumps({"features": dict(zip(example.features, _plain(row)))}, indent=2) + "\n")
    else:
        (folder / "predict.json").write_text(json.dumps(_plain(row)) + "\n")


class _Dumper(yaml.SafeDumper):
    """Lists in flow style where they hold no mappings, long text as a block."""


_Dumper.add_representer(list, lambda dumper, items: dumper.represent_sequence(
    "tag:yaml.org,2002:seq", items, flow_style=not any(isinstance(item, dict) for item in items)))
_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar(
    "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def _yaml(manifest) -> str:
    return "# Made by train.py; every number was measured on model.onnx.\n" + yaml.dump(
        manifest, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
