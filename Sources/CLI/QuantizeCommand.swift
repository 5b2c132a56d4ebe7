internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeTraining

struct QuantizeCommand: ParsableCommand {
  /// What shares a scale.
  enum Scale: String, ExpressibleByArgument, CaseIterable {
    case channel
    case layer

    var setting: QuantizationSettings.Scale { self == .channel ? .channel : .layer }
  }

  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Brings a network to integers, and says what that changes.",
    discussion: """
      Weights become integers of few bits with a scale a channel or layer; currents, membrane \
      potentials and post-synaptic currents are computed in 32-bit integers. Samples are predicted by \
      both networks, and their spikes compared. Normalizations are folded into the weights. Networks \
      with shortcuts, recurrence, delays, readouts or adaptive thresholds are refused.

      --finetune trains on before that, with weights that are rounded in all passes. Ctrl-C finishes the \
      step and saves; train --resume goes on.
      """)

  @Argument(
    help: ArgumentHelp(
      "A checkpoint, or a run folder, whose best.safetensors is then taken: the checkpoint that "
        + "training.modelSelection chooses."))
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "Bits of a weight, 2 to 8 (default: those that the run's weights were rounded to in training, or 8).",
      valueName: "number"))
  var bits: Int?

  @Option(
    help: "What shares a scale: channel or layer (default: as in the run's training, or channel).")
  var scale: Scale?

  @Flag(help: "First trains on with weights that are rounded in all passes, in a run of its own.")
  var finetune = false

  @Option(
    help: ArgumentHelp(
      "Of --finetune: passes over the training data (default: \(Self.usualEpochs)).",
      valueName: "number"))
  var epochs: Int?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "Of --finetune: the run folder, a new one (default: runs/<name>-<time>).",
      valueName: "folder"))
  var runFolder: String?

  @Option(help: "How many samples are compared.")
  var samples = 1000

  @Option(help: "Which samples: test, validation or training.")
  var split = SampleSplit.test

  @Option(
    help: ArgumentHelp(
      "Writes the integers to this safetensors file.", valueName: "file"))
  var output: String?

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var machine: MachineOptions
  @OptionGroup var changes: SettingChanges
  @OptionGroup var quiet: QuietOption

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  static let usualEpochs = 2

  func validate() throws {
    if let bits, !(2...8).contains(bits) {
      throw ValidationError("--bits is \(bits); it must be 2 to 8")
    }
    if let epochs {
      guard finetune else { throw ValidationError("--epochs is for --finetune; give both") }
      guard epochs > 0 else {
        throw ValidationError("--epochs is \(epochs); it must be at least 1")
      }
    }
    guard finetune || runFolder == nil else {
      throw ValidationError("--run is for --finetune; give both")
    }
    guard samples > 0 else {
      throw ValidationError("--samples is \(samples); it must be at least 1")
    }
  }

  func run() throws {
    let path =
      checkpoint.isFolder ? try RunFolder(existing: checkpoint).chosenCheckpointPath : checkpoint
    let saved = try changes.applied(to: try Checkpoint(contentsOf: path))
    try overwrite.check(output)
    let network = try saved.network()
    let trained = saved.recipe.training
    var settings = trained.rounding ?? QuantizationSettings()
    if let bits { settings.bits = bits }
    if let scale { settings.scale = scale.setting }
    // Refused before the data are read.
    _ = try network.quantized(settings)
    let data = try machine.load(saved.recipe, quiet: json || quiet.quiet, rememberedBy: path)
    settings.inputLimit = data.training.largestMagnitude(ofFirst: 1000)
    let tuning =
      finetune
      ? try QuantizationTuning(
        saved, at: path, settings, data, epochs: epochs ?? Self.usualEpochs, folder: runFolder,
        machine: machine) : nil
    let source = try split.samples(of: data)
    let samples = SampleSubset(source, indices: Array(0..<min(self.samples, source.count)))
    let before = try QuantizedCheckpoint(path, network, settings, samples)
    guard let tuning else { return try finish(before, data) }
    if !json { show(before, data, isTuned: false) }
    try tuning.train(quiet: json || quiet.quiet)
    let tuned = try tuning.checkpoint()
    try finish(
      QuantizedCheckpoint(tuning.checkpointPath, tuned.network(), settings, samples), data,
      before: before)
  }

  /// Writes and prints the result; `before`: without finetuning, where there was one.
  private func finish(
    _ result: QuantizedCheckpoint, _ data: DataSet, before: QuantizedCheckpoint? = nil
  ) throws {
    if let output { try result.integers.file.write(to: output) }
    guard !json else { return Console.line(line(result, before: before).description) }
    show(result, data, isTuned: before.map { _ in true })
    Console.line()
    var rows = [["layer", "firing rate", "in integers", "differing spikes"]]
    for layer in result.report.layers {
      rows.append([
        layer.name, layer.rate.fixed(4), layer.integerRate.fixed(4), layer.differing.percent,
      ])
    }
    for line in TextTable(rows: rows).lines { Console.line(line) }
    if let output, !quiet.quiet { Console.line("wrote \(output.excerpt)") }
  }

  private func line(_ result: QuantizedCheckpoint, before: QuantizedCheckpoint?) -> JSONLine {
    let (report, integers, settings) = (result.report, result.integers, result.settings)
    let line: JSONLine = [
      "checkpoint": .string(result.path), "bits": .integer(settings.bits),
      "scale": .string(settings.scale.rawValue),
      "fractionBits": .integer(integers.fractionBits), "bytes": .integer(integers.parameterBytes),
      "split": .string(split.rawValue), "samples": .integer(report.samples),
      "accuracy": .number(report.accuracy), "integerAccuracy": .number(report.integerAccuracy),
      "agreement": .number(report.agreement),
      "layers": .array(
        report.layers.map {
          .object([
            "name": .string($0.name), "firingRate": .number($0.rate),
            "integerFiringRate": .number($0.integerRate),
            "differingSpikes": .number($0.differing),
          ])
        }),
    ]
    guard let before else { return line }
    let untuned: JSONLine = [
      "beforeFinetuning": .object([
        "checkpoint": .string(before.path), "accuracy": .number(before.report.accuracy),
        "integerAccuracy": .number(before.report.integerAccuracy),
        "agreement": .number(before.report.agreement),
      ])
    ]
    return JSONLine(line.members + untuned.members)
  }

  /// Says the accuracy; `isTuned`: after or before finetuning, if there is one.
  private func show(_ result: QuantizedCheckpoint, _ data: DataSet, isTuned: Bool?) {
    let (report, integers) = (result.report, result.integers)
    if !quiet.quiet {
      Console.line(
        "\(result.path.excerpt), weights of \(result.settings.bits) bits with a scale a "
          + "\(result.settings.scale.rawValue), \(integers.parameterBytes.grouped) bytes; psc of "
          + "\(integers.fractionBits) fraction bits")
    }
    let moment = isTuned.map { $0 ? "after finetuning: " : "before finetuning: " } ?? ""
    Console.line(
      "\(moment)accuracy on \(report.samples.grouped) \(split.rawValue) samples of \(data.name): "
        + "\(report.accuracy.percent), in integers \(report.integerAccuracy.percent); "
        + "the same prediction for \(report.agreement.percent)")
  }
}

/// A checkpoint's network beside itself in integers.
private struct QuantizedCheckpoint {
  let path: String
  let settings: QuantizationSettings
  let integers: IntegerNetwork
  let report: QuantizationReport

  init(
    _ path: String, _ network: Network, _ settings: QuantizationSettings,
    _ samples: any SampleSource
  ) throws {
    self.path = path
    self.settings = settings
    integers = try network.quantized(settings)
    report = try QuantizationReport(network, integers, on: samples)
  }
}
