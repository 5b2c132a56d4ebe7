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
      """)

  @Argument(
    help: ArgumentHelp(
      "A checkpoint, or a run folder, whose best.safetensors is then taken: the checkpoint that "
        + "training.modelSelection chooses."))
  var checkpoint: String

  @Option(help: "Bits of a weight, 2 to 8.")
  var bits = 8

  @Option(help: "What shares a scale: channel or layer.")
  var scale = Scale.channel

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

  func validate() throws {
    guard (2...8).contains(bits) else {
      throw ValidationError("--bits is \(bits); it must be 2 to 8")
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
    var settings = QuantizationSettings(bits: bits, scale: scale.setting)
    // Refused before the data are read.
    _ = try network.quantized(settings)
    let data = try machine.load(saved.recipe, quiet: json || quiet.quiet, rememberedBy: path)
    settings.inputLimit = data.training.largestMagnitude(ofFirst: 1000)
    let integers = try network.quantized(settings)
    let source = try split.samples(of: data)
    let report = try QuantizationReport(
      network, integers,
      on: SampleSubset(source, indices: Array(0..<min(samples, source.count))))
    if let output { try integers.file.write(to: output) }
    json ? Console.line(line(report, integers, path)) : show(report, integers, path, data)
  }

  private func line(
    _ report: QuantizationReport, _ integers: IntegerNetwork, _ path: String
  ) -> String {
    let line: JSONLine = [
      "checkpoint": .string(path), "bits": .integer(bits), "scale": .string(scale.rawValue),
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
    return line.description
  }

  private func show(
    _ report: QuantizationReport, _ integers: IntegerNetwork, _ path: String, _ data: DataSet
  ) {
    if !quiet.quiet {
      Console.line(
        "\(path), weights of \(bits) bits with a scale a \(scale.rawValue), "
          + "\(integers.parameterBytes.grouped) bytes; psc of \(integers.fractionBits) fraction bits"
      )
    }
    Console.line(
      "accuracy on \(report.samples.grouped) \(split.rawValue) samples of \(data.name): "
        + "\(report.accuracy.percent), in integers \(report.integerAccuracy.percent); "
        + "the same prediction for \(report.agreement.percent)")
    Console.line()
    var rows = [["layer", "firing rate", "in integers", "differing spikes"]]
    for layer in report.layers {
      rows.append([
        layer.name, layer.rate.fixed(4), layer.integerRate.fixed(4), layer.differing.percent,
      ])
    }
    for line in TextTable(rows: rows).lines { Console.line(line) }
    if let output, !quiet.quiet { Console.line("wrote \(output)") }
  }
}
