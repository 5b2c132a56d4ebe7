internal import CounterspikeKernels
public import CounterspikeNetwork
public import CounterspikeRecipe
internal import CounterspikeSettings
public import CounterspikeSystem

extension Network {
  /// The network in integers.
  ///
  /// Normalizations are folded into weights and biases. Each weight is rounded to the nearest multiple of
  /// its scale, which is the largest magnitude of what shares it by 2ᵇ⁻¹ − 1.
  ///
  /// - Throws: `invalidRecipe` for settings out of range, and for networks that are no plain row of products,
  ///   neurons and poolings, naming the node.
  public func quantized(
    _ settings: QuantizationSettings = QuantizationSettings()
  ) throws(CounterspikeError) -> IntegerNetwork {
    try settings.checkBits()
    guard settings.inputLimit.isFinite, settings.inputLimit > 0 else {
      throw CounterspikeError(
        .invalidRecipe, "the largest input is \(settings.inputLimit); it must be a number above 0")
    }
    let rows = try rowOfLayers()
    // As many fraction bits as leave every sum in 32 bits.
    for bits in stride(from: 14, through: 4, by: -1) {
      if let network = integers(rows, settings, fractionBits: bits) { return network }
    }
    throw CounterspikeError(
      .invalidRecipe,
      "the sums of this network do not fit 32 bits; quantize to fewer bits, or use smaller layers")
  }

  /// The network with the weights that ``quantized(_:)`` gives it, in single precision: what a training with
  /// rounded weights computes with. All other numbers stay as they are.
  ///
  /// Where a normalization follows, the weights before it are such that those behind it are the integers'.
  ///
  /// - Throws: `invalidRecipe` as ``quantized(_:)``, but for sums that do not fit 32 bits.
  public func rounded(_ settings: QuantizationSettings) throws(CounterspikeError) -> Network {
    try settings.checkBits()
    var values = weights
    for row in try rowOfLayers() {
      guard
        let index = plan.parameters.firstIndex(where: {
          $0.node == row.node.id && $0.role == .weight
        })
      else { continue }
      let (integers, scales) = row.weights.rounded(settings)
      let factors = plan.folding(row.node).map(factors)
      let size = values[index].count / scales.count
      for place in values[index].scalars.indices {
        let channel = place / size
        values[index].scalars[place] = WeightRounding.value(
          Float(integers[place]), scale: scales[channel], factor: factors?[channel] ?? 1,
          weight: values[index].scalars[place])
      }
    }
    var network = self
    try network.setWeights(values)
    return network
  }

  /// A layer before it is in integers.
  fileprivate struct Row {
    let node: NetworkPlan.Node
    let inputShape: [Int]
    let weights: Tensor
    let bias: [Float]?
    let neurons: NeuronSettings
    /// θ of each channel.
    let thresholds: [Float]
    let poolings: [(pooling: NetworkPlan.Pooling, shape: [Int])]
  }

  private func rowOfLayers() throws(CounterspikeError) -> [Row] {
    var rows: [Row] = []
    for row in try plan.rowOfProducts() {
      guard let (weights, bias) = folded(row.node) else {
        throw plan.refused(row.node, "has a normalization that cannot be folded into it")
      }
      rows.append(
        Row(
          node: row.node, inputShape: plan.nodes[row.node.inputs[0]].shape, weights: weights,
          bias: bias, neurons: neuron(ofStage: row.stage),
          thresholds: (0..<row.node.shape[0]).map {
            neuron(ofStage: row.stage, channel: $0).threshold
          }, poolings: row.poolings))
    }
    return rows
  }

  /// `nil` where a sum may not fit 32 bits.
  private func integers(
    _ rows: [Row], _ settings: QuantizationSettings, fractionBits: Int
  ) -> IntegerNetwork? {
    let unit = Double(1 << fractionBits)
    let factorUnit = Double(1 << IntegerNetwork.factorBits)
    func factor(_ value: Double) -> Int32 { Int32((value * factorUnit).rounded()) }
    let inputLimit = (Double(settings.inputLimit) * unit).rounded(.up)
    guard inputLimit < Double(Int32.max) / 4 else { return nil }
    // The largest value that comes in.
    var largest = inputLimit
    var layers: [IntegerNetwork.Layer] = []
    for row in rows {
      let neurons = row.neurons
      let (weights, scales) = row.weights.rounded(settings)
      let size = row.weights.count / scales.count
      var bias: [Int32] = []
      var thresholds: [Int32] = []
      for (channel, scale) in scales.enumerated() {
        let offset = Double(row.bias?[channel] ?? 0) / Double(scale) * unit
        let sum = weights[channel * size..<(channel + 1) * size].reduce(0.0) {
          $0 + Double($1.magnitude)
        }
        let current = sum * largest + offset.magnitude
        // A threshold beyond what the membrane can reach is as good as the least that is beyond it.
        let highest = (current + 1) / (1 - neurons.membraneDecay) + 1
        let threshold = min(
          Double(row.thresholds[channel]) / Double(scale) * unit, highest)
        let reached = highest + threshold
        guard reached < Double(Int32.max) / 2 else { return nil }
        bias.append(Int32(offset.rounded()))
        thresholds.append(Int32(threshold.rounded()))
      }
      let gain = ((1 - neurons.synapticDecay) * unit).rounded()
      // Rounding can leave a little more than 1 of a psc.
      largest = unit + 2 / (1 - neurons.synapticDecay) + 1
      var poolings: [IntegerNetwork.Pooling] = []
      for (pooling, shape) in row.poolings {
        let isMaximum = pooling.kind == .maximum
        if !isMaximum {
          largest *= Double(pooling.height * pooling.width)
          guard largest < Double(Int32.max) / 2 else { return nil }
          largest = largest * Double(pooling.factor) + 1
        }
        poolings.append(
          IntegerNetwork.Pooling(
            isMaximum: isMaximum, height: pooling.height, width: pooling.width,
            factor: isMaximum ? 0 : factor(Double(pooling.factor)), outputShape: shape))
      }
      layers.append(
        IntegerNetwork.Layer(
          name: row.node.name, product: row.product(weights, scales, bias),
          neurons: IntegerNetwork.Neurons(
            membraneDecay: factor(neurons.membraneDecay),
            synapticDecay: factor(neurons.synapticDecay), gain: Int32(gain),
            thresholds: thresholds, reset: neurons.reset), poolings: poolings))
    }
    return IntegerNetwork(
      inputShape: plan.inputShape, timeSteps: plan.timeSteps, fractionBits: fractionBits,
      inputLimit: Int32(inputLimit), inputDecay: factor(plan.inputSynapticDecay), layers: layers)
  }
}

extension Network.Row {
  fileprivate func product(
    _ weights: [Int8], _ scales: [Float], _ bias: [Int32]
  ) -> IntegerNetwork.Product {
    var (kernel, stride, padding, groups) = ((inputShape[1], inputShape[2]), 1, 0, 1)
    if case .convolution(let size, let step, let border, let parts) = node.operation {
      (kernel, stride, padding, groups) = ((size, size), step, border, parts)
    }
    return IntegerNetwork.Product(
      inputShape: inputShape, outputShape: node.shape,
      kernel: (height: kernel.0, width: kernel.1), stride: stride, padding: padding,
      groups: groups, weights: weights, scales: scales, bias: bias)
  }
}

extension Tensor {
  /// The tensor, one row an output channel, as integers and the scale of each row.
  fileprivate func rounded(_ settings: QuantizationSettings) -> ([Int8], [Float]) {
    let channels = shape[0]
    let size = count / channels
    let rounding = WeightRounding(bits: settings.bits)
    func largest(_ range: Range<Int>) -> Float {
      scalars[range].reduce(0) { max($0, $1.magnitude) }
    }
    let ofLayer = largest(0..<count)
    var integers: [Int8] = []
    integers.reserveCapacity(count)
    var scales: [Float] = []
    for channel in 0..<channels {
      let range = channel * size..<(channel + 1) * size
      let scale = rounding.scale(largest: settings.scale == .layer ? ofLayer : largest(range))
      scales.append(scale)
      for weight in scalars[range] {
        integers.append(Int8(rounding.integer(weight, scale: scale)))
      }
    }
    return (integers, scales)
  }
}
