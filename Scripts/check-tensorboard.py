"""Reads the log of a run of two epochs on yin-yang, paused after the first, by TensorBoard's own code."""

import io
import json
import pathlib
import sys

from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

LAYERS = ["dense_1", "output"]


def main(run):
    log = EventAccumulator(
        str(run), size_guidance={"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}
    )
    log.Reload()
    tags = log.Tags()
    metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert len(metrics) == 2, metrics
    steps = [line["step"] for line in metrics]

    # Scalars say what the metrics say, each epoch once.
    for tag, key in {
        "loss/training": "loss",
        "loss/validation": "validationLoss",
        "accuracy/training": "trainAccuracy",
        "accuracy/validation": "validationAccuracy",
        "epoch/learningRate": "learningRate",
        "epoch/samplesPerSecond": "samplesPerSecond",
    }.items():
        points = log.Scalars(tag)
        assert [point.step for point in points] == steps, (tag, points)
        for point, line in zip(points, metrics):
            assert abs(point.value - line[key]) <= 1e-6 * abs(line[key]), (tag, point, line)
    for layer in LAYERS:
        for point, line in zip(log.Scalars(f"firingRate/{layer}"), metrics):
            assert abs(point.value - line["firingRates"][layer]) < 1e-6
        assert all(point.value > 0 for point in log.Scalars(f"gradientNorm/{layer}"))
    points = [point.step for point in log.Scalars("step/loss")]
    assert points == sorted(set(points)) and points[-1] == steps[-1], points

    # A histogram's counts are those of its values.
    for layer in LAYERS:
        for kind in ["weights", "gradients", "membrane", "spikeCount"]:
            for event in log.Histograms(f"{kind}/{layer}"):
                histogram = event.histogram_value
                assert sum(histogram.bucket) == histogram.num > 0
                assert histogram.min <= histogram.max == histogram.bucket_limit[-1]
    last = log.Histograms("weights/dense_1")[-1].histogram_value
    assert last.num == 480, last.num

    for tag in ["confusion", "raster"]:
        event = log.Images(tag)[-1]
        image = Image.open(io.BytesIO(event.encoded_image_string))
        image.load()
        assert image.size == (event.width, event.height) and image.mode == "RGB"

    recipe = log.Tensors("recipe")[0].tensor_proto.string_val[0].decode()
    assert "set: yin-yang" in recipe, recipe
    assert b"dense_1" in log.Tensors("network")[0].tensor_proto.string_val[0]

    # The plugin for hyper-parameters finds settings, metrics and how the run ended.
    content = log.SummaryMetadata
    start = HParamsPluginData.FromString(
        content("_hparams_/session_start_info").plugin_data.content
    ).session_start_info
    assert abs(start.hparams["data.validation"].number_value - 0.1) < 1e-6
    assert start.hparams["data.set"].string_value == "yin-yang"
    experiment = HParamsPluginData.FromString(
        content("_hparams_/experiment").plugin_data.content
    ).experiment
    names = [metric.name.tag for metric in experiment.metric_infos]
    assert "accuracy/validation" in names and set(names) <= set(tags["scalars"]), names
    end = HParamsPluginData.FromString(
        content("_hparams_/session_end_info").plugin_data.content
    ).session_end_info
    assert end.status == 1, end
    assert content("_hparams_/experiment").plugin_data.plugin_name == metadata.PLUGIN_NAME
    print(f"check-tensorboard: {len(tags['scalars'])} scalars, {len(tags['histograms'])} histograms")


main(pathlib.Path(sys.argv[1]))
