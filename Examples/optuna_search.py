"""Searches a learning rate and a threshold with Optuna, which runs counterspike and reads its metrics.

    pip install optuna
    python Examples/optuna_search.py --counterspike .build/release/counterspike --trials 20

A trial is a run of `counterspike train`. After each epoch the trial's validation accuracy is reported, and
Optuna may end the trial: SIGINT lets counterspike finish its step and save. Exit status 70 is a training
that diverged, which is a result; any other failure ends the search.
"""

import argparse
import json
import pathlib
import signal
import subprocess
import time

import optuna

DIVERGED = 70
INTERRUPTED = 130


def epochs(run):
    """The lines of the run's metrics that are whole."""
    path = run / "metrics.jsonl"
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]


def objective(trial, options):
    rate = trial.suggest_float("optimizer.learningRate", 1e-4, 1e-1, log=True)
    threshold = trial.suggest_float("network.neuron.threshold", 0.5, 2.0)
    run = pathlib.Path(options.output) / f"trial-{trial.number:03}"
    process = subprocess.Popen(
        [options.counterspike, "train", options.recipe, "--quiet", "--output", str(run)]
        + ["--set", f"training.epochs={options.epochs}", "--set", "data.validation=0.1"]
        + ["--set", f"optimizer.learningRate={rate}"]
        + ["--set", f"network.neuron.threshold={threshold}"]
        + ["--threads", str(options.threads)]
    )
    reported = 0
    is_pruned = False
    while True:
        status = process.poll()
        for line in epochs(run)[reported:]:
            trial.report(line["validationAccuracy"], line["epoch"])
            reported += 1
        if status is not None:
            break
        if not is_pruned and reported and trial.should_prune():
            is_pruned = True
            process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    if status == DIVERGED or (is_pruned and status == INTERRUPTED):
        raise optuna.TrialPruned()
    if status != 0:
        raise RuntimeError(f"counterspike ended with status {status}")
    return max(line["validationAccuracy"] for line in epochs(run))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--counterspike", default="counterspike", help="the command")
    parser.add_argument("--recipe", default="yin-yang")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1, help="threads of a run")
    parser.add_argument("--output", default="runs/optuna", help="a new folder for the runs")
    options = parser.parse_args()
    pathlib.Path(options.output).mkdir(parents=True)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=1),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
    )
    study.optimize(lambda trial: objective(trial, options), n_trials=options.trials)
    pruned = sum(trial.state == optuna.trial.TrialState.PRUNED for trial in study.trials)
    print(f"best {study.best_value:.4f} by {study.best_params}; {pruned} trials ended early")


if __name__ == "__main__":
    main()
