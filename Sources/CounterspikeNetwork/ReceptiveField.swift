extension NetworkPlan {
  /// What a value of a node can depend on.
  public struct ReceptiveField: Sendable, Equatable {
    /// In pixels of the samples, those beyond their edges included.
    public var height: Int
    public var width: Int
    /// Pixels of the samples from one value of the node to the next.
    var step: Int
    /// Whether it is everything.
    public internal(set) var isWhole = false
  }

  /// Of each node, in the order of ``nodes``; of several ways through the network the widest counts.
  public var receptiveFields: [ReceptiveField] {
    var fields: [ReceptiveField] = []
    for node in nodes {
      let before = node.inputs.map { fields[$0] }
      fields.append(field(of: node, before))
    }
    return fields
  }

  private func field(of node: Node, _ before: [ReceptiveField]) -> ReceptiveField {
    guard var field = before.first else { return ReceptiveField(height: 1, width: 1, step: 1) }
    func window(_ height: Int, _ width: Int, stride: Int) {
      field.height += (height - 1) * field.step
      field.width += (width - 1) * field.step
      field.step *= stride
    }
    switch node.operation {
    case .input, .normalization, .neurons, .dropout, .delay: break
    case .convolution(let kernel, let stride, _, _): window(kernel, kernel, stride: stride)
    case .pooling(let pooling): window(pooling.height, pooling.width, stride: pooling.height)
    // What a layer of a program's own looks at is not known.
    case .dense, .registered: field.isWhole = true
    case .sum:
      for other in before.dropFirst() {
        field.height = max(field.height, other.height)
        field.width = max(field.width, other.width)
        field.step = max(field.step, other.step)
        field.isWhole = field.isWhole || other.isWhole
      }
    }
    return field
  }
}
