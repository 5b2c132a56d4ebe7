internal import CLIDrawing
internal import CLISupport
internal import Counterspike

/// A network's nodes from the input down to the output; what is not taken from the node above comes along
/// a line at the left.
struct NetworkChart {
  let plan: NetworkPlan

  private static let row = 20.0
  /// The most lines that run beside each other.
  private static let lanes = 6

  /// - Parameter styles: of a file of its own.
  func svg(styles: String? = nil) -> String {
    let paths = plan.nodes.flatMap { node in
      node.inputs.filter { $0 != node.id - 1 }.map { (from: $0, to: node.id) }
    }
    let lanes = min(Self.lanes, paths.count)
    let left = 12 + 10 * Double(lanes)
    var drawing = Drawing(
      width: 340, height: Self.row * Double(plan.nodes.count) + 8,
      title: "the network's \(plan.nodes.count) nodes")
    func y(_ node: Int) -> Double { Self.row * (Double(node) + 0.5) + 4 }
    for node in plan.nodes where node.inputs.contains(node.id - 1) {
      drawing.line(left, y(node.id - 1), left, y(node.id))
    }
    for (index, path) in paths.enumerated() {
      let x = left - 10 * Double(1 + index % max(lanes, 1))
      drawing.curve(
        [(left, y(path.from)), (x, y(path.from) + 6), (x, y(path.to) - 6), (left, y(path.to))],
        style: "two")
    }
    for node in plan.nodes {
      drawing.dot(left, y(node.id), style: node.isSpiking ? "one" : "plain")
      let shape = node.shape.map { "\($0)" }.joined(separator: "×")
      drawing.text("\(node.name.shortened(to: 26))  \(shape)", left + 10, y(node.id) + 4)
    }
    return drawing.svg(styles: styles)
  }
}

extension NetworkPlan.Node {
  fileprivate var isSpiking: Bool {
    if case .neurons = operation { true } else { false }
  }
}
