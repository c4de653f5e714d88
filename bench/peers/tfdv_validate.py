"""Seconds TFDV takes to validate statistics by a schema, without start-up, on stdout.

Usage: tfdv_validate.py FeatureStats.pb schema.pbtxt
"""

import sys
import time

import tensorflow_data_validation as tfdv

statistics = tfdv.load_stats_binary(sys.argv[1])
schema = tfdv.load_schema_text(sys.argv[2])
tfdv.validate_statistics(statistics, schema)
begin = time.perf_counter()
tfdv.validate_statistics(statistics, schema)
print(time.perf_counter() - begin)
