internal import ArgumentParser
internal import Counterspike
internal import CounterspikeTraining

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

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var output: QuietOption

  func validate() throws {
    guard nir != nil || stateDict != nil else {
      throw ValidationError("--nir FILE or --state-dict FILE must say what to write")
    }
  }

  func run() throws {
    for file in [nir, stateDict] { try overwrite.check(file) }
    let path =
      checkpoint.isFolder ? try RunFolder(existing: checkpoint).chosenCheckpointPath : checkpoint
    let network = try Checkpoint(contentsOf: path).network()
    if let nir {
      try AtomicFile.write(network.nirFile(), to: nir)
      tell(nir)
    }
    if let stateDict {
      try StateDictionary.file(of: network).write(to: stateDict)
      tell(stateDict)
    }
  }

  private func tell(_ file: String) {
    if !output.quiet { Console.line("wrote \(file.excerpt)") }
  }
}
