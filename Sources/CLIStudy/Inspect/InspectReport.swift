internal import Counterspike
internal import CounterspikeTraining

/// What `inspect --json` prints.
struct InspectReport {
  let recipe: Recipe
  let plan: NetworkPlan
  let checkpoint: Checkpoint?
  let memory: MemoryEstimate
  let limit: MemoryLimit
  let program: ProgramDescription?

  var json: String {
    var members: [JSONLine.Member] = [
      .init("name", .string(recipe.name)),
      .init("inputShape", .array(plan.inputShape.map { .integer($0) })),
      .init("timeSteps", .integer(plan.timeSteps)),
      .init("batchSize", .integer(recipe.training.batchSize)),
      .init("rule", .string(recipe.gradient.rule.rawValue)),
    ]
    if let checkpoint { members.append(.init("checkpoint", .object(position(checkpoint)))) }
    members += [
      .init("layers", .array(plan.stages.map { .object(layer($0)) })),
      .init("neurons", .integer(plan.stages.reduce(0) { $0 + $1.neuronCount })),
      .init("weights", .integer(plan.weightCount)),
      .init("multiplyAdds", .integer(plan.stages.reduce(0) { $0 + $1.multiplyAdds })),
      .init("nodes", .array(NetworkRows(plan).rows.map { .object(node($0)) })),
      .init("usableThreads", .integer(memory.usableWorkers)),
      .init("memory", .object(sizes)),
    ]
    if let program {
      members.append(.init("program", .array(program.steps.map { .object(step($0)) })))
    }
    return JSONLine(members).description
  }

  private func position(_ checkpoint: Checkpoint) -> JSONLine {
    var members: [JSONLine.Member] = [
      .init("epochs", .integer(checkpoint.completedEpochs)),
      .init("steps", .integer(checkpoint.step)),
    ]
    if let best = checkpoint.best {
      members += [
        .init("bestEpoch", .integer(best.epoch)),
        // The checkpoint has the negative error in its place, so that the largest is the best.
        checkpoint.recipe.loss.isRegression
          ? .init("bestRMSE", .number(-best.accuracy))
          : .init("bestAccuracy", .number(best.accuracy)),
      ]
    }
    return JSONLine(members)
  }

  private func node(_ row: NetworkRows.Row) -> JSONLine {
    let rows = NetworkRows(plan).rows
    let field = plan.receptiveFields[row.node.id]
    return [
      "name": .string(row.name), "shape": .array(row.node.shape.map { .integer($0) }),
      "takes": .array(row.takes.map { .string($0 < 0 ? "input" : rows[$0].name) }),
      "receptiveField": field.isWhole
        ? .null : .array([.integer(field.height), .integer(field.width)]),
    ]
  }

  private func step(_ step: ProgramDescription.Step) -> JSONLine {
    [
      "kind": .string(step.kind), "reads": .array(step.reads.map { .string($0) }),
      "writes": .string(step.writes), "bytes": .integer(step.bytes),
    ]
  }

  private func layer(_ stage: NetworkPlan.Stage) -> JSONLine {
    var members: [JSONLine.Member] = [.init("name", .string(stage.name))]
    if case .convolution(let kernel, let stride, let padding) = stage.kind {
      members += [
        .init("kernel", .integer(kernel)), .init("stride", .integer(stride)),
        .init("padding", .integer(padding)),
      ]
    }
    members += [
      .init("shape", .array(stage.neuronShape.map { .integer($0) })),
      .init("neurons", .integer(stage.neuronCount)), .init("weights", .integer(stage.weightCount)),
      .init("multiplyAdds", .integer(stage.multiplyAdds)),
      .init("neuron", .string(stage.neuron.model.rawValue)),
      .init("membraneTimeConstant", .number(Double(stage.neuron.membraneTimeConstant))),
      .init("synapticTimeConstant", .number(Double(stage.neuron.synapticTimeConstant))),
      .init("threshold", stage.firingThreshold.map { .number(Double($0)) } ?? .null),
      .init("reset", .string(stage.neuron.reset.rawValue)),
      .init("trained", .array((stage.neuron.trained ?? []).map { .string($0.rawValue) })),
      .init("trainedPer", .string(stage.neuron.trainedPer.rawValue)),
      .init("adaptationStrength", .number(Double(stage.neuron.adaptation?.strength ?? 0))),
      .init("rule", .string((stage.gradient ?? recipe.gradient).rule.rawValue)),
    ]
    if let pooling = stage.pooling {
      members += [
        .init("pooling", .integer(pooling.height)),
        .init("poolingFactor", .number(Double(pooling.factor))),
        .init("outputShape", .array(stage.outputShape.map { .integer($0) })),
      ]
    }
    if stage.dropout > 0 { members.append(.init("dropout", .number(Double(stage.dropout)))) }
    return JSONLine(members)
  }

  private var sizes: JSONLine {
    [
      "parts": .array(
        memory.parts.map { .object(["purpose": .string($0.purpose), "bytes": .integer($0.bytes)]) }),
      "bytes": .integer(memory.bytes), "available": .integer(limit.bytes),
      "limit": .string(limit.source),
    ]
  }
}
