package import CounterspikeKernels
package import CounterspikeNetwork
internal import CounterspikeProducts
package import CounterspikeRecipe
internal import CounterspikeSettings
package import CounterspikeSystem

/// How one parameter lies in memory.
package struct ParameterLayout: Sendable {
  let parameter: NetworkPlan.Parameter
  /// The layer that its time is counted for.
  package let stage: Int
  /// Floats as it is trained, padding included.
  let count: Int
  /// Where each value of the public order stands.
  package let order: WeightOrder
  /// How a product multiplies it; `nil` of all that are no weights of one.
  let product: ProductLayout?
  /// Holds the weights packed; `nil` of all that are none of a convolution.
  let convolution: Convolution?

  /// Floats of its gradient, of a convolution in oneDNN's order.
  var gradientCount: Int { convolution?.gradientCount ?? count }
}

/// The order of a network's parameters in memory and their convolutions, worked out from shapes: nothing
/// as large as the weights is reserved. One plan is for one ``Parameters``, which packs its weights into
/// the plan's convolutions.
package struct ParameterPlan: Sendable {
  let network: NetworkPlan
  let isStill: Bool
  let microBatch: Int
  /// One a parameter.
  let layouts: [ParameterLayout]
  /// Where each parameter begins.
  let offsets: [Int]
  /// All parameters, padding included.
  let count: Int
  /// Where each of the network's statistics begins.
  let statisticOffsets: [Int]
  /// All statistics, padding included.
  let statisticCount: Int
  /// The weights that passes get rounded; `nil`: none.
  let rounded: RoundedWeights?

  /// - Parameter rounding: how passes get the weights rounded; `nil`: as they are.
  /// - Throws: `libraryFailure`.
  package init(
    _ network: NetworkPlan, isStill: Bool, microBatch: Int, backward: Bool,
    rounding: QuantizationSettings? = nil
  ) throws(CounterspikeError) {
    self.network = network
    self.isStill = isStill
    self.microBatch = microBatch
    var layouts: [ParameterLayout] = []
    for parameter in network.parameters {
      let node = network.nodes[parameter.node]
      guard parameter.role == .weight, node.isBuiltInProduct else {
        let isSquare = parameter.role == .lateral
        let isOwn = parameter.role == .weight
        let outputs = parameter.shape[0]
        let inputs = isSquare || isOwn ? parameter.count / outputs : 1
        // What a program's own layer sees has no padding.
        let stride = isSquare ? paddedChannels(inputs) : inputs
        layouts.append(
          ParameterLayout(
            parameter: parameter, stage: network.stageOfNode[node.id],
            count: isOwn ? parameter.count : paddedChannels(outputs) * stride,
            order: WeightOrder(
              outputs: outputs, inputs: inputs, pixels: 1, outputStride: stride, inputStride: 1,
              pixelStride: 1),
            product: nil, convolution: nil))
        continue
      }
      let product = ProductLayout(node, network, isStill: isStill)
      var convolution: Convolution?
      if let shape = product.convolution(timeSteps: network.timeSteps, batch: microBatch) {
        do throws(LibraryFailure) {
          convolution = try Convolution(
            shape, precision: product.precision(network.precision).kernel,
            backward: backward, needsDataGradient: node.inputs[0] != 0)
        } catch {
          throw CounterspikeError(error, stage: node.name)
        }
      }
      layouts.append(
        ParameterLayout(
          parameter: parameter, stage: network.stageOfNode[node.id], count: product.weightCount,
          order: product.order, product: product, convolution: convolution))
    }
    self.layouts = layouts
    rounded = rounding.map { RoundedWeights($0, network, layouts) }
    (offsets, count) = Self.places(layouts.map(\.count))
    (statisticOffsets, statisticCount) = Self.places(
      network.statistics.map { paddedChannels($0.count) })
  }

  private static func places(_ counts: [Int]) -> (offsets: [Int], count: Int) {
    var sum = 0
    let offsets = counts.map { count in
      defer { sum += count }
      return sum
    }
    return (offsets, sum)
  }

  /// Floats of each parameter's gradient, of a convolution in oneDNN's order.
  package var gradientCounts: [Int] { layouts.map(\.gradientCount) }

  /// Bytes of rounded copies.
  var roundedBytes: Int { (rounded?.count ?? 0) * MemoryLayout<Float>.stride }

  /// Bytes of the parameters, those that convolutions hold in oneDNN's order included.
  package var bytes: Int {
    (count + statisticCount) * MemoryLayout<Float>.stride
      + layouts.reduce(0) { $0 + ($1.convolution?.packedBytes ?? 0) }
  }
}

/// A network's parameters in the order that they are trained in, with the convolutions that hold them
/// packed, and its statistics; shared by all workers.
package final class Parameters: Sendable {
  package let plan: ParameterPlan
  /// One a parameter.
  package var layouts: [ParameterLayout] { plan.layouts }
  /// All parameters, one after the other.
  let values: FloatBuffer
  /// All statistics, one after the other.
  let statistics: FloatBuffer
  /// Rounded copies of the weights that passes get rounded.
  private let rounded: FloatBuffer?
  var offsets: [Int] { plan.offsets }

  /// - Parameters:
  ///   - weights: of a parameter, in the public order; asked for one after the other, so that those of
  ///     all need not exist at the same time.
  ///   - statistics: one tensor for each of the network's.
  /// - Throws: `libraryFailure`, also where there is no memory.
  package init(
    _ plan: ParameterPlan, statistics: [Tensor], weights: (_ parameter: Int) -> Tensor
  ) throws(CounterspikeError) {
    self.plan = plan
    values = try FloatBuffer(plan.count, for: "the weights")
    self.statistics = try FloatBuffer(plan.statisticCount, for: "running means and variances")
    rounded = try plan.rounded.map { (rounded) throws(CounterspikeError) in
      try FloatBuffer(rounded.count, for: "the rounded weights")
    }
    try set(weights, statistics: statistics)
  }

  /// The values of parameter `index`, as they are trained.
  func trained(_ index: Int) -> FloatSlice {
    values.slice(offsets[index], layouts[index].count)
  }

  /// The values of parameter `index` that passes compute with: those that are trained, or rounded ones.
  package func weights(_ index: Int) -> FloatSlice {
    guard let rounded, let plan = plan.rounded, let place = plan.places[index] else {
      return trained(index)
    }
    return rounded.slice(plan.items[place].offset, layouts[index].count)
  }

  /// Takes over parameters in the public order, asked for one after the other, and statistics.
  func set(
    _ weights: (_ parameter: Int) -> Tensor, statistics: [Tensor]
  ) throws(CounterspikeError) {
    for index in layouts.indices {
      trained(index).scatter(weights(index).scalars, layouts[index].order)
    }
    set(statistics: statistics)
    for index in layouts.indices { try prepare(index) }
  }

  /// After the values of parameter `index` changed, or the normalization behind it: brings them to where
  /// passes find them.
  func prepare(_ index: Int) throws(CounterspikeError) {
    if let rounded, let plan = plan.rounded, let place = plan.places[index] {
      round(plan.items[place], plan, into: rounded)
    }
    try pack(index)
  }

  /// The parameters in the public order.
  func tensors() -> [Tensor] { layouts.indices.map { tensor($0, in: values) } }

  /// Of any values that lie like the parameters (moments, say) those of parameter `index`, in the public
  /// order.
  func tensor(_ index: Int, in buffer: FloatBuffer) -> Tensor {
    let layout = layouts[index]
    return Tensor(
      shape: layout.parameter.shape,
      scalars: buffer.slice(offsets[index], layout.count).gather(layout.order))
  }

  /// A parameter's gradient in the public order.
  ///
  /// - Parameter gradient: of a convolution in oneDNN's order.
  package func tensor(
    _ index: Int, ofGradient gradient: FloatBuffer
  ) throws(CounterspikeError) -> Tensor {
    let layout = layouts[index]
    var values = gradient
    if let convolution = layout.convolution {
      values = FloatBuffer(count: layout.count)
      do throws(LibraryFailure) {
        try convolution.unpack(gradient.all, into: values.all)
      } catch {
        throw CounterspikeError(error, stage: layout.parameter.id)
      }
    }
    return Tensor(shape: layout.parameter.shape, scalars: values.all.gather(layout.order))
  }

  /// After the values of parameter `index` changed that passes compute with.
  package func pack(_ index: Int) throws(CounterspikeError) {
    do throws(LibraryFailure) {
      try layouts[index].convolution?.pack(weights(index))
    } catch {
      throw CounterspikeError(error, stage: layouts[index].parameter.id)
    }
  }

  // MARK: Statistics

  private func set(statistics tensors: [Tensor]) {
    for (index, tensor) in tensors.enumerated() {
      statistics.slice(plan.statisticOffsets[index], tensor.count).copy(from: tensor.scalars)
    }
  }

  /// The statistics, one tensor for each of the network's.
  func statisticTensors() -> [Tensor] {
    zip(plan.network.statistics, plan.statisticOffsets).map { statistic, offset in
      let order = WeightOrder(
        outputs: statistic.count, inputs: 1, pixels: 1, outputStride: 1, inputStride: 1,
        pixelStride: 1)
      return Tensor(
        shape: [statistic.count],
        scalars: statistics.slice(offset, paddedChannels(statistic.count)).gather(order))
    }
  }

  /// running ← (1 − momentum)·running + momentum·found, in place.
  ///
  /// - Parameters:
  ///   - found: a micro-batch's statistics, which lie like ``statistics``.
  ///   - places: which of them change.
  func takeUp(_ found: FloatBuffer, of places: [Int]) {
    for place in places {
      let offset = plan.statisticOffsets[place]
      let count = paddedChannels(plan.network.statistics[place].count)
      statistics.slice(offset, count).mix(
        found.slice(offset, count), share: NetworkPlan.Normalization.momentum)
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
  package init(_ failure: LibraryFailure, stage: String) {
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
  package convenience init(_ count: Int, for purpose: String) throws(CounterspikeError) {
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
