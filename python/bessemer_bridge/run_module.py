"""Calls run_fn(fn_args) of a user's module, as TFX's Trainer does.

Usage: python run_module.py ARGUMENTS.json

Needs neither TFX nor tfx_bsl; TensorFlow only if the module uses it or the dataset factory.
"""

import collections
import ctypes
import importlib.util
import json
import os
import signal
import sys

# The options of tfx_bsl's TFRecord dataset factory, for modules that cannot import them.
TensorFlowDatasetOptions = collections.namedtuple(
    "TensorFlowDatasetOptions",
    "batch_size drop_final_batch num_epochs shuffle shuffle_buffer_size shuffle_seed "
    "prefetch_buffer_size reader_num_threads parser_num_threads label_key",
    defaults=(False, None, True, 10000, None, None, None, None, None),
)


class DataAccessor:
    """What a module reads examples with."""

    data_view_decode_fn = None
    TensorFlowDatasetOptions = TensorFlowDatasetOptions

    def __init__(self, features):
        self._features = features

    def feature_spec(self):
        """The parsing spec of the examples, by feature name."""
        import tensorflow as tf

        spec = {}
        for feature in self._features:
            dtype = getattr(tf, feature["dtype"])
            if feature["shape"] is None:
                spec[feature["name"]] = tf.io.VarLenFeature(dtype)
            else:
                spec[feature["name"]] = tf.io.FixedLenFeature(feature["shape"], dtype)
        return spec

    def tf_dataset_factory(self, file_pattern, dataset_options, schema=None):
        """Batches of parsed examples; with label_key pairs (features, label).

        The spec comes from the schema the trainer was given; `schema` is accepted and ignored.
        """
        import tensorflow as tf

        def option(name, default):
            value = getattr(dataset_options, name, None)
            return default if value is None else value

        files = tf.io.gfile.glob(file_pattern)
        if not files:
            raise ValueError(f"no files match {file_pattern}")
        with open(files[0], "rb") as first:
            compression = "GZIP" if first.read(2) == b"\x1f\x8b" else ""
        dataset = tf.data.TFRecordDataset(sorted(files), compression_type=compression)
        if option("shuffle", True):
            dataset = dataset.shuffle(
                option("shuffle_buffer_size", 10000), seed=option("shuffle_seed", None)
            )
        dataset = dataset.repeat(option("num_epochs", -1))
        dataset = dataset.batch(
            dataset_options.batch_size, drop_remainder=option("drop_final_batch", False)
        )
        spec = self.feature_spec()
        label = option("label_key", None)

        def parse(records):
            parsed = tf.io.parse_example(records, spec)
            return (parsed, parsed.pop(label)) if label else parsed

        return dataset.map(parse).prefetch(option("prefetch_buffer_size", tf.data.AUTOTUNE))


class FnArgs:
    """The arguments of run_fn, under the names TFX gives them."""

    def __init__(self, values):
        features = values.pop("features")
        self.data_accessor = DataAccessor(features)
        self.__dict__.update(values)

    def get(self, name, default=None):
        return getattr(self, name, default)


def load_module(path):
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def end_with_parent():
    """Has the kernel end this process when the one that started it is killed (Linux)."""
    try:
        libc = ctypes.CDLL(None)
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (OSError, AttributeError):
        pass
    if os.environ.get("BESSEMER_PARENT", str(os.getppid())) != str(os.getppid()):
        sys.exit("the process that started this one is gone")


def main():
    end_with_parent()
    with open(sys.argv[1], encoding="utf-8") as file:
        values = json.load(file)
    module_file = values.pop("module_file")
    function_name = values.pop("run_fn")
    module = load_module(module_file)
    function = getattr(module, function_name, None)
    if function is None:
        sys.exit(f"{module_file} has no function '{function_name}'")
    function(FnArgs(values))


if __name__ == "__main__":
    main()
