internal import ArgumentParser
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeTraining
internal import Foundation

struct EvaluateCommand: ParsableCommand {
  enum Split: String, ExpressibleByArgument, CaseIterable {
    case test
    case validation
    case training
  }

  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Accuracy, loss and confusion matrix of a checkpoint.",
    discussion: """
      The recipe is the checkpoint's own. --set replaces what is to be another now: \
      data.testLimit=null for all test samples, say, or network.timeSteps=10.
      """)

  @Argument(help: "A checkpoint, or a run folder, whose best checkpoint is then taken.")
  var checkpoint: String

  @OptionGroup var machine: MachineOptions
  @OptionGroup var changes: SettingChanges

  @Option(help: "Which samples: test, validation (the held-back or official ones) or training.")
  var split = Split.test

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func run() throws {
    let path = checkpoint.isFolder ? try Self.checkpoint(of: checkpoint) : checkpoint
    let saved = try Checkpoint(contentsOf: path)
    let checkpoint = try changes.applied(to: saved)
    let data = try machine.load(checkpoint.recipe, quiet: json)
    let remarks = saved.remarks(on: data, by: checkpoint.recipe, isTest: split == .test)
    let result = try checkpoint.network().evaluate(
      split.samples(of: data), loss: checkpoint.recipe.loss,
      workers: machine.workers)
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

  /// The best checkpoint of a run, or the last one until the first epoch is over.
  private static func checkpoint(of folder: String) throws(CounterspikeError) -> String {
    let run = try RunFolder(existing: folder)
    let hasBest = FileManager.default.fileExists(atPath: run.bestCheckpointPath)
    return hasBest ? run.bestCheckpointPath : run.lastCheckpointPath
  }

  private func show(
    _ result: Evaluation, of path: String, _ checkpoint: Checkpoint, _ data: DataSet
  ) {
    Console.line(
      "\(path), after \(checkpoint.completedEpochs.counted("epoch")), on "
        + "\(result.samples.grouped) \(split.rawValue) samples of \(data.name)")
    Console.line("accuracy \(result.accuracy.percent)  loss \(result.loss.fixed(4))")
    let rates = result.firingRates.map { "\($0.layer) \($0.rate.fixed(3))" }
    Console.line("firing rates " + rates.joined(separator: ", "))
    Console.line()
    Console.line("confusion matrix: a row a class, a column a prediction")
    let names = data.classNames
    var rows = [[""] + names.indices.map { "\($0)" } + ["right"]]
    for (label, counts) in result.confusion.enumerated() {
      let total = counts.reduce(0, +)
      let right = total > 0 ? (Double(counts[label]) / Double(total)).percent : "–"
      rows.append(
        [names[label] == "\(label)" ? "\(label)" : "\(label) \(names[label])"]
          + counts.map { $0 == 0 ? "·" : "\($0)" } + [right])
    }
    for line in TextTable(rows: rows).lines { Console.line(line) }
  }
}

extension EvaluateCommand.Split {
  /// - Throws: `mismatch` for validation samples of a recipe that holds none back.
  func samples(of data: DataSet) throws(CounterspikeError) -> any SampleSource {
    switch self {
    case .test: return data.test
    case .training: return data.training
    case .validation:
      if let samples = data.validation { return samples }
      throw CounterspikeError(
        .mismatch,
        "the recipe holds no training samples back for validation (data.validation is 0); choose "
          + "--split test or training")
    }
  }
}

extension String {
  /// Whether there is a folder of this path.
  var isFolder: Bool {
    (try? FileManager.default.attributesOfItem(atPath: self)[.type] as? FileAttributeType)
      == .typeDirectory
  }
}
