"""Compares the model of a run with LightGBM on the same features and split.

Usage: quality.py RUN_ROOT LABEL      in the runtime environment

LightGBM learns from the transformed training examples of the run (integers with a domain as
categories) and is scored on the evaluation split; the run's own AUC is read from its evaluation.
"""

import glob
import json
import os
import pathlib
import re
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import lightgbm
import numpy as np
import tensorflow as tf

SETTINGS = {
    "100 trees of 31 leaves (its defaults)": {"num_leaves": 31, "rounds": 100},
    "300 trees of 63 leaves": {"num_leaves": 63, "rounds": 300},
}


def newest(root, step, key):
    return max(glob.glob(f"{root}/{step}/{key}/*"), key=lambda path: int(path.rsplit("/", 1)[1]))


def features_of(schema):
    """Names, lengths and kinds of the transformed features, from schema.pbtxt."""
    specs = {}
    for block in re.split(r"(?m)^feature \{", schema)[1:]:
        name = re.search(r'name: "([^"]+)"', block).group(1)
        size = re.search(r"size: (\d+)", block)
        kind = tf.int64 if "type: INT" in block else tf.float32
        specs[name] = tf.io.FixedLenFeature([int(size.group(1))] if size else [1], kind)
    return specs


def read(folder, specs):
    dataset = tf.data.TFRecordDataset(sorted(glob.glob(folder + "/*")), "GZIP").batch(65536)
    parts = [tf.io.parse_example(batch, specs) for batch in dataset]
    return {name: np.concatenate([part[name].numpy() for part in parts]) for name in specs}


def auc(labels, scores):
    order = np.argsort(scores, kind="stable")
    _, inverse, counts = np.unique(scores[order], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives = labels[order] == 1
    count = positives.sum()
    return (ranks[positives].sum() - count * (count + 1) / 2) / (count * (len(labels) - count))


def main():
    root, label = sys.argv[1:]
    graph = newest(root, "Transform", "transform_graph")
    examples = newest(root, "Transform", "transformed_examples")
    specs = features_of(pathlib.Path(graph, "transformed_metadata/schema.pbtxt").read_text())
    splits = {split: read(f"{examples}/Split-{split}", specs) for split in ("train", "eval")}
    names = [name for name in specs if name != label]
    columns = lambda data: np.concatenate([data[n].astype(np.float64) for n in names], axis=1)  # noqa: E731
    positions = np.cumsum([0] + [specs[n].shape[0] for n in names])
    categories = [int(p) for n, p in zip(names, positions) if specs[n].dtype == tf.int64]
    labels = {split: data[label].reshape(-1) for split, data in splits.items()}
    results = {}
    for title, setting in SETTINGS.items():
        begin = time.monotonic()
        booster = lightgbm.train(
            {"objective": "binary", "num_leaves": setting["num_leaves"], "seed": 1, "verbose": -1},
            lightgbm.Dataset(columns(splits["train"]), labels["train"],
                             categorical_feature=categories),
            setting["rounds"],
        )
        score = auc(labels["eval"], booster.predict(columns(splits["eval"])))
        results["LightGBM, " + title] = (score, time.monotonic() - begin)
    evaluation = newest(root, "Evaluator", "evaluation")
    record = next(iter(tf.data.TFRecordDataset(glob.glob(evaluation + "/metrics*")))).numpy()
    sys.path.insert(0, str(pathlib.Path(os.environ.get("BESSEMER_DEPS", ".deps"), "messages")))
    from tensorflow_model_analysis.proto import metrics_for_slice_pb2

    overall = metrics_for_slice_pb2.MetricsForSlice.FromString(record)
    ours = next(m.value.double_value.value for m in overall.metric_keys_and_values
                if m.key.name == "auc")
    print(f"| model | AUC |\n|---|---:|\n| of the run | {ours:.4f} |")
    for title, (score, _) in results.items():
        print(f"| {title} | {score:.4f} |")
    print(json.dumps({"run": ours, **{k: v[0] for k, v in results.items()}}), file=sys.stderr)


main()
