internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeInterchange
internal import CounterspikeTraining
internal import Foundation

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "A trained network for other programs.",
    discussion: """
      docs/interoperability.md says what is exact in which program, and what cannot be expressed.
      """)

  @Argument(
    help: ArgumentHelp(
      "A checkpoint, or a run folder, whose best.safetensors is then taken.",
      valueName: "run or checkpoint"))
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "Writes the network as a graph of the Neuromorphic Intermediate Representation (HDF5).",
      valueName: "file"))
  var nir: String?

  @Option(
    help: ArgumentHelp(
      "Writes the weights under PyTorch's names (safetensors).", valueName: "file"))
  var stateDict: String?

  @Option(
    name: .customLong("c"),
    help: ArgumentHelp(
      "Writes the network as C99 without libraries, and a test of it, into this folder.",
      valueName: "folder"))
  var cFolder: String?

  @Flag(
    help: ArgumentHelp(
      "Of --c: integers alone, for processors without floating point; weights of 8 bits with a scale a "
        + "channel, or as training.weightBits and training.weightScale of the run say."))
  var int8 = false

  @Option(
    help: ArgumentHelp(
      "Of --int8: the largest magnitude of an input, beyond which it is cut (default: that of the run's "
        + "first 1,000 training samples).", valueName: "number"))
  var inputLimit: Float?

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var machine: MachineOptions
  @OptionGroup var output: QuietOption

  func validate() throws {
    guard cFolder != nil || !int8 else {
      throw ValidationError("--int8 is for --c FOLDER; give both")
    }
    guard int8 || inputLimit == nil else {
      throw ValidationError("--input-limit is for --int8; give both")
    }
    if let inputLimit, !(inputLimit > 0 && inputLimit.isFinite) {
      throw ValidationError("--input-limit is \(inputLimit); it must be a number above 0")
    }
    guard nir != nil || stateDict != nil || cFolder != nil else {
      throw ValidationError("--nir FILE, --state-dict FILE or --c FOLDER must say what to write")
    }
  }

  func run() throws {
    for file in [nir, stateDict] { try overwrite.check(file) }
    if let cFolder { try prepare(cFolder) }
    let path =
      checkpoint.isFolder ? try RunFolder(existing: checkpoint).chosenCheckpointPath : checkpoint
    let saved = try Checkpoint(contentsOf: path)
    let network = try saved.network()
    if let nir {
      try AtomicFile.write(network.nirFile(), to: nir)
      tell(nir)
    }
    if let stateDict {
      try StateDictionary.file(of: network).write(to: stateDict)
      tell(stateDict)
    }
    guard let cFolder else { return }
    try write(
      int8 ? CSource(integers(network, saved.recipe, path)) : CSource(network), to: cFolder)
  }

  private func integers(
    _ network: Network, _ recipe: Recipe, _ path: String
  ) throws -> IntegerNetwork {
    var settings = recipe.training.rounding ?? QuantizationSettings()
    // Refused before the data are read.
    _ = try network.quantized(settings)
    if let inputLimit {
      settings.inputLimit = inputLimit
    } else {
      let data = try machine.load(recipe, quiet: output.quiet, rememberedBy: path)
      settings.inputLimit = data.training.largestMagnitude(ofFirst: 1000)
    }
    return try network.quantized(settings)
  }

  private static let cFiles = ["network.h", "network.c", "test.c"]

  private func prepare(_ folder: String) throws(CounterspikeError) {
    do {
      try NewFolder.make(folder)
    } catch {
      throw CounterspikeError(
        .unwritableFile, "the folder “\(folder.excerpt)” cannot be made; name another one",
        cause: error)
    }
    for name in Self.cFiles { try overwrite.check("\(folder)/\(name)") }
  }

  private func write(_ source: CSource, to folder: String) throws {
    for (name, text) in source.files {
      try AtomicFile.write(Array(text.utf8), to: "\(folder)/\(name)")
    }
    guard !output.quiet else { return }
    tell(Self.cFiles.map { "\(folder)/\($0)" }.joined(separator: ", "))
    Console.line(
      "constants \(source.constantBytes.grouped) bytes, state and working memory "
        + "\(source.stateBytes.grouped) bytes, \(source.multiplyAdds.grouped) multiply-adds a step")
  }

  private func tell(_ file: String) {
    if !output.quiet { Console.line("wrote \(file.excerpt)") }
  }
}
