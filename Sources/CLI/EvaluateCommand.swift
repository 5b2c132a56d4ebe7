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
    abstract: "Accuracy, loss and confusion matrix of a checkpoint.")

  @Argument(help: "A checkpoint, or a run folder, whose best checkpoint is then taken.")
  var checkpoint: String

  @OptionGroup var machine: MachineOptions

  @Option(help: "Which samples: test, validation (those that the recipe holds back) or training.")
  var split = Split.test

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func run() throws {
    let path = checkpoint.isFolder ? try Self.checkpoint(of: checkpoint) : checkpoint
    let checkpoint = try Checkpoint(contentsOf: path)
    let data = try machine.load(checkpoint.recipe, quiet: json)
    let result = try checkpoint.network().evaluate(
      split.samples(of: data), loss: checkpoint.recipe.loss,
      workers: machine.workers)
    if json {
      Console.line(result.json(split: split.rawValue))
    } else {
      show(result, of: path, data)
    }
  }

  /// The best checkpoint of a run, or the last one until the first epoch is over.
  private static func checkpoint(of folder: String) throws(CounterspikeError) -> String {
    let run = try RunFolder(existing: folder)
    let hasBest = FileManager.default.fileExists(atPath: run.bestCheckpointPath)
    return hasBest ? run.bestCheckpointPath : run.lastCheckpointPath
  }

  private func show(_ result: Evaluation, of path: String, _ data: DataSet) {
    Console.line("\(path) on \(result.samples.grouped) \(split.rawValue) samples of \(data.name)")
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
