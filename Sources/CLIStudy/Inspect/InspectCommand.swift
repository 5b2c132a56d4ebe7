internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
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

  @Flag(
    help: "Adds what a worker computes with its part of a batch: passes, buffers and their sizes.")
  var program = false

  @Option(
    help: ArgumentHelp(
      "Draws the network to a file: .svg, .dot (GraphViz), or .txt.", valueName: "file"))
  var draw: String?

  @OptionGroup var overwrite: OverwriteOption

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); allowed are 1 to 1024")
    }
    if let draw, NetworkDrawing.Form(path: draw) == nil {
      throw ValidationError(
        "--draw is “\(draw.excerpt)”; allowed are names that end in .svg, .dot or .txt")
    }
  }

  func run() throws {
    try overwrite.check(draw)
    let (recipe, checkpoint) = try subject.load()
    let form = try DataSet.form(
      of: recipe, folder: place.data ?? (try? MachineOptions.remembered(subject.subject)))
    let plan = try NetworkPlan(
      recipe.network, inputShape: checkpoint?.inputShape ?? form.inputShape)
    let memory = try MemoryEstimate(
      recipe, inputShape: plan.inputShape, isStill: form.isStatic,
      workers: threads ?? Engine.defaultWorkers,
      dataBytes: form.residentBytes(recipe, folder: place.data))
    let description =
      program
      ? try EnginePlan(
        plan, isStill: form.isStatic, optimizer: recipe.optimizer.kind,
        batchSize: recipe.training.batchSize, microBatch: recipe.training.microBatchSize,
        workers: threads ?? Engine.defaultWorkers,
        averages: plan.averagesMicroBatches(recipe.gradient, recipe.loss),
        rounding: recipe.training.rounding
      ).program : nil
    if let draw, let form = NetworkDrawing.Form(path: draw) {
      try AtomicFile.write(
        Array(NetworkDrawing(plan, recipe.gradient).text(form).utf8), to: draw)
    }
    if json {
      let report = InspectReport(
        recipe: recipe, plan: plan, checkpoint: checkpoint, memory: memory, limit: .current(),
        program: description)
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
    for line in LayerTable(plan, recipe.gradient).table.lines { Console.line(line) }
    Console.line()
    Console.line("a training step has work for \(memory.usableWorkers.counted("thread")) at most")
    var rows = [["memory of training"]]
    for part in memory.parts { rows.append(["  " + part.purpose, part.bytes.megabytes]) }
    rows.append(["  together", memory.bytes.megabytes])
    for line in TextTable(rows: rows).lines { Console.line(line) }
    if let description {
      Console.line()
      for line in ProgramTable(description).lines { Console.line(line) }
    }
    if let draw { Console.line("network drawn to \(draw.excerpt)") }
    let limit = MemoryLimit.current()
    if memory.bytes > limit.bytes {
      Console.line(
        "more than the \(limit.bytes.megabytes) that a process may take here (\(limit.source)); training "
          + "will be refused")
    }
  }
}
