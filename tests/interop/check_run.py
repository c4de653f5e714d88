"""Reads every artifact of a pipeline run with the real libraries, and checks that they agree.

Usage: check_run.py RUN_ROOT      in the interop environment (make interop)

TensorFlow Data Validation reads statistics, schema and anomalies and computes its own; TensorFlow
Transform loads the transform output and applies it; TensorFlow serves the model; TensorFlow Model
Analysis loads the evaluation; ML Metadata reads types, artifacts, executions and lineage.
"""

import glob
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np
import tensorflow as tf
import tensorflow_data_validation as tfdv
import tensorflow_model_analysis as tfma
import tensorflow_transform as tft
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as mlmd
from tensorflow_metadata.proto.v0 import anomalies_pb2

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class Run:
    """The newest complete run recorded in a pipeline's metadata database."""

    def __init__(self, root):
        config = mlmd.ConnectionConfig()
        config.sqlite.filename_uri = str(pathlib.Path(root) / "metadata.db")
        config.sqlite.connection_mode = mlmd.SqliteMetadataSourceConfig.READONLY
        self.store = metadata_store.MetadataStore(config)
        runs = self.store.get_contexts_by_type("pipeline_run")
        assert runs, "no pipeline run is recorded"
        self.context = max(runs, key=lambda context: context.id)
        self.executions = self.store.get_executions_by_context(self.context.id)
        self.types = {t.id: t.name for t in self.store.get_artifact_types()}
        self.artifacts = self.store.get_artifacts_by_context(self.context.id)
        if not self.artifacts:
            ids = [e.id for e in self.executions]
            events = self.store.get_events_by_execution_ids(ids)
            self.artifacts = self.store.get_artifacts_by_id(sorted({e.artifact_id for e in events}))

    def artifact(self, type_name, key=""):
        """The newest artifact of a type; with `key`, of that output key (a part of its path)."""
        found = [
            a for a in self.artifacts
            if self.types[a.type_id] == type_name and (not key or f"/{key}/" in a.uri)
        ]
        assert found, f"the run has no {type_name} {key}"
        return max(found, key=lambda a: a.id)

    def uri(self, type_name, key=""):
        return self.artifact(type_name, key).uri


def records(pattern, limit=None):
    files = sorted(glob.glob(pattern))
    assert files, pattern
    dataset = tf.data.TFRecordDataset(files, compression_type="GZIP")
    if limit:
        dataset = dataset.take(limit)
    return [r.numpy() for r in dataset]


@check
def metadata_records_types_and_lineage(run):
    names = set(run.types.values())
    for name in ("Examples", "ExampleStatistics", "Schema", "ExampleAnomalies", "TransformGraph",
                 "Model", "ModelEvaluation", "ModelBlessing", "InfraBlessing", "PushedModel"):
        assert name in names, f"artifact type {name} is missing"
    for context_type in ("pipeline", "pipeline_run", "node"):
        assert run.store.get_contexts_by_type(context_type), context_type
    states = {e.last_known_state for e in run.executions}
    assert states <= {mlmd.Execution.COMPLETE, mlmd.Execution.CACHED}, states
    # From the pushed model back to the data.
    wanted, seen, frontier = run.artifact("Examples", "examples").id, set(), set()
    frontier.add(run.artifact("PushedModel").id)
    while frontier:
        seen |= frontier
        events = run.store.get_events_by_artifact_ids(list(frontier))
        producers = {e.execution_id for e in events if e.type == mlmd.Event.OUTPUT}
        inputs = run.store.get_events_by_execution_ids(list(producers)) if producers else []
        frontier = {e.artifact_id for e in inputs if e.type == mlmd.Event.INPUT} - seen
    assert wanted in seen, "the pushed model's lineage does not reach the examples"


@check
def examples_parse(run):
    examples = run.artifact("Examples", "examples")
    assert json.loads(examples.properties["split_names"].string_value) == ["train", "eval"]
    for record in records(f"{examples.uri}/Split-eval/*", 500):
        assert tf.train.Example.FromString(record).features.feature


def comparable(stats):
    """Per feature the figures that are exact in both implementations."""
    result = {}
    for feature in stats.datasets[0].features:
        kind = feature.WhichOneof("stats")
        body = getattr(feature, kind)
        common = body.common_stats
        figures = {
            "type": feature.type, "non_missing": common.num_non_missing,
            "missing": common.num_missing, "min_num": common.min_num_values,
            "max_num": common.max_num_values, "tot": common.tot_num_values,
        }
        if kind == "num_stats":
            figures.update(zeros=body.num_zeros, min=body.min, max=body.max)
            figures.update(mean=round(body.mean, 6), std=round(body.std_dev, 5))
        if kind == "string_stats":
            figures.update(unique=body.unique, top=[(v.value, v.frequency) for v in body.top_values])
        name = feature.name or ".".join(feature.path.step)
        result[name] = figures
    return result


@check
def statistics_agree_with_tfdv(run):
    statistics = run.uri("ExampleStatistics", "statistics")
    for split in ("train", "eval"):
        ours = tfdv.load_stats_binary(f"{statistics}/Split-{split}/FeatureStats.pb")
        assert ours.datasets[0].num_examples > 0
    theirs = tfdv.generate_statistics_from_tfrecord(
        run.uri("Examples", "examples") + "/Split-eval/*"
    )
    ours, theirs = comparable(ours), comparable(theirs)
    assert ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
    for name, figures in theirs.items():
        assert ours[name] == figures, f"{name}: {ours[name]} and {figures}"


@check
def schema_and_anomalies_agree_with_tfdv(run):
    statistics = run.uri("ExampleStatistics", "statistics")
    inferred = tfdv.load_schema_text(run.uri("Schema", "SchemaGen/schema") + "/schema.pbtxt")
    curated = tfdv.load_schema_text(run.uri("Schema", "CuratedSchema/schema") + "/schema.pbtxt")
    for split in ("train", "eval"):
        stats = tfdv.load_stats_binary(f"{statistics}/Split-{split}/FeatureStats.pb")
        assert not tfdv.validate_statistics(stats, inferred).anomaly_info
        theirs = tfdv.validate_statistics(stats, curated)
        ours = anomalies_pb2.Anomalies()
        path = f"{run.uri('ExampleAnomalies')}/Split-{split}/SchemaDiff.pb"
        ours.ParseFromString(pathlib.Path(path).read_bytes())

        def reasons(anomalies):
            return {(n, r.type) for n, i in anomalies.anomaly_info.items() for r in i.reason}

        assert reasons(ours) == reasons(theirs), reasons(ours) ^ reasons(theirs)
        assert reasons(ours), "the curated schema should raise anomalies"


def raw_batch(spec, serialized):
    return tf.io.parse_example(tf.constant(serialized), spec)


@check
def transform_output_agrees_with_tft(run):
    output = tft.TFTransformOutput(run.uri("TransformGraph"))
    raw = records(run.uri("Examples", "examples") + "/Split-eval/*", 2000)
    transformed = records(
        run.uri("Examples", "transformed_examples") + "/Split-eval/*", 2000
    )
    features = raw_batch(output.raw_feature_spec(), raw)
    theirs = output.transform_features_layer()(features)
    ours = raw_batch(output.transformed_feature_spec(), transformed)
    assert set(ours) == set(theirs), set(ours) ^ set(theirs)
    for name, tensor in theirs.items():
        dense = tf.sparse.to_dense(tensor) if isinstance(tensor, tf.SparseTensor) else tensor
        mine = ours[name]
        mine = tf.sparse.to_dense(mine) if isinstance(mine, tf.SparseTensor) else mine
        a, b = mine.numpy(), dense.numpy().reshape(mine.shape)
        equal = np.allclose(a, b, rtol=1e-5, atol=1e-6) if a.dtype != object else (a == b).all()
        assert equal, f"{name} differs"
    vocabularies = json.loads(
        pathlib.Path(run.uri("TransformGraph"), "transformed_metadata/asset_map").read_text()
    )
    for name in vocabularies:
        assert output.vocabulary_size_by_name(name) > 0


@check
def the_model_serves_and_the_evaluation_agrees(run):
    model = tf.saved_model.load(run.uri("Model") + "/Format-Serving")
    raw = records(run.uri("Examples", "examples") + "/Split-eval/*")
    predictions, labels = [], []
    for begin in range(0, len(raw), 8192):
        batch = tf.constant(raw[begin : begin + 8192])
        out = model.signatures["serving_default"](examples=batch)
        predictions.append(out["probabilities"].numpy().reshape(-1))
        transformed = model.signatures["transform_features"](examples=batch)
        labels.append(transformed["late"].numpy().reshape(-1))
    predictions, labels = np.concatenate(predictions), np.concatenate(labels)

    result = tfma.load_eval_result(run.uri("ModelEvaluation"))
    overall = dict(result.slicing_metrics)[()]
    metrics = next(iter(overall.values()))[""]
    near = lambda name, value: np.testing.assert_allclose(  # noqa: E731
        metrics[name]["doubleValue"], value, rtol=2e-4, err_msg=name
    )
    near("mean_label", labels.mean())
    near("mean_prediction", predictions.mean())
    near("binary_accuracy", ((predictions > 0.5) == labels).mean())
    order = np.argsort(predictions, kind="stable")
    _, rank_of, counts = np.unique(predictions[order], return_inverse=True, return_counts=True)
    ranks = np.empty(len(order))
    ranks[order] = (np.cumsum(counts) - (counts - 1) / 2)[rank_of]
    positives = labels.sum()
    auc = (ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (
        positives * (len(labels) - positives)
    )
    np.testing.assert_allclose(metrics["auc"]["doubleValue"], auc, atol=1e-3)
    assert len(result.slicing_metrics) > 50, "slices are missing"
    validation = tfma.load_validation_result(run.uri("ModelEvaluation"))
    blessed = os.path.exists(run.uri("ModelBlessing") + "/BLESSED")
    assert validation.validation_ok == blessed


@check
def the_pushed_model_is_the_blessed_one(run):
    pushed = run.artifact("PushedModel")
    assert pushed.custom_properties["pushed"].int_value == 1
    destination = pushed.custom_properties["pushed_destination"].string_value
    model = tf.saved_model.load(destination)
    raw = records(run.uri("Examples", "examples") + "/Split-eval/*", 100)
    again = tf.saved_model.load(run.uri("Model") + "/Format-Serving")
    for loaded in (model, again):
        loaded.answer = loaded.signatures["serving_default"](examples=tf.constant(raw))
    np.testing.assert_array_equal(
        model.answer["probabilities"].numpy(), again.answer["probabilities"].numpy()
    )


def main():
    run = Run(sys.argv[1])
    passed = failed = 0
    for function in CHECKS:
        try:
            function(run)
            passed += 1
            print(f"ok      {function.__name__}", flush=True)
        except Exception as error:  # every check is reported, whatever it raises
            failed += 1
            print(f"FAILED  {function.__name__}: {type(error).__name__}: {error}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
