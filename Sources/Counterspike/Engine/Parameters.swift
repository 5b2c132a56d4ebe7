internal import CounterspikeKernels

/// A network's weights in the order that they are trained in, with the convolutions that hold them
/// packed; shared by all workers.
final class Parameters: Sendable {
  let layouts: [StageLayout]
  /// All stages' weights, one after the other.
  let values: FloatBuffer
  let offsets: [Int]
  /// `nil` for a dense stage.
  let convolutions: [Convolution?]

  init(
    network: Network, isStill: Bool, microBatch: Int, backward: Bool
  ) throws(CounterspikeError) {
    layouts = StageLayout.layouts(network.plan, isStill: isStill)
    var offsets: [Int] = []
    var count = 0
    for layout in layouts {
      offsets.append(count)
      count += layout.weightCount
    }
    self.offsets = offsets
    values = FloatBuffer(count: count)
    var convolutions: [Convolution?] = []
    for (index, layout) in layouts.enumerated() {
      guard
        let shape = layout.convolution(timeSteps: network.plan.timeSteps, batch: microBatch)
      else {
        convolutions.append(nil)
        continue
      }
      do throws(LibraryFailure) {
        convolutions.append(
          try Convolution(
            shape, precision: layout.precision(network.plan.precision).kernel,
            backward: backward, needsDataGradient: index > 0))
      } catch {
        throw CounterspikeError(error, stage: layout.stage.name)
      }
    }
    self.convolutions = convolutions
    try set(network.weights)
  }

  /// The weights of stage `index`.
  func weights(_ index: Int) -> FloatSlice {
    values.slice(offsets[index], layouts[index].weightCount)
  }

  /// Takes over weights in the public order.
  func set(_ weights: [Tensor]) throws(CounterspikeError) {
    for index in layouts.indices {
      self.weights(index).copy(from: layouts[index].scatter(weights[index].scalars))
      try pack(index)
    }
  }

  /// The weights in the public order.
  func tensors() -> [Tensor] { tensors(in: values) }

  /// Any values that lie like the weights (moments, say) in the public order.
  func tensors(in buffer: FloatBuffer) -> [Tensor] {
    layouts.indices.map { index in
      let layout = layouts[index]
      return Tensor(
        shape: layout.stage.weightShape,
        scalars: layout.gather(buffer.slice(offsets[index], layout.weightCount).array))
    }
  }

  /// After the weights of stage `index` changed.
  func pack(_ index: Int) throws(CounterspikeError) {
    do throws(LibraryFailure) {
      try convolutions[index]?.pack(weights(index))
    } catch {
      throw CounterspikeError(error, stage: layouts[index].stage.name)
    }
  }
}

extension NetworkSettings.Precision {
  var kernel: Precision {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }
}

extension CounterspikeError {
  init(_ failure: LibraryFailure, stage: String) {
    self.init(
      .libraryFailure,
      "oneDNN \(OneDNN.version) refused \(failure.operation) of layer \(stage): "
        + "\(failure.reason); "
        + (failure.isUnimplemented
          ? "where network.precision is bfloat16, this processor may lack it: use --set "
            + "network.precision=float32 (a run can only go on in its own precision)"
          : "if memory is short, use a smaller training.microBatchSize"),
      cause: failure)
  }
}
