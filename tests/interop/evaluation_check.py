"""evaluation_check.py FOLDER: the real TensorFlow Model Analysis reads a folder of evaluation results.

Run with the interop environment on what `bessemer evaluate -o FOLDER` or an Evaluator wrote. Every
slice must load with its metrics, every plot and the validation result must parse, and each slice
that has thresholds must be decided.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow_model_analysis as tfma  # noqa: E402


def main(folder):
    with open(os.path.join(folder, "eval_config.json")) as file:
        run = json.load(file)
    names = [spec.get("name", "") for spec in run["evalConfig"].get("modelSpecs", [{}])]
    for name in names:
        result = tfma.load_eval_result(folder, model_name=name or None)
        assert result.slicing_metrics, f"no slices of model {name!r}"
        for key, metrics in result.slicing_metrics:
            outputs = metrics.get("", {})
            assert outputs, f"slice {key} of model {name!r} has no metrics"
        count = sum(len(m.get("", {}).get("", {})) for _, m in result.slicing_metrics)
        print(f"model {name!r}: {len(result.slicing_metrics)} slices, {count} values, "
              f"{len(result.plots)} slices with plots")
    slices = sum(1 for _ in tfma.load_metrics(folder))
    assert slices == sum(1 for _ in tfma.load_plots(folder)), "metrics and plots differ in slices"
    validation = tfma.load_validation_result(folder)
    failures = sum(len(v.failures) for v in validation.metric_validations_per_slice)
    assert validation.validation_ok != (failures > 0 or validation.missing_thresholds), validation
    print(f"validation_ok {validation.validation_ok}, {failures} failures")


if __name__ == "__main__":
    main(sys.argv[1])
