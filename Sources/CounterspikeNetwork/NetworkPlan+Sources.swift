extension NetworkPlan {
  /// The layers whose values the currents of a layer are made of, in order; `nil`: the samples.
  ///
  /// - Parameter stage: a place in ``stages``. A recurrent layer's own lateral weights do not count.
  package func sources(of stage: Int) -> [Int?] {
    var open = nodes[stages[stage].node].inputs
    var seen: Set<Node.ID> = []
    var found: Set<Int> = []
    var takesSamples = false
    while let id = open.popLast() {
      guard seen.insert(id).inserted else { continue }
      switch nodes[id].operation {
      case .input: takesSamples = true
      case .neurons: found.formUnion(stages.indices.filter { stages[$0].node == id })
      default: open += nodes[id].inputs
      }
    }
    return (takesSamples ? [nil] : []) + found.sorted()
  }
}
