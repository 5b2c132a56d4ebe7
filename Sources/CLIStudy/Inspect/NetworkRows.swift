internal import Counterspike

/// A network as rows: its layers, with what lies between them that is none, in order.
struct NetworkRows {
  struct Row {
    let node: NetworkPlan.Node
    let stage: NetworkPlan.Stage?
    let name: String
    /// The rows whose values it takes; −1: the samples.
    let takes: [Int]
  }

  let plan: NetworkPlan
  private(set) var rows: [Row] = []
  /// Of each node: the rows whose values are in it.
  private var sources: [[Int]] = []

  init(_ plan: NetworkPlan) {
    self.plan = plan
    for node in plan.nodes { add(node) }
  }

  private mutating func add(_ node: NetworkPlan.Node) {
    let before = node.inputs.flatMap { currents(of: plan.nodes[$0], for: node) ?? sources[$0] }
    switch node.operation {
    case .input: sources.append([-1])
    case .convolution, .dense, .normalization, .registered(_, fires: true): sources.append(before)
    case .sum where isCurrent(node): sources.append(before)
    case .neurons:
      let name = String(node.name.dropLast(".neurons".count))
      append(node, plan.stages.first { $0.name == name } ?? stage(of: node), name, before)
    case .sum, .pooling, .dropout, .delay, .registered: append(node, nil, node.name, before)
    }
  }

  /// The layer of neurons that are named otherwise than their product.
  private func stage(of node: NetworkPlan.Node) -> NetworkPlan.Stage? {
    let index = plan.nodes[..<node.id].count {
      if case .neurons = $0.operation { true } else { false }
    }
    return index < plan.stages.count ? plan.stages[index] : nil
  }

  private mutating func append(
    _ node: NetworkPlan.Node, _ stage: NetworkPlan.Stage?, _ name: String, _ takes: [Int]
  ) {
    sources.append([rows.count])
    rows.append(Row(node: node, stage: stage, name: name, takes: takes))
  }

  private func isCurrent(_ node: NetworkPlan.Node) -> Bool {
    switch node.operation {
    case .convolution, .dense, .normalization, .registered(_, fires: true): true
    case .sum: isCurrent(plan.nodes[node.inputs[0]])
    default: false
    }
  }

  /// The row of the neurons whose currents a shortcut takes, too.
  private func currents(of node: NetworkPlan.Node, for taker: NetworkPlan.Node) -> [Int]? {
    guard isCurrent(node), case .sum = taker.operation else { return nil }
    return rows.firstIndex { row in
      guard case .neurons = row.node.operation else { return false }
      return row.node.inputs[0] == node.id
    }.map { [$0] }
  }

  // MARK: Drawing

  /// Lines from each row to those further down that take its value, drawn beside the rows; empty where each
  /// takes that of the row before.
  var lines: [String] {
    let paths = rows.indices.flatMap { to in
      Set(rows[to].takes).filter { $0 >= 0 && $0 != to - 1 }.sorted().map { (from: $0, to: to) }
    }
    guard !paths.isEmpty else { return rows.map { _ in "" } }
    // Each path has a column of its own as long as it runs.
    var columns: [[(from: Int, to: Int)]] = []
    for path in paths {
      if let free = columns.firstIndex(where: { column in
        column.allSatisfy { $0.to < path.from || $0.from > path.to }
      }) {
        columns[free].append(path)
      } else {
        columns.append([path])
      }
    }
    return rows.indices.map { row in
      var line = ""
      for (index, column) in columns.enumerated() {
        let begins = column.contains { $0.from == row }
        let ends = column.contains { $0.to == row }
        let passes = column.contains { $0.from < row && row < $0.to }
        // A line that goes on to a column further right crosses this one.
        let reaches = columns[(index + 1)...].contains { later in
          later.contains { $0.from == row || $0.to == row }
        }
        let here =
          switch (begins, ends, passes) {
          case (true, _, _): reaches ? "┬" : "┐"
          case (_, true, _): reaches ? "┴" : "┘"
          case (_, _, true): reaches ? "┼" : "│"
          default: reaches ? "─" : " "
          }
        let isReached = begins || ends || reaches
        line += (isReached ? "─" : " ") + here
      }
      return line
    }
  }

  /// The network as a graph of GraphViz.
  var dot: String {
    func quoted(_ text: String) -> String {
      "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    var lines = [
      "digraph network {", "  rankdir = TB;", "  node [shape = box, fontname = Helvetica];",
    ]
    lines.append(
      "  input [label = \(quoted("input\\n" + plan.inputShape.shapeText)), shape = plain];")
    for (index, row) in rows.enumerated() {
      let shape = row.stage == nil ? ", shape = ellipse" : ""
      let label = quoted("\(row.name)\n\(row.node.shape.shapeText)").replacing("\n", with: "\\n")
      lines.append("  n\(index) [label = \(label)\(shape)];")
      for source in row.takes {
        lines.append("  \(source < 0 ? "input" : "n\(source)") -> n\(index);")
      }
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }
}

extension [Int] {
  /// `3×32×32`, of a dense layer the number alone.
  var shapeText: String {
    count == 3 && self[1...] == [1, 1] ? "\(self[0])" : map { "\($0)" }.joined(separator: "×")
  }
}
