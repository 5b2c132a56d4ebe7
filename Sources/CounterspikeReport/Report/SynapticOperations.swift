internal import Counterspike

/// How much a spiking network computes for a sample, against the same network without spikes.
///
/// A spike is one addition for each weight that it meets. A product of the input that is no spike train
/// takes multiply-adds: of a static input once a sample, of other values at each step. The network without
/// spikes takes one pass of multiply-adds for an image, and one at each step of what changes over time.
package struct SynapticOperations: Sendable {
  /// A convolution, a dense product or one with lateral weights.
  package struct Product: Sendable {
    package var name: String
    /// Additions a sample, the mean over samples.
    package var additions: Double
    /// Multiply-adds a sample.
    package var multiplyAdds: Double
    /// Multiply-adds a sample of the same product without spikes.
    package var dense: Double
  }

  package var products: [Product]
  /// Multiply-adds a sample of the neurons' states: two for each neuron and step, one for the membrane
  /// potential and one for the post-synaptic current.
  package var states: Double
  package var samples: Int
  /// How often the network without spikes runs for a sample.
  package var passes: Int

  package var additions: Double { products.reduce(0) { $0 + $1.additions } }
  package var multiplyAdds: Double { products.reduce(0) { $0 + $1.multiplyAdds } }
  package var dense: Double { products.reduce(0) { $0 + $1.dense } }

  // MARK: Energy

  /// Energy of an addition of 32-bit floats in 45 nm at 0.9 V, in joules.
  package static let additionEnergy = 0.9e-12
  /// Energy of a multiplication, 3.7 pJ, and an addition, in joules.
  package static let multiplyAddEnergy = 4.6e-12
  package static let source =
    "M. Horowitz, Computing's energy problem (and what we can do about it), ISSCC 2014, pages 10–14"

  /// Joules a sample, of the arithmetic alone.
  package var energy: Double {
    additions * Self.additionEnergy + (multiplyAdds + states) * Self.multiplyAddEnergy
  }

  package var denseEnergy: Double { dense * Self.multiplyAddEnergy }

  // MARK: Counting

  /// - Parameters:
  ///   - spikes: of each layer's neurons over all samples, in the order C, H, W.
  ///   - input: the values of all samples, summed up, if they are numbers of spikes; `nil`: they are not.
  ///   - isStill: whether a sample is one image for all steps.
  ///   - isImage: whether the spikes of a sample are those of one image.
  init(
    _ plan: NetworkPlan, spikes: [[Int]], input: [Double]?, isStill: Bool, isImage: Bool = false,
    samples: Int
  ) {
    self.samples = samples
    // What neurons tell each other a step later is there without spikes, too.
    let isRecurrent = plan.stages.contains { $0.lateral != nil }
    passes = (isStill || isImage) && !isRecurrent ? 1 : plan.timeSteps
    let neurons = plan.stages.reduce(0) { $0 + $1.neuronCount }
    states = 2 * Double(neurons) * Double(plan.timeSteps)
    let count = Double(max(1, samples))
    // Spikes a sample at each pixel of a node's value; `nil`: it is made of values that are no spikes.
    var events: [[Double]?] = []
    var layer = 0
    products = []
    for node in plan.nodes {
      let before = node.inputs.map { events[$0] }
      let shape = node.inputs.first.map { plan.nodes[$0].shape } ?? node.shape
      switch node.operation {
      case .input: events.append(input.map { Self.pixels($0, node.shape).map { $0 / count } })
      case .neurons:
        events.append(Self.pixels(spikes[layer].map { Double($0) }, node.shape).map { $0 / count })
        if let lateral = lateral(plan.stages[layer], plan, spikes[layer], count) {
          products.append(lateral)
        }
        layer += 1
      case .pooling(let windows):
        events.append(before[0].map { Self.pooled($0, shape, windows, node.shape) })
      case .sum: events.append(Self.sum(before))
      case .dropout, .delay, .normalization: events.append(before[0])
      // What a program's own layer makes of a spike is not known.
      case .registered: events.append(nil)
      case .convolution, .dense:
        let dense = Self.multiplyAdds(node, plan)
        let additions = before[0].map { Self.additions(node, $0, shape) }
        let steps = isStill ? 1 : Double(plan.timeSteps)
        products.append(
          Product(
            name: node.name, additions: additions ?? 0,
            multiplyAdds: additions == nil ? dense * steps : 0, dense: dense * Double(passes)))
        events.append(nil)
      }
    }
  }

  /// The product of a recurrent layer's spikes with its lateral weights; each spike meets one weight for
  /// each neuron. Those of the last step are counted, too, though nothing comes after them.
  private func lateral(
    _ stage: NetworkPlan.Stage, _ plan: NetworkPlan, _ spikes: [Int], _ samples: Double
  ) -> Product? {
    guard let place = stage.lateral else { return nil }
    let weights = Double(plan.parameters[place].count)
    let sum = Double(spikes.reduce(0, +)) / samples
    return Product(
      name: "\(stage.name), lateral", additions: sum * weights / Double(max(spikes.count, 1)),
      multiplyAdds: 0, dense: weights * Double(passes))
  }

  /// Sums over channels, shape `[H, W]`.
  private static func pixels(_ values: [Double], _ shape: [Int]) -> [Double] {
    let plane = shape[1] * shape[2]
    var sums = [Double](repeating: 0, count: plane)
    for (place, value) in values.enumerated() { sums[place % plane] += value }
    return sums
  }

  /// Spikes that reach each window. One of a window's maximum reaches it only if no other hides it, so
  /// that the number is an upper bound there.
  private static func pooled(
    _ events: [Double], _ shape: [Int], _ windows: NetworkPlan.Pooling, _ result: [Int]
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: result[1] * result[2])
    for y in 0..<result[1] * windows.height {
      for x in 0..<result[2] * windows.width {
        sums[y / windows.height * result[2] + x / windows.width] += events[y * shape[2] + x]
      }
    }
    return sums
  }

  private static func sum(_ parts: [[Double]?]) -> [Double]? {
    let known = parts.compactMap { $0 }
    guard known.count == parts.count, var sum = known.first else { return nil }
    for part in known.dropFirst() {
      for place in sum.indices { sum[place] += part[place] }
    }
    return sum
  }

  private static func multiplyAdds(_ node: NetworkPlan.Node, _ plan: NetworkPlan) -> Double {
    let weights = plan.parameters.first { $0.node == node.id && $0.role == .weight }?.count ?? 0
    return Double(node.shape[1] * node.shape[2] * weights)
  }

  /// Additions of spikes at each pixel of a product's input: one for each weight that the pixel meets.
  private static func additions(
    _ node: NetworkPlan.Node, _ events: [Double], _ shape: [Int]
  ) -> Double {
    let outputs = Double(node.shape[0])
    guard case .convolution(let kernel, let stride, let padding, let groups) = node.operation else {
      return events.reduce(0, +) * outputs
    }
    func places(_ size: Int, _ results: Int) -> [Double] {
      (0..<size).map { place in
        Double((0..<results).count { (0..<kernel).contains(place + padding - $0 * stride) })
      }
    }
    let (rows, columns) = (places(shape[1], node.shape[1]), places(shape[2], node.shape[2]))
    var sum = 0.0
    for (place, value) in events.enumerated() where value != 0 {
      sum += value * rows[place / shape[2]] * columns[place % shape[2]]
    }
    return sum * outputs / Double(groups)
  }
}
