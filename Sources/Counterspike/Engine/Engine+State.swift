internal import CounterspikeKernels
internal import Synchronization

extension Engine {
  /// The weights and what the optimizer remembers, in the public order, one tensor a stage.
  package struct State: Sendable {
    private let source: Source

    private enum Source: Sendable {
      case tensors(weights: [Tensor], first: [Tensor], second: [Tensor])
      /// What the engine has whenever it is asked, so that writing a checkpoint takes the memory of one
      /// tensor and not of three copies of all weights.
      case engine(Engine)
    }

    package init(weights: [Tensor], first: [Tensor], second: [Tensor]) {
      source = .tensors(weights: weights, first: first, second: second)
    }

    fileprivate init(_ engine: Engine) { source = .engine(engine) }

    package var weights: [Tensor] { tensors(.weights) }
    /// m of AdamW or v of SGD.
    package var first: [Tensor] { tensors(.first) }
    /// v of AdamW; empty for SGD.
    package var second: [Tensor] { tensors(.second) }

    /// What a state consists of.
    package enum Part: Sendable, CaseIterable {
      case weights
      case first
      case second
    }

    /// The number of tensors of a part.
    package func count(of part: Part) -> Int {
      switch source {
      case .tensors(let weights, let first, let second):
        switch part {
        case .weights: weights.count
        case .first: first.count
        case .second: second.count
        }
      case .engine(let engine):
        engine.buffer(of: part).count > 0 ? engine.plan.stages.count : 0
      }
    }

    private func tensors(_ part: Part) -> [Tensor] {
      (0..<count(of: part)).map { tensor(part, $0) }
    }

    private func tensor(_ part: Part, _ stage: Int) -> Tensor {
      switch source {
      case .tensors(let weights, let first, let second):
        switch part {
        case .weights: weights[stage]
        case .first: first[stage]
        case .second: second[stage]
        }
      case .engine(let engine): engine.parameters.tensor(stage, in: engine.buffer(of: part))
      }
    }

    /// A part's tensor of a stage as a file's entry, whose numbers are asked for when it is written.
    package func entry(_ part: Part, stage: Int) -> SafeTensorsFile.Entry {
      switch source {
      case .tensors: SafeTensorsFile.Entry(tensor(part, stage))
      case .engine(let engine):
        SafeTensorsFile.Entry(shape: engine.plan.stages[stage].weightShape) {
          tensor(part, stage).scalars
        }
      }
    }
  }

  private func buffer(of part: State.Part) -> FloatBuffer {
    switch part {
    case .weights: parameters.values
    case .first: first
    case .second: second
    }
  }

  /// A copy of the state now.
  package var state: State {
    let now = currentState
    return State(weights: now.weights, first: now.first, second: now.second)
  }

  /// The state whenever it is asked, without a copy: for what is done with it before the next step.
  package var currentState: State { State(self) }

  /// Takes over a state that `state` gave.
  ///
  /// - Throws: `mismatch` when it belongs to another network or optimizer.
  package func restore(_ state: State) throws(CounterspikeError) {
    try check(state.weights, "weights")
    try check(state.first, "first moments")
    if second.count > 0 {
      try check(state.second, "second moments")
    } else if !state.second.isEmpty {
      throw CounterspikeError(
        .mismatch,
        "second moments for an optimizer that has none; the checkpoint belongs to another one")
    }
    try parameters.set(state.weights)
    diverged.store(false, ordering: .relaxed)
    scatter(state.first, into: first)
    scatter(state.second, into: second)
  }

  private func check(_ tensors: [Tensor], _ what: String) throws(CounterspikeError) {
    guard tensors.map(\.shape) == plan.stages.map(\.weightShape) else {
      throw CounterspikeError(
        .mismatch,
        "\(what) of shapes \(tensors.map(\.shape)) for a network of \(plan.stages.map(\.weightShape)); "
          + "the checkpoint belongs to another network")
    }
  }

  private func scatter(_ tensors: [Tensor], into buffer: FloatBuffer) {
    for (index, tensor) in tensors.enumerated() {
      let layout = parameters.layouts[index]
      buffer.slice(parameters.offsets[index], layout.weightCount)
        .scatter(tensor.scalars, layout.order)
    }
  }
}
