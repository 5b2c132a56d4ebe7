internal import ArgumentParser
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeTraining
internal import Foundation

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Classes of files that a training never saw.",
    discussion: """
      Files are prepared as the run's samples were: images (PNG, JPEG), recordings of events, time \
      series (CSV) or arrays (.npy), of which one may hold several samples. A score is the output \
      neuron's post-synaptic current, summed over time; “decided at” is the time step from which on \
      the class no longer changed.
      """)

  @Argument(
    help: ArgumentHelp(
      "A checkpoint, or a run folder, whose best.safetensors is then taken.",
      valueName: "run or checkpoint"))
  var checkpoint: String

  @Argument(
    help: ArgumentHelp("Files with samples; - reads one from standard input.", valueName: "file"))
  var files: [String]

  @OptionGroup var changes: SettingChanges

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @Flag(help: "Prints a table of comma-separated values instead of text.")
  var csv = false

  @OptionGroup var output: QuietOption

  func validate() throws {
    if json, csv { throw ValidationError("--json and --csv exclude each other") }
    if files.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input, -, can be read only once")
    }
  }

  func run() throws {
    let path =
      checkpoint.isFolder ? try RunFolder(existing: checkpoint).chosenCheckpointPath : checkpoint
    let saved = try changes.applied(to: Checkpoint(contentsOf: path))
    guard !saved.recipe.loss.isRegression else {
      throw CounterspikeError(
        .mismatch,
        "“\(path.excerpt)” was trained on numbers, and has no classes to predict; use evaluate")
    }
    let network = try saved.network()
    let names = saved.recipe.data.classes ?? (0..<network.plan.classCount).map { "\($0)" }
    let samples = NewSamples(
      saved.recipe, inputShape: saved.inputShape, classCount: network.plan.classCount)
    var listing = PredictionListing(
      classNames: names, form: json ? .json : csv ? .table : .text,
      timeSteps: network.plan.timeSteps)
    listing.begin()
    var (time, steps) = (Duration.zero, 0)
    for file in files {
      let source = try Self.source(file, samples)
      let predictor = try Predictor(network, source, loss: saved.recipe.loss)
      for index in 0..<source.count {
        let name = file == "-" ? "standard input" : file
        listing.add(
          try predictor.predict(index), of: name, index: source.count > 1 ? index : nil)
      }
      time += predictor.stepTime
      steps += predictor.steps
    }
    let microseconds = time / .microseconds(1) / Double(max(steps, 1))
    listing.end(checkpoint: path, microsecondsPerStep: microseconds, isQuiet: output.quiet)
  }

  private static func source(
    _ file: String, _ samples: NewSamples
  ) throws -> any SampleSource {
    guard file == "-" else { return try samples.samples(ofFile: file) }
    let content = try FileHandle.standardInput.readToEnd() ?? Data()
    return try samples.samples(of: Array(content), path: "standard input")
  }
}
