"""TFDV's statistics of TFRecords or CSV, with its default options.

Usage: tfdv_statistics.py FILE
"""

import sys

import tensorflow_data_validation as tfdv

path = sys.argv[1]
generate = tfdv.generate_statistics_from_csv if path.endswith(".csv") else tfdv.generate_statistics_from_tfrecord
assert generate(path).datasets[0].num_examples
