internal import ArgumentParser
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeTraining
internal import Foundation

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Layers, shapes, work and memory of a recipe or checkpoint, before it runs.")

  @OptionGroup var subject: SubjectOptions
  @OptionGroup var place: DataFolderOption

  @Option(
    help: ArgumentHelp(
      "Worker threads that the memory is worked out for (default: one a processor).",
      valueName: "number"))
  var threads: Int?

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); allowed are 1 to 1024")
    }
  }

  func run() throws {
    let (recipe, checkpoint) = try subject.load()
    let form = try DataSet.form(
      of: recipe, folder: place.data ?? (try? MachineOptions.remembered(subject.subject)))
    let plan = try NetworkPlan(
      recipe.network, inputShape: checkpoint?.inputShape ?? form.inputShape)
    let memory = try MemoryEstimate(
      recipe, inputShape: plan.inputShape, isStill: form.isStatic,
      workers: threads ?? Engine.defaultWorkers,
      dataBytes: form.residentBytes(recipe, folder: place.data))
    if json {
      let report = InspectReport(
        recipe: recipe, plan: plan, checkpoint: checkpoint, memory: memory, limit: .current())
      return Console.line(report.json)
    }
    if let checkpoint {
      let best = checkpoint.best.map {
        recipe.loss.isRegression
          ? ", lowest RMSE \((-$0.accuracy).fixed(4)) after epoch \($0.epoch)"
          : ", best accuracy \($0.accuracy.percent) after epoch \($0.epoch)"
      }
      Console.line(
        "checkpoint after \(checkpoint.completedEpochs.counted("epoch")), "
          + checkpoint.step.counted("step")
          + (best ?? ""))
      if let path = try subject.checkpointPath() { Console.line("read from \(path.excerpt)") }
    }
    Console.line(
      "\(recipe.name): input \(plan.inputShape.map { "\($0)" }.joined(separator: "×")), "
        + "\(plan.timeSteps.counted("time step")), batch \(recipe.training.batchSize), rule "
        + recipe.gradient.rule.rawValue)
    Console.line()
    for line in layers(plan, recipe.gradient).lines { Console.line(line) }
    Console.line()
    Console.line("a training step has work for \(memory.usableWorkers.counted("thread")) at most")
    var rows = [["memory of training"]]
    for part in memory.parts { rows.append(["  " + part.purpose, part.bytes.megabytes]) }
    rows.append(["  together", memory.bytes.megabytes])
    for line in TextTable(rows: rows).lines { Console.line(line) }
    let limit = MemoryLimit.current()
    if memory.bytes > limit.bytes {
      Console.line(
        "more than the \(limit.bytes.megabytes) that a process may take here (\(limit.source)); training "
          + "will be refused")
    }
  }

  /// - Parameter gradient: of the stages that have no gradient settings of their own.
  private func layers(_ plan: NetworkPlan, _ gradient: GradientSettings) -> TextTable {
    // Named only where they differ: the first line names the rule that all others have.
    let differs = plan.stages.contains { gradient.settings(of: $0) != gradient }
    var rows = [["layer", "kernel", "output", "neurons", "weights", "multiply-adds a time step"]]
    let neurons = plan.stages.map(\.neuron)
    let neuronsDiffer = neurons.contains { $0 != neurons.first }
    if neuronsDiffer { rows[0].append("τ_m, τ_s, θ") }
    let isDynamic = neurons.contains { $0.reset != .zero || $0.adaptation != nil }
    if isDynamic { rows[0].append("reset, adaptation") }
    if differs { rows[0].append("rule") }
    func shape(_ shape: [Int]) -> String {
      shape[1...] == [1, 1] ? "\(shape[0])" : shape.map { "\($0)" }.joined(separator: "×")
    }
    for stage in plan.stages {
      rows.append([
        stage.name, stage.kernelText, shape(stage.neuronShape), stage.neuronCount.grouped,
        stage.weightCount.grouped, stage.multiplyAdds.grouped,
      ])
      if neuronsDiffer {
        let neuron = stage.neuron
        rows[rows.count - 1].append(
          stage.neuronKind == .readout
            ? "\(neuron.membraneTimeConstant), never fires"
            : "\(neuron.membraneTimeConstant), \(neuron.synapticTimeConstant), \(neuron.threshold)")
      }
      if isDynamic {
        let adaptation = stage.neuron.adaptation.map { "β \($0.strength), τ_b \($0.timeConstant)" }
        rows[rows.count - 1].append("\(stage.neuron.reset.rawValue), \(adaptation ?? "none")")
      }
      if differs {
        let own = gradient.settings(of: stage)
        rows[rows.count - 1].append(
          own.rule.rawValue + (own == gradient ? "" : ", its own settings"))
      }
      if let pooling = stage.pooling, let name = stage.poolingName {
        rows.append([name, "\(pooling.height)×\(pooling.width)", shape(stage.outputShape)])
      }
      if stage.dropout > 0 { rows.append(["dropout \(stage.dropout)"]) }
    }
    rows.append([
      "together", "", "", plan.stages.reduce(0) { $0 + $1.neuronCount }.grouped,
      plan.weightCount.grouped, plan.stages.reduce(0) { $0 + $1.multiplyAdds }.grouped,
    ])
    return TextTable(rows: rows)
  }
}

extension NetworkPlan.Stage {
  /// `5×5`, and what is not usual of it.
  fileprivate var kernelText: String {
    guard case .convolution(let kernel, let stride, let padding) = kind else { return "" }
    return "\(kernel)×\(kernel)" + (stride > 1 ? " stride \(stride)" : "")
      + (padding > 0 ? " padding \(padding)" : "")
  }
}
