package import Counterspike
package import CounterspikeData
internal import CounterspikeTraining

/// All that a report says of one run.
package struct RunReport: Sendable {
  package let summary: RunSummary
  /// The checkpoint that was looked at, and the epochs that it has behind it; `nil`: none can be read.
  package private(set) var checkpoint: (path: String, epochs: Int)?
  /// `nil`: the network could not be looked at; ``problems`` say why.
  package private(set) var findings: NetworkFindings?
  /// The machines that the run was trained on, as far as it remembers them, one after the other.
  package let machines: [String]
  /// Why parts are missing, each on one line.
  package private(set) var problems: [String] = []

  /// Looks at a run folder; what is wrong with it is said in the report and ends nothing.
  ///
  /// - Parameters:
  ///   - describe: makes a line of an error.
  ///   - load: reads the data of a recipe.
  package init(
    _ path: String, workers: Int, describe: (CounterspikeError) -> String,
    load: (Recipe) throws -> DataSet
  ) {
    summary = RunSummary(path)
    machines = TrainingMachine.descriptions(path + "/run.json")
    if let problem = summary.problem { problems.append(problem) }
    if summary.lostLines > 0 {
      let isOne = summary.lostLines == 1
      problems.append(
        "\(summary.lostLines) \(isOne ? "line" : "lines") of metrics.jsonl cannot be read and "
          + "\(isOne ? "is" : "are") left out")
    }
    guard RunFolder.isRun(path) else { return }
    do {
      let file = try RunFolder(existing: path).chosenCheckpointPath
      let checkpoint = try Checkpoint(contentsOf: file)
      self.checkpoint = (file, checkpoint.completedEpochs)
      findings = try NetworkFindings(checkpoint, load(checkpoint.recipe), workers: workers)
    } catch {
      let text = (error as? CounterspikeError).map(describe) ?? "\(error)"
      if !problems.contains(text) { problems.append(text) }
    }
  }

  /// What is said of the run in a program's words.
  package var json: JSONLine {
    var members = summary.json.members
    members.append(.init("machines", .array(machines.map { .string($0) })))
    members.append(.init("checkpoint", checkpoint.map { .string($0.path) } ?? .null))
    members.append(.init("problems", .array(problems.map { .string($0) })))
    members.append(.init("test", findings.map { .object($0.json) } ?? .null))
    return JSONLine(members)
  }
}

extension NetworkFindings {
  var json: JSONLine {
    let layers = layers.map { layer in
      let fires = layer.threshold != nil
      let object: JSONLine = [
        "name": .string(layer.name), "neurons": .integer(layer.neuronCount),
        "firingRate": fires ? .number(layer.firingRate) : .null,
        "silent": fires ? .integer(layer.silentCount) : .null,
        "saturated": fires ? .integer(layer.saturatedCount) : .null,
        "gradientNorm": layer.gradientNorm.map { .number($0) } ?? .null,
      ]
      return JSONLine.Value.object(object)
    }
    let computed: JSONLine = [
      "additions": .number(operations.additions),
      "multiplyAdds": .number(operations.multiplyAdds),
      "stateUpdates": .number(operations.states),
      "withoutSpikes": .number(operations.dense), "passes": .integer(operations.passes),
      "joules": .number(operations.energy), "joulesWithoutSpikes": .number(operations.denseEnergy),
    ]
    return [
      "samples": .integer(evaluation.samples),
      "accuracy": evaluation.rmse == nil ? .number(evaluation.accuracy) : .null,
      "rmse": evaluation.rmse.map { .number($0) } ?? .null,
      "loss": .number(evaluation.loss),
      "macroF1": evaluation.rmse == nil ? .number(evaluation.macroF1) : .null,
      "wrong": evaluation.rmse == nil ? .array(wrong.map { .integer($0.index) }) : .null,
      "largestErrors": evaluation.rmse == nil
        ? .null : .array(errors.prefix(20).map { .integer($0.prediction.index) }),
      "confusion": evaluation.rmse == nil
        ? .array(evaluation.confusion.map { .array($0.map { .integer($0) }) }) : .null,
      "tracedSamples": .integer(tracedCount), "layers": .array(layers),
      "operations": .object(computed),
    ]
  }
}
