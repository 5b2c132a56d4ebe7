internal import CounterspikeKernels

/// The order of a network's weights in memory and their convolutions, worked out from shapes: nothing
/// as large as the weights is reserved. One plan is for one ``Parameters``, which packs its weights into
/// the plan's convolutions.
struct ParameterPlan: Sendable {
  let network: NetworkPlan
  let isStill: Bool
  let microBatch: Int
  let layouts: [StageLayout]
  /// Where each stage's weights begin.
  let offsets: [Int]
  /// All stages' weights, padding included.
  let count: Int
  /// `nil` for a dense stage.
  let convolutions: [Convolution?]

  /// - Throws: `libraryFailure`.
  init(
    _ network: NetworkPlan, isStill: Bool, microBatch: Int, backward: Bool
  ) throws(CounterspikeError) {
    self.network = network
    self.isStill = isStill
    self.microBatch = microBatch
    layouts = StageLayout.layouts(network, isStill: isStill)
    var offsets: [Int] = []
    var count = 0
    var convolutions: [Convolution?] = []
    for (index, layout) in layouts.enumerated() {
      offsets.append(count)
      count += layout.weightCount
      guard let shape = layout.convolution(timeSteps: network.timeSteps, batch: microBatch) else {
        convolutions.append(nil)
        continue
      }
      do throws(LibraryFailure) {
        convolutions.append(
          try Convolution(
            shape, precision: layout.precision(network.precision).kernel,
            backward: backward, needsDataGradient: index > 0))
      } catch {
        throw CounterspikeError(error, stage: layout.stage.name)
      }
    }
    self.offsets = offsets
    self.count = count
    self.convolutions = convolutions
  }

  /// Floats of each stage's gradient, of a convolution in oneDNN's order.
  var gradientCounts: [Int] {
    zip(convolutions, layouts).map { $0?.gradientCount ?? $1.weightCount }
  }

  /// Bytes of the weights, those that convolutions hold in oneDNN's order included.
  var bytes: Int {
    count * MemoryLayout<Float>.stride + convolutions.reduce(0) { $0 + ($1?.packedBytes ?? 0) }
  }
}

/// A network's weights in the order that they are trained in, with the convolutions that hold them
/// packed; shared by all workers.
final class Parameters: Sendable {
  let plan: ParameterPlan
  var layouts: [StageLayout] { plan.layouts }
  /// All stages' weights, one after the other.
  let values: FloatBuffer
  var offsets: [Int] { plan.offsets }
  /// `nil` for a dense stage.
  var convolutions: [Convolution?] { plan.convolutions }

  /// - Parameter weights: of a stage, in the public order; asked for one stage after the other, so that
  ///   those of all need not exist at the same time.
  /// - Throws: `libraryFailure`, also where there is no memory.
  init(_ plan: ParameterPlan, weights: (_ stage: Int) -> Tensor) throws(CounterspikeError) {
    self.plan = plan
    values = try FloatBuffer(plan.count, for: "the weights")
    for index in layouts.indices { try set(index, weights(index)) }
  }

  /// The weights of stage `index`.
  func weights(_ index: Int) -> FloatSlice {
    values.slice(offsets[index], layouts[index].weightCount)
  }

  /// Takes over weights in the public order.
  func set(_ weights: [Tensor]) throws(CounterspikeError) {
    for index in layouts.indices { try set(index, weights[index]) }
  }

  private func set(_ index: Int, _ weights: Tensor) throws(CounterspikeError) {
    self.weights(index).scatter(weights.scalars, layouts[index].order)
    try pack(index)
  }

  /// The weights in the public order.
  func tensors() -> [Tensor] { tensors(in: values) }

  /// Any values that lie like the weights (moments, say) in the public order.
  func tensors(in buffer: FloatBuffer) -> [Tensor] {
    layouts.indices.map { tensor($0, in: buffer) }
  }

  /// Those of stage `index`.
  func tensor(_ index: Int, in buffer: FloatBuffer) -> Tensor {
    let layout = layouts[index]
    return Tensor(
      shape: layout.stage.weightShape,
      scalars: buffer.slice(offsets[index], layout.weightCount).gather(layout.order))
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
    let what = "\(failure.operation) of layer \(stage): \(failure.reason)"
    switch failure.kind {
    case .unimplemented:
      self.init(
        .libraryFailure,
        "oneDNN \(OneDNN.version) refused \(what); where network.precision is bfloat16, this "
          + "processor may lack it: use float32 (a run can only go on in its own precision)",
        remedy: .changeSetting, cause: failure)
    case .outOfMemory:
      self.init(
        .libraryFailure,
        "there is no memory for \(what); use a smaller training.microBatchSize or fewer threads",
        remedy: .useFewerWorkers, cause: failure)
    case .other:
      self.init(
        .libraryFailure,
        "oneDNN \(OneDNN.version) refused \(what); if memory is short, use a smaller "
          + "training.microBatchSize",
        cause: failure)
    }
  }
}

extension FloatBuffer {
  /// A buffer of `count` zeros.
  ///
  /// - Parameter purpose: what it is for, in an error.
  /// - Throws: `libraryFailure` where the system has no memory for it.
  convenience init(_ count: Int, for purpose: String) throws(CounterspikeError) {
    do throws(LibraryFailure) {
      try self.init(reserving: count)
    } catch {
      throw CounterspikeError(
        .libraryFailure,
        "the system has no memory for \(purpose), \(count) numbers of 4 bytes; use smaller layers, "
          + "fewer time steps, a smaller training.microBatchSize or fewer threads",
        remedy: .useFewerWorkers, cause: error)
    }
  }
}
