internal import CounterspikeNetwork
package import CounterspikeSettings
package import CounterspikeSystem

extension NetworkPlan {
  /// A product, its neurons and the poolings behind them, in a network that is nothing but a row of such.
  struct Product {
    let node: Node
    /// That of its neurons.
    let stage: Int
    var poolings: [(pooling: Pooling, shape: [Int])] = []
  }

  /// Refuses a network that cannot be brought to integers.
  ///
  /// - Throws: `invalidRecipe`, naming the node.
  package func requireQuantizable() throws(CounterspikeError) { _ = try rowOfProducts() }

  /// The network as a row of products.
  ///
  /// - Throws: `invalidRecipe`, naming the node that does not belong in one.
  func rowOfProducts() throws(CounterspikeError) -> [Product] {
    var rows: [Product] = []
    /// The product whose neurons are yet to come.
    var open: Node?
    for (place, node) in nodes.enumerated() {
      if case .sum = node.operation { throw refused(node, "adds up several values") }
      guard place == 0 || node.inputs == [place - 1] else {
        throw refused(node, "takes other values than those of the node before it")
      }
      switch node.operation {
      case .input, .dropout, .sum: break
      case .convolution, .dense:
        if let open { throw refused(open, "has no neurons behind it") }
        open = node
      case .normalization:
        guard nodes[place - 1].isProduct else {
          throw refused(node, "normalizes what is no product")
        }
      case .neurons(_, _, let kind):
        guard kind == .spiking else { throw refused(node, "is a \(kind) layer") }
        guard let product = open,
          let stage = stages.firstIndex(where: { $0.name == product.name })
        else { throw refused(node, "has no product before it") }
        let model = stages[stage].neuron.model
        guard model == .leaky else { throw refused(node, "is of the neuron \(model.rawValue)") }
        guard stages[stage].neuron.adaptation == nil else {
          throw refused(node, "has an adaptive threshold")
        }
        let trained = stages[stage].neuron.trained ?? []
        guard !hasConstantsByChannel(stage) || trained == [.threshold] else {
          throw refused(node, "has time constants by channel")
        }
        rows.append(Product(node: product, stage: stage))
        open = nil
      case .pooling(let pooling):
        if let open { throw refused(open, "has no neurons behind it") }
        guard !rows.isEmpty else { throw refused(node, "pools the samples") }
        rows[rows.count - 1].poolings.append((pooling, node.shape))
      case .delay: throw refused(node, "delays what it gets")
      case .registered(let piece, _): throw refused(node, "is the layer \(piece.name)")
      }
    }
    if let open { throw refused(open, "has no neurons behind it") }
    return rows
  }

  func refused(_ node: Node, _ what: String) -> CounterspikeError {
    CounterspikeError(
      .invalidRecipe,
      "“\(node.name.excerpt)” \(what), which cannot be quantized; only rows of convolutions or dense "
        + "layers with spiking neurons and poolings can be")
  }
}
