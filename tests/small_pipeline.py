"""A pipeline of every kind of step over two small CSV files, which tests kill or put elsewhere."""

import random


def pipeline_text(root, data, serving, metadata=None, infra_validator=False):
    """The file. `metadata`: where the store is, if not in the root."""
    return f"""\
pipeline: small
root: {root}
{f"metadata: {metadata}" if metadata else ""}
steps:
  - CsvExampleGen: {{input: '{data}/*.csv', splits: {{train: 2, eval: 1}}}}
  - StatisticsGen
  - SchemaGen
  - ExampleValidator
  - Transform:
      outputs:
        label: 'b > 50'
        a: z_score(a)
        c: vocabulary(c, num_oov_buckets=1)
  - Trainer: {{learner: linear, label: label, train_args: {{num_steps: 5}}, seed: 3}}
  - Evaluator:
      eval_config: {{label: label, metrics: [AUC, ExampleCount], thresholds: {{auc: {{min: 0.0}}}}}}
{"  - InfraValidator" if infra_validator else ""}
  - Pusher: {{destination: '{serving}'}}
"""


def csv_files():
    """{name: text} of the input."""
    files = {}
    for part in range(2):
        rng = random.Random(part)
        rows = [f"{rng.random():.4f},{rng.randrange(100)},{rng.choice('xyz')}" for _ in range(400)]
        files[f"part-{part}.csv"] = "a,b,c\n" + "\n".join(rows) + "\n"
    return files
