public import Counterspike
internal import CounterspikeKernels
internal import Foundation

/// Everything needed to go on with a run, or to use its network.
///
/// In safetensors: every parameter under its name, such as `conv_1.weight`, what the optimizer remembers
/// under `optimizer.first.conv_1` and `optimizer.second.conv_1` (of a bias `….conv_1.bias`), and the
/// running means and variances of normalizations, `conv_1.normalization.mean`; recipe, position, best
/// result and the data's fingerprints are text in the metadata. Nothing in it depends on time, folder or
/// threads: equal runs write equal bytes on processors of one instruction set.
public struct Checkpoint: Sendable {
  public let recipe: Recipe
  /// Shape of one time step of a sample, `[C, H, W]`.
  public let inputShape: [Int]
  let progress: TrainingProgress
  let state: Engine.State
  /// The names of the parameters, one a tensor of ``weights``.
  public let parameters: [NetworkPlan.Parameter.ID]
  /// The names of running means and variances.
  let statistics: [NetworkPlan.Statistic.ID]
  var statisticValues: [Tensor] { state.statistics }
  /// What the samples were; `nil`: not known.
  public let fingerprints: DataFingerprints?
  /// The instruction sets that the run was trained with, one after the other, with oneDNN's version: the
  /// last bits of the weights depend on them. Empty: not known.
  public let instructionSets: [String]

  /// Epochs that were over.
  public var completedEpochs: Int { progress.epoch }
  /// Optimizer steps that had been made.
  public var step: Int { progress.step }
  /// The values of ``parameters``, as they are trained: not rounded, even if the passes round them.
  public var weights: [Tensor] { state.weights }

  /// Whether the run is over: after its last epoch, or as the accuracy no longer rose.
  public var isFinished: Bool { progress.isFinished(recipe.training) }

  /// The highest accuracy until then on the samples that choose the best checkpoint, and after which
  /// epoch it was reached; `nil`: none do, or no epoch is over.
  public var best: (epoch: Int, accuracy: Double)? {
    progress.best.map { ($0.epoch, $0.accuracy) }
  }

  /// The epochs whose checkpoints the run keeps, the best first.
  var keptEpochs: [Int] { progress.kept.map(\.epoch) }

  init(
    recipe: Recipe, inputShape: [Int], progress: TrainingProgress, state: Engine.State,
    plan: NetworkPlan, fingerprints: DataFingerprints?, instructionSets: [String]
  ) {
    self.recipe = recipe
    self.inputShape = inputShape
    self.progress = progress
    self.state = state
    parameters = plan.parameters.map(\.id)
    statistics = plan.statistics.map(\.id)
    self.fingerprints = fingerprints
    self.instructionSets = instructionSets
  }

  private init(_ other: Checkpoint, recipe: Recipe) {
    self.recipe = recipe
    inputShape = other.inputShape
    progress = other.progress
    state = other.state
    parameters = other.parameters
    statistics = other.statistics
    fingerprints = other.fingerprints
    instructionSets = other.instructionSets
  }

  /// The same checkpoint for a run of another number of epochs.
  public func extended(epochs: Int) -> Checkpoint {
    var recipe = recipe
    recipe.training.epochs = epochs
    return under(recipe)
  }

  /// The same weights under another recipe: on other samples, in another precision or of more time
  /// steps, say. ``network()`` throws where they do not fit it.
  public func under(_ recipe: Recipe) -> Checkpoint {
    Checkpoint(self, recipe: recipe)
  }

  /// The trained network; of a training that rounds weights, with the rounded ones.
  ///
  /// - Throws: `invalidRecipe`, `mismatch` when weights and recipe do not belong together.
  public func network() throws(CounterspikeError) -> Network {
    let network = try Network(
      recipe.network, inputShape: inputShape, weights: state.weights, statistics: state.statistics)
    return try recipe.training.rounding.map(network.rounded) ?? network
  }
}

// MARK: Files

extension Checkpoint {
  /// The version of the format that this code writes and reads.
  static let formatVersion = "1"

  /// Writes the checkpoint with a checksum; the file appears whole or not at all.
  ///
  /// - Throws: `unwritableFile`.
  public func write(to path: String) throws(CounterspikeError) {
    var entries: [String: SafeTensorsFile.Entry] = [:]
    for (index, id) in parameters.enumerated() {
      entries[id] = state.entry(.weights, parameter: index)
      entries[Self.name(.first, of: id)] = state.entry(.first, parameter: index)
      if state.count(of: .second) > 0 {
        entries[Self.name(.second, of: id)] = state.entry(.second, parameter: index)
      }
    }
    for (id, tensor) in zip(statistics, state.statistics) {
      entries[id] = SafeTensorsFile.Entry(tensor)
    }
    try SafeTensorsFile(entries: entries, metadata: metadata).writeChecked(to: path)
  }

  private var metadata: [String: String] {
    var metadata = [
      "format": "counterspike checkpoint",
      "version": Self.formatVersion,
      "recipe": recipe.yaml,
      "inputShape": Self.text(inputShape),
      "epoch": "\(progress.epoch)",
      "stepInEpoch": "\(progress.stepInEpoch)",
      "step": "\(progress.step)",
      "epochSamples": "\(progress.totals.samples)",
      "epochCorrect": "\(progress.totals.correct)",
      "epochLoss": "\(progress.totals.loss)",
      "epochSpikes": Self.text(progress.totals.spikes),
    ]
    metadata["trainingData"] = fingerprints?.training
    metadata["testData"] = fingerprints?.test
    if !instructionSets.isEmpty {
      metadata["instructionSets"] = instructionSets.joined(separator: "; ")
    }
    if let best = progress.best {
      metadata["bestEpoch"] = "\(best.epoch)"
      metadata["bestAccuracy"] = "\(best.accuracy)"
    }
    if !progress.kept.isEmpty {
      metadata["kept"] = progress.kept.map { "\($0.epoch) \($0.accuracy)" }.joined(separator: " ")
    }
    return metadata
  }

  private static func text(_ numbers: [Int]) -> String {
    numbers.map { "\($0)" }.joined(separator: " ")
  }

  /// Reads a checkpoint.
  ///
  /// One that was written before there were checksums is read without.
  ///
  /// - Throws: `unreadableFile`; `damagedFile`, also where a single bit is another than was written, or
  ///   a value is no number; `mismatch` when the file is no checkpoint, or one of a newer version.
  public init(contentsOf path: String) throws(CounterspikeError) {
    let file = try SafeTensorsFile(contentsOf: path)
    let reader = Reader(file: file, path: path)
    guard file.metadata["format"] == "counterspike checkpoint" else {
      throw CounterspikeError(
        .mismatch,
        "“\(path.excerpt)” is a safetensors file but no checkpoint of counterspike; name one from a run's "
          + "folder, checkpoints/last.safetensors")
    }
    guard let version = file.metadata["version"], version == Self.formatVersion else {
      throw CounterspikeError(
        .mismatch,
        "“\(path.excerpt)” is a checkpoint of format version \((file.metadata["version"] ?? "?").excerpt), this "
          + "program reads version \(Self.formatVersion); use the version of counterspike that wrote it"
      )
    }
    recipe = try Recipe(yaml: reader.text("recipe"), source: "the recipe in “\(path.excerpt)”")
    inputShape = try reader.numbers("inputShape")
    guard inputShape.count == 3, inputShape.allSatisfy({ (1...65536).contains($0) }) else {
      throw reader.damaged("inputShape")
    }
    let plan: NetworkPlan
    do throws(CounterspikeError) {
      plan = try NetworkPlan(recipe.network, inputShape: inputShape)
    } catch {
      throw CounterspikeError(
        error.code, "the recipe in “\(path.excerpt)”: \(error.message)", cause: error)
    }
    parameters = plan.parameters.map(\.id)
    statistics = plan.statistics.map(\.id)
    fingerprints = file.metadata["trainingData"].flatMap { training in
      file.metadata["testData"].map { DataFingerprints(training: training, test: $0) }
    }
    instructionSets =
      file.metadata["instructionSets"].map { $0.components(separatedBy: "; ") } ?? []
    progress = try reader.progress(stages: plan.stages.count)
    func tensors(_ name: (String) -> String) throws(CounterspikeError) -> [Tensor] {
      var tensors: [Tensor] = []
      for parameter in plan.parameters {
        tensors.append(try reader.tensor(name(parameter.id), parameter.shape))
      }
      return tensors
    }
    var statistics: [Tensor] = []
    for statistic in plan.statistics {
      statistics.append(try reader.tensor(statistic.id, [statistic.count]))
    }
    state = Engine.State(
      weights: try tensors { $0 },
      first: try tensors { Self.name(.first, of: $0) },
      second: recipe.optimizer.kind == .adamW ? try tensors { Self.name(.second, of: $0) } : [],
      statistics: statistics)
  }

  /// What the optimizer remembers of a parameter is filed under its name, of weights under the layer's.
  private static func name(_ part: Engine.State.Part, of id: String) -> String {
    let weight = ".weight"
    let place = id.hasSuffix(weight) ? String(id.dropLast(weight.count)) : id
    return "optimizer.\(part).\(place)"
  }

  /// Reads the metadata.
  private struct Reader {
    let file: SafeTensorsFile
    let path: String

    /// What is counted; sums of such numbers cannot overflow.
    static let counts = 0...1 << 53

    func damaged(_ key: String) -> CounterspikeError {
      CounterspikeError(
        .damagedFile,
        "the checkpoint “\(path.excerpt)” has no usable “\(key)”; it was changed or written by another "
          + "program: use another checkpoint of the run")
    }

    func tensor(_ name: String, _ shape: [Int]) throws(CounterspikeError) -> Tensor {
      try file.tensor(
        name, shape,
        mismatch: "the recipe in it makes \(shape); the file was changed after it was written",
        remedy: "use another checkpoint")
    }

    func text(_ key: String) throws(CounterspikeError) -> String {
      guard let text = file.metadata[key] else { throw damaged(key) }
      return text
    }

    func count(_ key: String) throws(CounterspikeError) -> Int {
      guard let value = Int(try text(key)), Self.counts ~= value else { throw damaged(key) }
      return value
    }

    func real(_ key: String) throws(CounterspikeError) -> Double {
      guard let value = Double(try text(key)), value.isFinite else { throw damaged(key) }
      return value
    }

    func numbers(_ key: String) throws(CounterspikeError) -> [Int] {
      let words = try text(key).split(separator: " ")
      let numbers = words.compactMap { Int($0) }
      guard numbers.count == words.count, numbers.allSatisfy({ Self.counts ~= $0 }) else {
        throw damaged(key)
      }
      return numbers
    }

    func progress(stages: Int) throws(CounterspikeError) -> TrainingProgress {
      var progress = TrainingProgress(stages: stages)
      progress.epoch = try count("epoch")
      progress.stepInEpoch = try count("stepInEpoch")
      progress.step = try count("step")
      progress.totals.samples = try count("epochSamples")
      progress.totals.correct = try count("epochCorrect")
      progress.totals.loss = try real("epochLoss")
      progress.totals.spikes = try numbers("epochSpikes")
      guard progress.totals.spikes.count == stages else { throw damaged("epochSpikes") }
      if file.metadata["bestEpoch"] != nil {
        progress.best = TrainingProgress.Best(
          epoch: try count("bestEpoch"), accuracy: try real("bestAccuracy"))
      }
      progress.kept = try kept()
      return progress
    }

    private func kept() throws(CounterspikeError) -> [TrainingProgress.Best] {
      let words = (file.metadata["kept"] ?? "").split(separator: " ")
      guard words.count.isMultiple(of: 2) else { throw damaged("kept") }
      var kept: [TrainingProgress.Best] = []
      for place in stride(from: 0, to: words.count, by: 2) {
        guard let epoch = Int(words[place]), Self.counts ~= epoch,
          let accuracy = Double(words[place + 1]), accuracy.isFinite
        else { throw damaged("kept") }
        kept.append(TrainingProgress.Best(epoch: epoch, accuracy: accuracy))
      }
      return kept
    }
  }
}
