"""Writes random validation cases with the answers of TensorFlow Data Validation.

Usage: validation_cases.py --count 2000 --seed 1 --out DIR/validation_random.jsonl
Needs the environment of tools/setup.sh that holds the original libraries (.deps/interop). The cases
have the form of the conformance suites; run them with
    bin/conformance DIR
A case on which the original ends the process is written with status "crash": an error is expected.
"""

import argparse
import glob
import importlib.util
import json
import os
import random
import sys

from google.protobuf import text_format
from tensorflow_data_validation.anomalies.proto import validation_config_pb2
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

NAMES = ["a", "b", "c.d", "e f", "s"]
WORDS = ["x", "y", "z", "1", "0", "-7", "2.5", "true", "false", "", "nan", "inf", " 3 ", "9" * 20]
TYPES = ["INT", "FLOAT", "STRING", "BYTES", "STRUCT"]
SCHEMA_TYPES = ["BYTES", "INT", "FLOAT", "STRUCT"]
STAGES = ["UNKNOWN_STAGE", "PLANNED", "ALPHA", "BETA", "PRODUCTION", "DEPRECATED", "DEBUG_ONLY",
          "DISABLED", "VALIDATION_DERIVED"]


def original():
  """The functions of the library, without the Beam and TensorFlow imports around them."""
  root = [p for p in sys.path if p.endswith("site-packages")][0]
  path = glob.glob(f"{root}/tensorflow_data_validation/pywrap/*extension*.so")[0]
  spec = importlib.util.spec_from_file_location("tensorflow_data_validation_extension", path)
  module = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(module)
  return module.validation


def forked(call):
  """(status, bytes) of a call that may end the process."""
  read, write = os.pipe()
  child = os.fork()
  if child == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
      answer = b"k" + call()
    except Exception as error:  # pylint: disable=broad-except
      answer = b"e" + str(error).encode()
    with os.fdopen(write, "wb") as pipe:
      pipe.write(answer)
    os._exit(0)
  os.close(write)
  with os.fdopen(read, "rb") as pipe:
    answer = pipe.read()
  os.waitpid(child, 0)
  if not answer:
    return "crash", b""
  return ("ok" if answer[:1] == b"k" else "error"), answer[1:]


class Generator:
  """Random messages that are near to each other: most fields agree, some do not."""

  def __init__(self, seed):
    self.r = random.Random(seed)

  def maybe(self, probability):
    return self.r.random() < probability

  def common(self, common, nested, num_examples):
    r = self.r
    present = r.choice([0, 1, num_examples - 1, num_examples, num_examples, num_examples])
    common.num_non_missing = max(present, 0)
    common.num_missing = max(num_examples - common.num_non_missing, 0)
    low = r.choice([0, 1, 1, 1, 2])
    common.min_num_values = low
    common.max_num_values = low + r.choice([0, 0, 0, 1, 3])
    common.avg_num_values = low
    common.tot_num_values = common.num_non_missing * low
    if nested:
      for _ in range(r.choice([1, 2, 2, 3])):
        level = common.presence_and_valency_stats.add()
        level.num_missing = r.choice([0, 0, 0, 1])
        level.num_non_missing = common.num_non_missing
        level.min_num_values = r.choice([0, 1, 1, 2])
        level.max_num_values = level.min_num_values + r.choice([0, 0, 1])
    if self.weighted or self.maybe(0.1):
      common.weighted_common_stats.num_non_missing = common.num_non_missing * 0.5
      common.weighted_common_stats.num_missing = common.num_missing * 0.5
      common.weighted_common_stats.tot_num_values = common.tot_num_values * 0.5
      for level in common.presence_and_valency_stats:
        copy = common.weighted_presence_and_valency_stats.add()
        copy.num_missing = level.num_missing * 0.5
        copy.num_non_missing = level.num_non_missing * 0.5

  def ranks(self, ranks, words):
    for word in words:
      ranks.buckets.add(label=word, sample_count=self.r.choice([1, 1, 2, 5, 10.5]))

  def strings(self, stats):
    r = self.r
    pool = r.choice([WORDS, ["1", "0"], ["true", "false"], ["x", "y", "z"], ["1", "2", "-7"],
                     ["1.5", "2"], ["x", "y", "z", "w", "v"]])
    words = r.sample(pool, min(len(pool), r.choice([0, 1, 2, 2, 3, 5])))
    self.ranks(stats.rank_histogram, words)
    if self.weighted:
      self.ranks(stats.weighted_string_stats.rank_histogram, words)
    stats.unique = len(words)
    stats.avg_length = 2
    if self.maybe(0.05):
      stats.invalid_utf8_count = 3

  def histogram(self, histogram, low, high):
    r = self.r
    n = r.choice([1, 2, 4])
    for i in range(n):
      histogram.buckets.add(low_value=low + (high - low) * i / n,
                            high_value=low + (high - low) * (i + 1) / n,
                            sample_count=r.choice([0, 1, 2, 5]))
    if self.maybe(0.15):
      histogram.num_nan = 2
    if self.maybe(0.08):
      end = r.choice([float("inf"), float("-inf")])
      histogram.buckets.add(low_value=end, high_value=end, sample_count=r.choice([1, 3]))

  def numbers(self, stats):
    r = self.r
    stats.min = r.choice([0, 0, 1, -1, 0.5, 5, -1e19, float("-inf"), 2])
    stats.max = max(stats.min, r.choice([1, 1, 0, 2, 10, 0.5, 1e19, float("inf")]))
    low, high = max(stats.min, -100), min(stats.max, 100)
    for kind in (statistics_pb2.Histogram.STANDARD, statistics_pb2.Histogram.QUANTILES):
      if self.maybe(0.8):
        self.histogram(stats.histograms.add(type=kind), low, max(low, high))
        if self.weighted:
          self.histogram(stats.weighted_numeric_stats.histograms.add(type=kind), low,
                         max(low, high))

  def custom(self, feature):
    r = self.r
    if self.maybe(0.1):
      feature.custom_stats.add(name="domain_info", str=r.choice(
          ["mid_domain {}", "image_domain {}", "name: 'x'", "url_domain {} type: INT", "junk {",
           "time_domain { string_format: '%Y' }", "natural_language_domain {}"]))
    if self.maybe(0.1):
      custom = feature.custom_stats.add(name="image_format_histogram")
      self.ranks(custom.rank_histogram, r.sample(["UNKNOWN", "png", "jpeg"], 2))
    if self.maybe(0.15):
      custom = feature.custom_stats.add(name="nl_statistics")
      nl = statistics_pb2.NaturalLanguageStatistics(
          feature_coverage=r.choice([0.2, 0.5, 1]), avg_token_length=r.choice([1, 3, 8]))
      for token in r.sample(["x", "y"], r.choice([0, 1, 2])):
        nl.token_statistics.add(string_token=token, frequency=1,
                                fraction_of_sequences=r.choice([0, 0.3, 1]),
                                per_sequence_min_frequency=r.choice([0, 1, 2]),
                                per_sequence_max_frequency=r.choice([1, 2, 5]))
      if self.maybe(0.5):
        nl.token_statistics.add(int_token=7, fraction_of_sequences=0.5,
                                per_sequence_min_frequency=1, per_sequence_max_frequency=3)
      custom.any.Pack(nl)
    if self.maybe(0.05):
      feature.validation_derived_source.deriver_name = "reduce"

  def feature(self, feature, num_examples, kind):
    r = self.r
    kind = kind if self.maybe(0.85) else r.choice(TYPES)
    feature.type = statistics_pb2.FeatureNameStatistics.Type.Value(kind)
    nested = self.maybe(0.15)
    if kind == "INT" and self.maybe(0.1):  # integers that are categories
      self.common(feature.string_stats.common_stats, nested, num_examples)
      self.strings(feature.string_stats)
    elif kind in ("INT", "FLOAT") and self.maybe(0.9):
      self.common(feature.num_stats.common_stats, nested, num_examples)
      self.numbers(feature.num_stats)
    elif kind == "BYTES" and self.maybe(0.7):
      self.common(feature.bytes_stats.common_stats, nested, num_examples)
      feature.bytes_stats.max_num_bytes_int = r.choice([0, 10, 1000])
    elif kind == "STRUCT":
      self.common(feature.struct_stats.common_stats, nested, num_examples)
    else:
      self.common(feature.string_stats.common_stats, nested, num_examples)
      self.strings(feature.string_stats)
    self.custom(feature)

  def composite(self, feature):
    r = self.r
    for name in r.sample(["missing_value", "missing_weight", "min_weight_length_diff",
                          "max_weight_length_diff"], r.choice([0, 1, 2, 4])):
      feature.custom_stats.add(name=name, num=r.choice([0, 0, 0.5, 1, -2]))
    for name in r.sample(["missing_index", "max_length_diff", "min_length_diff"], 2):
      custom = feature.custom_stats.add(name=name)
      custom.rank_histogram.buckets.add(label="i", sample_count=r.choice([0, 0, 0.5, 3, -1]))

  def statistics(self, kinds):
    r = self.r
    stats = statistics_pb2.DatasetFeatureStatistics()
    stats.num_examples = r.choice([10, 10, 10, 1, 1000000] + ([0] if self.maybe(0.1) else []))
    if self.weighted:
      stats.weighted_num_examples = stats.num_examples * 0.5
    for name, kind in kinds.items():
      if self.maybe(0.12):
        continue
      feature = stats.features.add()
      feature.path.step.append(name)
      if kind == "COMPOSITE":
        self.composite(feature)
        continue
      self.feature(feature, stats.num_examples, kind)
      if feature.type == statistics_pb2.FeatureNameStatistics.STRUCT:
        for child in r.sample(["u", "v", "w"], r.choice([0, 1, 2])):
          below = stats.features.add()
          below.path.step.extend([name, child])
          self.feature(below, stats.num_examples, r.choice(TYPES[:3]))
    return stats

  def comparator(self, comparator):
    r = self.r
    if self.maybe(0.5):
      comparator.infinity_norm.threshold = r.choice([0, 0.1, 0.9])
    if self.maybe(0.5):
      comparator.jensen_shannon_divergence.threshold = r.choice([0, 0.1, 0.9])
      if self.maybe(0.5):
        comparator.jensen_shannon_divergence.source.type = r.choice([1, 2])
    if self.maybe(0.3):
      comparator.normalized_abs_difference.threshold = r.choice([0, 0.1, 0.9])

  def domain(self, feature, schema):
    r = self.r
    kind = r.choice(["", "", "domain", "missing", "int", "float", "string", "bool", "nl", "image",
                     "mid", "url", "time", "time_of_day"])
    if kind == "domain":
      feature.domain = r.choice([d.name for d in schema.string_domain] or ["none"])
    elif kind == "missing":
      feature.domain = "no such domain"
    elif kind == "int":
      feature.int_domain.SetInParent()
      if self.maybe(0.5):
        feature.int_domain.min = r.choice([-1, 0, 1])
      if self.maybe(0.5):
        feature.int_domain.max = r.choice([0, 1, 9])
    elif kind == "float":
      feature.float_domain.SetInParent()
      if self.maybe(0.5):
        feature.float_domain.min = r.choice([-1, 0, 1])
      if self.maybe(0.5):
        feature.float_domain.max = r.choice([0, 1, 9])
      feature.float_domain.disallow_nan = self.maybe(0.5)
      feature.float_domain.disallow_inf = self.maybe(0.5)
    elif kind == "string":
      feature.string_domain.value.extend(r.choices(["x", "y", "z", "1"], k=r.choice([0, 1, 3])))
    elif kind == "bool":
      feature.bool_domain.SetInParent()
      if self.maybe(0.6):
        feature.bool_domain.true_value = r.choice(["1", "true", "x"])
      if self.maybe(0.6):
        feature.bool_domain.false_value = r.choice(["0", "false", "x"])
    elif kind == "nl":
      self.natural_language(feature.natural_language_domain)
    elif kind == "image":
      feature.image_domain.SetInParent()
      if self.maybe(0.5):
        feature.image_domain.minimum_supported_image_fraction = r.choice([0.2, 0.6, 1])
      if self.maybe(0.5):
        feature.image_domain.max_image_byte_size = r.choice([5, 100])
    elif kind:
      getattr(feature, kind + "_domain").SetInParent()

  def natural_language(self, domain):
    r = self.r
    domain.SetInParent()
    if self.maybe(0.4):
      domain.coverage.min_coverage = r.choice([0.3, 0.9])
    if self.maybe(0.4):
      domain.coverage.min_avg_token_length = r.choice([2, 5])
    for token in r.sample(["x", "y", 7], r.choice([0, 1, 2])):
      bounds = domain.token_constraints.add()
      if isinstance(token, int):
        bounds.int_value = token
      elif self.maybe(0.9):
        bounds.string_value = token
      if self.maybe(0.5):
        bounds.min_per_sequence = r.choice([1, 2])
      if self.maybe(0.5):
        bounds.max_per_sequence = r.choice([1, 3])
      if self.maybe(0.5):
        bounds.min_fraction_of_sequences = r.choice([0.2, 0.6])
      if self.maybe(0.5):
        bounds.max_fraction_of_sequences = r.choice([0.2, 0.6])

  def schema_feature(self, feature, name, kind, schema):
    r = self.r
    if self.maybe(0.98):
      feature.name = name
    if self.maybe(0.97):
      own = {"STRING": "BYTES"}.get(kind, kind)
      if own not in SCHEMA_TYPES or self.maybe(0.1):
        own = r.choice(SCHEMA_TYPES)
      feature.type = schema_pb2.FeatureType.Value(own)
    if self.maybe(0.6):
      feature.presence.SetInParent()
      if self.maybe(0.7):
        feature.presence.min_fraction = r.choice([1, 1, 0.9, 0.5, 0, -1, 1.5])
      if self.maybe(0.7):
        feature.presence.min_count = r.choice([0, 1, 5, 100])
    shape = r.choice(["", "", "count", "counts", "shape"])
    if shape == "count":
      self.value_count(feature.value_count)
    elif shape == "counts":
      for _ in range(r.choice([1, 2, 2, 3])):
        self.value_count(feature.value_counts.value_count.add())
    elif shape == "shape":
      feature.shape.SetInParent()
      for _ in range(r.choice([0, 1, 1, 2])):
        feature.shape.dim.add(size=r.choice([1, 1, 2, 0]))
    if feature.type != schema_pb2.STRUCT or self.maybe(0.1):
      self.domain(feature, schema)
    if self.maybe(0.1):
      feature.distribution_constraints.min_domain_mass = r.choice([0, 0.5, 0.9, 1])
    if self.maybe(0.15):
      feature.unique_constraints.SetInParent()
      if self.maybe(0.8):
        feature.unique_constraints.min = r.choice([0, 1, 3])
      if self.maybe(0.8):
        feature.unique_constraints.max = r.choice([0, 2, 5])
    if self.maybe(0.4):
      self.comparator(feature.drift_comparator)
    if self.maybe(0.3):
      self.comparator(feature.skew_comparator)
    if self.maybe(0.15):
      feature.in_environment.append(r.choice(["E", "F"]))
    if self.maybe(0.15):
      feature.not_in_environment.extend(r.choice([["E"], ["F"], ["E", "E"]]))
    if self.maybe(0.15):
      feature.lifecycle_stage = schema_pb2.LifecycleStage.Value(r.choice(STAGES))
    if self.maybe(0.02):
      feature.deprecated = True
    if self.maybe(0.05):
      feature.validation_derived_source.deriver_name = "slice"

  def value_count(self, count):
    r = self.r
    if self.maybe(0.7):
      count.min = r.choice([0, 1, 1, 2, -1])
    if self.maybe(0.7):
      count.max = r.choice([1, 1, 2, 5, 0])

  def schema(self, kinds):
    r = self.r
    schema = schema_pb2.Schema()
    for name in r.sample(["a", "D", "a2"], r.choice([0, 1, 2])):
      schema.string_domain.add(name=name, value=r.choices(["x", "y", "z", "1"], k=3))
    for name, kind in kinds.items():
      if self.maybe(0.12):
        continue
      if kind == "COMPOSITE":
        if self.maybe(0.5):
          schema.sparse_feature.add(name=name).lifecycle_stage = r.choice([0, 0, 0, 4, 5])
        else:
          schema.weighted_feature.add(name=name).lifecycle_stage = r.choice([0, 0, 0, 4, 5])
        continue
      feature = schema.feature.add()
      self.schema_feature(feature, name, kind, schema)
      if feature.type == schema_pb2.STRUCT:
        for child in r.sample(["u", "v", "w"], r.choice([0, 1, 2])):
          self.schema_feature(feature.struct_domain.feature.add(), child, r.choice(TYPES[:3]),
                              schema)
      if self.maybe(0.02):
        schema.sparse_feature.add(name=name)
      if self.maybe(0.02):
        schema.weighted_feature.add(name=name)
    if self.maybe(0.3):
      schema.default_environment.append("E")
    if self.maybe(0.25):
      self.constraints(schema.dataset_constraints)
    return schema

  def constraints(self, constraints):
    r = self.r
    constraints.SetInParent()
    if self.maybe(0.5):
      constraints.min_examples_count = r.choice([1, 11])
    if self.maybe(0.5):
      constraints.max_examples_count = r.choice([1, 11])
    for comparator in (constraints.num_examples_drift_comparator,
                       constraints.num_examples_version_comparator):
      if self.maybe(0.5):
        comparator.min_fraction_threshold = r.choice([0.5, 2])
      if self.maybe(0.5):
        comparator.max_fraction_threshold = r.choice([0.5, 2])

  def case(self):
    r = self.r
    self.weighted = self.maybe(0.15)
    kinds = {name: r.choice(TYPES) for name in r.sample(NAMES, r.choice([1, 2, 3]))}
    if self.maybe(0.15) and not self.weighted:  # the original does not survive both
      kinds["sparse"] = "COMPOSITE"
    case = {"schema": self.schema(kinds), "statistics": self.statistics(kinds)}
    for key in ("previous_span_statistics", "serving_statistics", "previous_version_statistics"):
      if self.maybe(0.5):
        case[key] = self.statistics(kinds)
    if self.maybe(0.1):
      for key, statistics in case.items():
        if key != "schema":
          by_name(statistics)
    return case


def by_name(statistics):
  """Names features as TensorFlow Data Validation did before it had paths."""
  for feature in statistics.features:
    name = ".".join(feature.path.step)
    feature.name = name


def hex_config(r):
  config = validation_config_pb2.ValidationConfig()
  if r.random() < 0.3:
    config.new_features_are_warnings = True
  for _ in range(r.choice([0, 0, 1, 3])):
    config.severity_overrides.add(
        type=r.choice([36, 14, 16, 35, 50, 51, 70]), severity=r.choice([0, 1, 2]))
  return config.SerializeToString()


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--count", type=int, default=500)
  parser.add_argument("--seed", type=int, default=1)
  parser.add_argument("--out", required=True)
  arguments = parser.parse_args()
  library = original()
  generator = Generator(arguments.seed)
  with open(arguments.out, "w", encoding="utf-8") as out:
    for i in range(arguments.count):
      messages = generator.case()
      op = generator.r.choice(["validate", "validate", "validate", "infer_schema", "update_schema"])
      size = generator.r.choice([0, 2, 100])
      shape = generator.maybe(0.5)
      environment = generator.r.choice(["", "", "E", "F"])
      config = hex_config(generator.r) if generator.maybe(0.2) else b""
      wire = {key: message.SerializeToString() for key, message in messages.items()}
      if op == "validate":
        status, answer = forked(lambda: library.ValidateFeatureStatistics(
            wire["statistics"], wire["schema"], environment.encode(),
            wire.get("previous_span_statistics", b""), wire.get("serving_statistics", b""),
            wire.get("previous_version_statistics", b""), b"", config, False))
        result, key = anomalies_pb2.Anomalies(), "anomalies"
      elif op == "infer_schema":
        status, answer = forked(lambda: library.InferSchema(wire["statistics"], size, shape))
        result, key = schema_pb2.Schema(), "schema"
      else:
        status, answer = forked(
            lambda: library.UpdateSchema(wire["schema"], wire["statistics"], size))
        result, key = schema_pb2.Schema(), "schema"
      expected = {"status": status}
      if status == "ok":
        result.ParseFromString(answer)
        if key == "anomalies":
          result.ClearField("baseline")
        expected[key] = text_format.MessageToString(result)
      given = {k: text_format.MessageToString(m) for k, m in messages.items()}
      given.update(environment=environment, validation_config_hex=config.hex(),
                   max_string_domain_size=size, infer_feature_shape=shape)
      out.write(json.dumps({"id": f"random/{arguments.seed}/{i}", "op": op, "input": given,
                            "expected": expected}) + "\n")


if __name__ == "__main__":
  main()
  os._exit(0)  # the library's destructors end the process with an error
