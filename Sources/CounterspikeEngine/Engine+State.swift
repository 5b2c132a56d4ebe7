internal import CounterspikeKernels
internal import CounterspikeNetwork
package import CounterspikeSystem
internal import Synchronization

extension Engine {
  /// The parameters and what the optimizer remembers, in the public order, one tensor a parameter; and the
  /// network's statistics.
  package struct State: Sendable {
    private let source: Source

    private enum Source: Sendable {
      case tensors(weights: [Tensor], first: [Tensor], second: [Tensor], statistics: [Tensor])
      /// What the engine has whenever it is asked, so that writing a checkpoint takes the memory of one
      /// tensor and not of three copies of all weights.
      case engine(Engine)
    }

    package init(
      weights: [Tensor], first: [Tensor], second: [Tensor], statistics: [Tensor] = []
    ) {
      source = .tensors(
        weights: weights, first: first, second: second, statistics: statistics)
    }

    fileprivate init(_ engine: Engine) { source = .engine(engine) }

    package var weights: [Tensor] { tensors(.weights) }
    /// m of AdamW or v of SGD.
    package var first: [Tensor] { tensors(.first) }
    /// v of AdamW; empty for SGD.
    package var second: [Tensor] { tensors(.second) }
    /// Running means and variances, one tensor for each of the network's statistics.
    package var statistics: [Tensor] {
      switch source {
      case .tensors(_, _, _, let statistics): statistics
      case .engine(let engine): engine.parameters.statisticTensors()
      }
    }

    /// What a state consists of, beside statistics.
    package enum Part: Sendable, CaseIterable {
      case weights
      case first
      case second
    }

    /// The number of tensors of a part.
    package func count(of part: Part) -> Int {
      switch source {
      case .tensors(let weights, let first, let second, _):
        switch part {
        case .weights: weights.count
        case .first: first.count
        case .second: second.count
        }
      case .engine(let engine):
        engine.buffer(of: part).count > 0 ? engine.plan.parameters.count : 0
      }
    }

    private func tensors(_ part: Part) -> [Tensor] {
      (0..<count(of: part)).map { tensor(part, $0) }
    }

    private func tensor(_ part: Part, _ parameter: Int) -> Tensor {
      switch source {
      case .tensors(let weights, let first, let second, _):
        switch part {
        case .weights: weights[parameter]
        case .first: first[parameter]
        case .second: second[parameter]
        }
      case .engine(let engine): engine.parameters.tensor(parameter, in: engine.buffer(of: part))
      }
    }

    /// A part's tensor of a parameter as a file's entry, whose numbers are asked for when it is written.
    package func entry(_ part: Part, parameter: Int) -> SafeTensorsFile.Entry {
      switch source {
      case .tensors: SafeTensorsFile.Entry(tensor(part, parameter))
      case .engine(let engine):
        SafeTensorsFile.Entry(shape: engine.plan.parameters[parameter].shape) {
          tensor(part, parameter).scalars
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
    return State(
      weights: now.weights, first: now.first, second: now.second, statistics: now.statistics)
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
    guard state.statistics.map(\.count) == plan.statistics.map(\.count) else {
      throw CounterspikeError(
        .mismatch,
        "\(state.statistics.count) running means and variances for a network of "
          + "\(plan.statistics.count); the checkpoint belongs to another network")
    }
    let weights = state.weights
    try parameters.set({ weights[$0] }, statistics: state.statistics)
    diverged.store(Divergence.none.rawValue, ordering: .relaxed)
    scatter(state.first, into: first)
    scatter(state.second, into: second)
  }

  private func check(_ tensors: [Tensor], _ what: String) throws(CounterspikeError) {
    guard tensors.map(\.shape) == plan.parameters.map(\.shape) else {
      throw CounterspikeError(
        .mismatch,
        "\(what) of shapes \(tensors.map(\.shape)) for a network of \(plan.parameters.map(\.shape)); "
          + "the checkpoint belongs to another network")
    }
  }

  private func scatter(_ tensors: [Tensor], into buffer: FloatBuffer) {
    for (index, tensor) in tensors.enumerated() {
      let layout = parameters.layouts[index]
      buffer.slice(parameters.offsets[index], layout.count)
        .scatter(tensor.scalars, layout.order)
    }
  }
}
