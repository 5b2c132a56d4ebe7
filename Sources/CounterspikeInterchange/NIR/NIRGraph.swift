internal import Counterspike
internal import CounterspikeData

/// A graph of the Neuromorphic Intermediate Representation, as its HDF5 files hold it: nodes with values
/// by name, and edges between them.
///
/// - Note: Pedersen et al., “Neuromorphic intermediate representation: A unified instruction set for
///   interoperable brain-inspired computing” (Nature Communications 2024); nir 1.0.8.
struct NIRGraph {
  struct Node {
    var type: String
    var values: [String: HDF5Tree] = [:]
  }

  var nodes: [String: Node] = [:]
  var edges: [(from: String, to: String)] = []

  static let version = "1.0.8"

  /// Linear or Affine nodes between neurons and themselves, by the neurons' names.
  var lateral: [String: String] {
    var found: [String: String] = [:]
    for edge in edges where ["Linear", "Affine"].contains(nodes[edge.from]?.type) {
      let before = edges.filter { $0.to == edge.from }.map(\.from)
      let behind = edges.filter { $0.from == edge.from }.map(\.to)
      if before == [edge.to], behind == [edge.to] { found[edge.to] = edge.from }
    }
    return found
  }

  // MARK: Writing

  /// The content of a file.
  var tree: HDF5Tree {
    let nodes = nodes.mapValues { node in
      HDF5Tree.group(node.values.merging(["type": .text(shape: [], [node.type])]) { own, _ in own })
    }
    return .group([
      "version": .text(shape: [], [Self.version]),
      "node": .group([
        "type": .text(shape: [], ["NIRGraph"]), "nodes": .group(nodes),
        "edges": .text(shape: [edges.count, 2], edges.flatMap { [$0.from, $0.to] }),
      ]),
    ])
  }

  // MARK: Reading

  /// - Throws: `damagedFile` for a tree that is no graph.
  init(_ tree: HDF5Tree, path: String) throws(CounterspikeError) {
    guard let root = tree["node"], Self.type(of: root) == "NIRGraph" else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” is an HDF5 file, but has no graph of NIR in “node”; name a file that nir.write "
          + "made")
    }
    try add(root, prefix: "", path: path)
    for edge in edges {
      for name in [edge.from, edge.to] where nodes[name] == nil {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)” has an edge at “\(name.excerpt)”, which is no node of the graph; write it anew"
        )
      }
    }
  }

  init() {}

  private static func type(of tree: HDF5Tree) -> String? {
    if case .text(_, let texts)? = tree["type"] { texts.first } else { nil }
  }

  /// Takes over a graph; one inside of another gets the names of its nodes behind its own.
  private mutating func add(
    _ graph: HDF5Tree, prefix: String, path: String
  ) throws(CounterspikeError) {
    guard case .group(let nodes)? = graph["nodes"],
      case .text(let shape, let ends)? = graph["edges"],
      shape.isEmpty || shape.count == 2 && shape[1] == 2 || ends.isEmpty
    else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” has a graph without nodes or pairs of edges; write it anew")
    }
    var (inputs, outputs): ([String: String], [String: String]) = ([:], [:])
    for (name, tree) in nodes.sorted(by: { $0.key < $1.key }) {
      guard case .group(let values) = tree, let type = Self.type(of: tree) else {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)” has a node “\(name.excerpt)” without a type; write it anew")
      }
      if type == "NIRGraph" {
        try add(tree, prefix: prefix + name + ".", path: path)
        let own = prefix + name + "."
        // Those of the graph itself, not of graphs in it.
        func ends(_ type: String) -> String? {
          self.nodes.keys.sorted().first {
            $0.hasPrefix(own) && !$0.dropFirst(own.count).contains(".")
              && self.nodes[$0]?.type == type
          }
        }
        inputs[name] = ends("Input")
        outputs[name] = ends("Output")
      } else {
        guard self.nodes[prefix + name] == nil else {
          throw CounterspikeError(
            .damagedFile,
            "“\(path.excerpt)” has two nodes that are “\((prefix + name).excerpt)” once its graphs are one; "
              + "rename one")
        }
        self.nodes[prefix + name] = Node(type: type, values: values)
      }
    }
    for place in stride(from: 0, to: ends.count - 1, by: 2) {
      let from = outputs[ends[place]] ?? prefix + ends[place]
      let to = inputs[ends[place + 1]] ?? prefix + ends[place + 1]
      if !edges.contains(where: { $0 == (from, to) }) { edges.append((from, to)) }
    }
  }

  /// The names of the nodes, each behind those whose values it takes.
  ///
  /// - Throws: `mismatch` naming nodes of a cycle.
  func ordered(path: String) throws(CounterspikeError) -> [String] {
    var waiting = Dictionary(uniqueKeysWithValues: nodes.keys.map { ($0, 0) })
    // What neurons send to themselves arrives a step later.
    let lateral = Set(lateral.values)
    let edges = edges.filter { !lateral.contains($0.from) }
    for edge in edges { waiting[edge.to, default: 0] += 1 }
    var ready = waiting.filter { $0.value == 0 }.keys.sorted()
    var order: [String] = []
    while !ready.isEmpty {
      let name = ready.removeFirst()
      order.append(name)
      for edge in edges where edge.from == name {
        waiting[edge.to, default: 0] -= 1
        if waiting[edge.to] == 0 { ready.append(edge.to) }
      }
    }
    guard order.count == nodes.count else {
      let rest = nodes.keys.filter { !order.contains($0) }.sorted()
      throw CounterspikeError(
        .mismatch,
        "“\(path.excerpt)” has a cycle through “\(rest.prefix(3).joined(separator: ", ").excerpt)”; "
          + "only neurons that see themselves through one Linear can be recurrent")
    }
    return order
  }
}
