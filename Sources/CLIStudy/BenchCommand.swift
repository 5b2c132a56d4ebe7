internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeStudy
internal import CounterspikeTraining
internal import Foundation

struct BenchCommand: ParsableCommand {
  enum Activity: String, ExpressibleByArgument, CaseIterable {
    case silent
    case normal
    case saturated

    var ofNeurons: StepBenchmark.Activity {
      switch self {
      case .silent: .silent
      case .normal: .normal
      case .saturated: .saturated
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures how fast a recipe trains on this machine, and where the time goes.",
    discussion: """
      Trains for some seconds on synthetic samples of the recipe's shape; needs no data. The profile \
      compares each pass with what one worker reaches at most on this machine, in a convolution \
      that suits it (GFLOP/s) or in a sum of long arrays (GB/s); what fits the caches can be \
      faster than the latter. Multiply-adds count as two operations, padding as none.
      """)

  @Argument(
    help: ArgumentHelp(
      "A recipe's file, or a recipe that comes with counterspike: "
        + Recipe.builtInNames.joined(separator: ", ") + ".",
      valueName: "recipe"))
  var recipe: String?

  @OptionGroup var changes: RecipeChanges

  @Option(help: "Worker threads (default: one a processor).")
  var threads: Int?

  @Option(help: "Training steps to measure (default: as many as two seconds hold).")
  var steps: Int?

  @Option(help: "Different batches of synthetic samples that the steps go round.")
  var batches = 4

  @Option(help: "How much the neurons fire: silent, normal (fresh weights) or saturated.")
  var activity = Activity.normal

  @Option(
    help: ArgumentHelp(
      "Scales each layer's weights until its neurons fire so often, from 0 to 1: spikes a neuron "
        + "and time step. Runs of different length then do equal work in a step.", valueName: "rate"
    ))
  var firingRate: Double?

  @Option(
    help: ArgumentHelp(
      "Shape of a sample, 3x32x32 for colour images, 10x2x34x34 for ten steps of spikes "
        + "(default: that of the recipe's data set).", valueName: "shape"))
  var sample: SampleShape?

  @Flag(
    help: ArgumentHelp(
      "Trains on the recipe's own data in place of synthetic samples: reading and transforming them "
        + "is then part of a step, in the row “load”."))
  var ownData = false

  @Option(
    help: ArgumentHelp(
      "Folder with the data set's files, for --own-data; without it, the usual places.",
      valueName: "folder"))
  var data: String?

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @OptionGroup var output: QuietOption

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); allowed are 1 to 1024")
    }
    if let steps, !(1...1_000_000).contains(steps) {
      throw ValidationError("--steps is \(steps); allowed are 1 to 1000000")
    }
    if data != nil && !ownData {
      throw ValidationError("--data names the folder of --own-data; give both, or neither")
    }
    if ownData && (sample != nil || firingRate != nil || activity != .normal) {
      throw ValidationError(
        "--own-data is for the recipe's samples and fresh weights; leave out --sample, --activity and "
          + "--firing-rate")
    }
    if let firingRate, !(0...1).contains(firingRate) {
      throw ValidationError("--firing-rate is \(firingRate); allowed are 0 to 1")
    }
    if !(1...1000).contains(batches) {
      throw ValidationError("--batches is \(batches); allowed are 1 to 1000")
    }
  }

  func run() throws {
    let recipe = try changes.recipe(self.recipe)
    let own = ownData ? try DataSet.load(recipe, folder: data, progress: output.progress) : nil
    let shape =
      try own?.shape ?? sample?.sizes
      ?? DataSet.form(of: recipe, folder: data).sampleShape
    var settings = BenchmarkReport.Settings()
    settings.activity = activity.ofNeurons
    settings.firingRate = firingRate
    settings.batches = batches
    settings.steps = steps
    settings.workers = threads
    let report = try BenchmarkReport(
      recipe, sampleShape: shape, samples: own?.training, settings: settings)
    if json {
      Console.line(report.json)
    } else {
      show(report, shape)
    }
  }

  private func show(_ report: BenchmarkReport, _ shape: [Int]) {
    if !output.quiet { introduce(report, shape) }
    for line in TextTable(rows: speeds(report)).lines { Console.line(line) }
    Console.line()
    for line in profile(report).lines { Console.line(line) }
  }

  private func introduce(_ report: BenchmarkReport, _ shape: [Int]) {
    let recipe = report.recipe
    Console.line(
      "\(LayerNotation.format(recipe.network.layers) ?? recipe.name) on "
        + shape.map { "\($0)" }.joined(separator: "×")
        + ", \(recipe.network.timeSteps.counted("time step")), batch \(recipe.training.batchSize), rule "
        + "\(recipe.gradient.rule.rawValue), \(recipe.network.precision.rawValue); "
        + "\(report.workers.counted("thread")) of \(report.usableWorkers) that have work, oneDNN "
        + report.libraryVersion)
    Console.line(
      "neurons \(firingRate == nil ? activity.rawValue : "scaled"), spikes a neuron and step: "
        + report.firingRates.text)
    Console.line()
  }

  private func speeds(_ report: BenchmarkReport) -> [[String]] {
    var rows = [
      [
        "training step",
        "\(report.steps.median.milliseconds), at best \(report.steps.minimum.milliseconds)",
      ],
      ["processor time a step", report.processorSecondsPerStep.milliseconds],
      ["training", "\(Int(report.samplesPerSecond).grouped) samples/s"],
      ["evaluation", "\(Int(report.evaluationSamplesPerSecond).grouped) samples/s"],
    ]
    if let bytes = report.peakBytes { rows.append(["peak memory", bytes.megabytes]) }
    let peaks = report.peakOperationsPerSecond.sorted { $0.value < $1.value }.map {
      "\(($0.value / 1e9).fixed(0)) GFLOP/s" + ($0.key == .float32 ? "" : " in \($0.key.rawValue)")
    }
    rows.append([
      "a worker's peak, all busy",
      (peaks + ["\((report.peakBytesPerSecond / 1e9).fixed(1)) GB/s"]).joined(separator: ", "),
    ])
    return rows
  }

  private func profile(_ report: BenchmarkReport) -> TextTable {
    var rows = [["layer, pass", "ms", "share", "GFLOP/s", "GB/s", "of peak"]]
    for row in report.profile.rows {
      let operations = row.operationsPerSecond
      let bytes = row.bytesPerSecond
      rows.append([
        (row.layer.map { "\($0) " } ?? "") + row.pass,
        (1e3 * row.seconds).fixed(3), "\((100 * row.share).fixed(1)) %",
        operations.map { ($0 / 1e9).fixed(1) } ?? "",
        bytes.map { ($0 / 1e9).fixed(1) } ?? "",
        report.shareOfPeak(row).map { "\((100 * $0).fixed(0)) %" } ?? "",
      ])
    }
    return TextTable(rows: rows)
  }
}

/// `3x32x32` or `10x2x34x34`.
struct SampleShape: ExpressibleByArgument {
  let sizes: [Int]

  init?(argument: String) {
    let words = argument.split(separator: "x", omittingEmptySubsequences: false)
    let sizes = words.compactMap { Int($0) }
    guard (3...4).contains(sizes.count), sizes.count == words.count,
      sizes.allSatisfy({ (1...65536).contains($0) })
    else { return nil }
    self.sizes = sizes
  }
}

extension Double {
  /// Seconds as `12.34 ms`.
  fileprivate var milliseconds: String { (1e3 * self).fixed(2) + " ms" }
}
