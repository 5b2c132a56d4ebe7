internal import CounterspikeSystem

/// How a network is brought to integers.
public struct QuantizationSettings: Sendable, Equatable {
  /// What shares a scale.
  public enum Scale: String, Sendable, Equatable, CaseIterable {
    /// All weights of a layer.
    case layer
    /// The weights of each output channel.
    case channel
  }

  /// Bits of a weight, in 2 … 8; the largest magnitude is 2ᵇ⁻¹ − 1.
  public var bits: Int
  public var scale: Scale
  /// The largest magnitude of an input.
  public var inputLimit: Float

  public init(bits: Int = 8, scale: Scale = .channel, inputLimit: Float = 1) {
    self.bits = bits
    self.scale = scale
    self.inputLimit = inputLimit
  }
}

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
    guard (2...8).contains(settings.bits) else {
      throw CounterspikeError(
        .invalidRecipe, "weights of \(settings.bits) bits cannot be made; choose 2 to 8")
    }
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

  /// A layer before it is in integers.
  fileprivate struct Row {
    let node: NetworkPlan.Node
    let inputShape: [Int]
    let weights: Tensor
    let bias: [Float]?
    var neurons: NeuronSettings?
    var poolings: [(pooling: NetworkPlan.Pooling, shape: [Int])] = []
  }

  private func rowOfLayers() throws(CounterspikeError) -> [Row] {
    func refused(_ node: NetworkPlan.Node, _ what: String) -> CounterspikeError {
      CounterspikeError(
        .invalidRecipe,
        "“\(node.name.excerpt)” \(what), which cannot be quantized; only rows of convolutions or dense "
          + "layers with spiking neurons and poolings can be")
    }
    var rows: [Row] = []
    for (place, node) in plan.nodes.enumerated() {
      if case .sum = node.operation { throw refused(node, "adds up several values") }
      guard place == 0 || node.inputs == [place - 1] else {
        throw refused(node, "takes other values than those of the node before it")
      }
      switch node.operation {
      case .input, .dropout: break
      case .convolution, .dense:
        guard let (weights, bias) = folded(node) else {
          throw refused(node, "has a normalization that cannot be folded into it")
        }
        rows.append(
          Row(
            node: node, inputShape: plan.nodes[place - 1].shape, weights: weights, bias: bias))
      case .normalization:
        guard case .convolution = plan.nodes[place - 1].operation else {
          guard case .dense = plan.nodes[place - 1].operation else {
            throw refused(node, "normalizes what is no product")
          }
          break
        }
      case .neurons(_, _, let kind):
        guard kind == .spiking else { throw refused(node, "is a \(kind) layer") }
        guard let stage = plan.stages.firstIndex(where: { $0.name == rows.last?.node.name }) else {
          throw refused(node, "has no product before it")
        }
        let neuron = neuron(ofStage: stage)
        guard neuron.model == .leaky else {
          throw refused(node, "is of the neuron \(neuron.model.rawValue)")
        }
        guard neuron.adaptation == nil else { throw refused(node, "has an adaptive threshold") }
        rows[rows.count - 1].neurons = neuron
      case .pooling(let pooling):
        guard rows.last?.neurons != nil else { throw refused(node, "pools the samples") }
        rows[rows.count - 1].poolings.append((pooling, node.shape))
      case .sum: break
      case .delay: throw refused(node, "delays what it gets")
      case .registered(let piece, _): throw refused(node, "is the layer \(piece.name)")
      }
    }
    for row in rows where row.neurons == nil { throw refused(row.node, "has no neurons behind it") }
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
      guard let neurons = row.neurons else { return nil }
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
        let threshold = min(Double(neurons.threshold) / Double(scale) * unit, highest)
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
    let limit = Float(1 << (settings.bits - 1) - 1)
    func largest(_ range: Range<Int>) -> Float {
      scalars[range].reduce(0) { max($0, $1.magnitude) }
    }
    let ofLayer = largest(0..<count)
    var integers: [Int8] = []
    integers.reserveCapacity(count)
    var scales: [Float] = []
    for channel in 0..<channels {
      let range = channel * size..<(channel + 1) * size
      let bound = settings.scale == .layer ? ofLayer : largest(range)
      // A row of zeros has any scale.
      let scale = bound > 0 ? bound / limit : 1
      scales.append(scale)
      for weight in scalars[range] {
        integers.append(Int8(max(-limit, min(limit, (weight / scale).rounded()))))
      }
    }
    return (integers, scales)
  }
}
