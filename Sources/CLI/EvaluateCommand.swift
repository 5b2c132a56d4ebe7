internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeTraining
internal import Foundation

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Accuracy, loss and confusion matrix of a checkpoint.",
    discussion: """
      The recipe is the checkpoint's own. --set replaces what is to be another now: \
      data.testLimit=null for all test samples, say, or network.timeSteps=10.
      """)

  @Argument(
    help: ArgumentHelp(
      "A checkpoint, or a run folder, whose best.safetensors is then taken: the checkpoint that "
        + "training.modelSelection chooses."))
  var checkpoint: String

  @OptionGroup var machine: MachineOptions
  @OptionGroup var changes: SettingChanges

  @Option(help: "Which samples: test, validation (the held-back or official ones) or training.")
  var split = SampleSplit.test

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @OptionGroup var output: QuietOption

  @Option(
    help: ArgumentHelp(
      "Writes each sample's label, prediction, scores and output spikes to this file: .jsonl for JSON "
        + "lines, .csv for a table.", valueName: "file"))
  var predictions: String?

  func validate() throws {
    guard let predictions else { return }
    let name = predictions.lowercased()
    guard !PredictionFile.endings.contains(where: name.hasSuffix) else { return }
    throw ValidationError(
      "--predictions is “\(predictions.excerpt)”; its name must end in "
        + PredictionFile.endings.joined(separator: " or "))
  }

  func run() throws {
    let path =
      checkpoint.isFolder ? try RunFolder(existing: checkpoint).chosenCheckpointPath : checkpoint
    let saved = try Checkpoint(contentsOf: path)
    let checkpoint = try changes.applied(to: saved)
    if let predictions { try AtomicFile.checkWritable(predictions) }
    let data = try machine.load(
      checkpoint.recipe, quiet: json || output.quiet, rememberedBy: path)
    var remarks = saved.remarks(on: data, by: checkpoint.recipe, isTest: split == .test)
    var file = predictions.map {
      PredictionFile($0, classNames: data.classNames, names: split.names(of: data))
    }
    let result = try checkpoint.network().evaluate(
      split.samples(of: data), loss: checkpoint.recipe.loss, workers: machine.workers
    ) { file?.append($0) }
    if let predictions { try file?.write(to: predictions) }
    if result.isUndecided { remarks.append(Evaluation.undecidedRemark) }
    if json {
      Console.line(
        result.json([
          "checkpoint": .string(path), "epoch": .integer(checkpoint.completedEpochs),
          "dataSet": .string(data.name), "split": .string(split.rawValue),
          "classes": .array(data.classNames.map { .string($0) }),
          "remarks": .array(remarks.map { .string($0) }),
        ]))
    } else {
      show(result, of: path, checkpoint, data)
      for remark in remarks { Console.line(remark) }
    }
  }

  private func show(
    _ result: Evaluation, of path: String, _ checkpoint: Checkpoint, _ data: DataSet
  ) {
    if !output.quiet {
      Console.line(
        "\(path), after \(checkpoint.completedEpochs.counted("epoch")), on "
          + "\(result.samples.grouped) \(split.rawValue) samples of \(data.name)")
    }
    let rates = result.firingRates.isEmpty ? [] : ["firing rates \(result.firingRates.text)"]
    if let rmse = result.rmse {
      Console.line("RMSE \(rmse.fixed(4))  loss \(result.loss.fixed(4))")
      return rates.forEach(Console.line)
    }
    Console.line(
      "accuracy \(result.accuracy.percent)  loss \(result.loss.fixed(4))  macro F1 "
        + result.macroF1.fixed(4))
    rates.forEach(Console.line)
    Console.line()
    Console.line("confusion matrix: a row a class, a column a prediction")
    let names = data.classNames
    var rows = [[""] + names.indices.map { "\($0)" } + ["recall", "precision"]]
    for ((label, counts), score) in zip(result.confusion.enumerated(), result.classScores) {
      rows.append(
        [names[label] == "\(label)" ? "\(label)" : "\(label) \(names[label].excerpt)"]
          + counts.map { $0 == 0 ? "·" : "\($0)" }
          + [score.recall, score.precision].map { $0?.percent ?? "–" })
    }
    for line in TextTable(rows: rows).lines { Console.line(line) }
  }
}
