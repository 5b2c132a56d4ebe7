internal import CounterspikeKernels
internal import Synchronization

extension Engine {
  /// The weights and what the optimizer remembers, in the public order, one tensor a stage.
  package struct State: Sendable {
    package var weights: [Tensor]
    /// m of AdamW or v of SGD.
    package var first: [Tensor]
    /// v of AdamW; empty for SGD.
    package var second: [Tensor]

    package init(weights: [Tensor], first: [Tensor], second: [Tensor]) {
      self.weights = weights
      self.first = first
      self.second = second
    }
  }

  package var state: State {
    State(
      weights: parameters.tensors(), first: parameters.tensors(in: first),
      second: second.count > 0 ? parameters.tensors(in: second) : [])
  }

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
        .copy(from: layout.scatter(tensor.scalars))
    }
  }

  /// Bytes by what they are for, as they were reserved.
  package var memory: [(purpose: String, bytes: Int)] {
    let float = MemoryLayout<Float>.stride
    let weights = parameters.values.count * float
    let packed = parameters.convolutions.reduce(0) { $0 + ($1?.packedBytes ?? 0) }
    let moments = (first.count + second.count) * float
    let gradients =
      (lanes.reduce(0) { $0 + $1.buffer.count } + temporaries.reduce(0) { $0 + $1.count }
        + unpacked.reduce(0) { $0 + ($1?.count ?? 0) }) * float
    return [
      ("weights", weights + packed), ("optimizer", moments),
      ("gradients, \(laneCount) lanes", gradients),
      ("\(workers) workers, \(microBatch) samples each", runners.reduce(0) { $0 + $1.bytes }),
    ]
  }
}
