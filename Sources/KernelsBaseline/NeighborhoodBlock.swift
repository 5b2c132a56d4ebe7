/// δ[k] = ΔL_k·w(θ − u[k]), for a block of neurons.
struct NeighborhoodBlock<Weight: DistanceWeight>: BlockRule {
  let differences: LossDifferences
  let exactMembraneDecay: Double
  let threshold: Float
  let weight: Weight

  init(layer: NeuronLayer, filtersTwice: Bool, weight: Weight) {
    differences = LossDifferences(layer: layer, filtersTwice: filtersTwice)
    exactMembraneDecay = layer.exactMembraneDecay
    threshold = layer.threshold
    self.weight = weight
  }

  func prepare(_ rows: BlockRows) { differences.prepare(rows) }

  func prepareErrors(_ rows: BlockRows) { differences.prepareErrors(rows) }

  func run(_ block: BlockRows) {
    differences.run(block)
    let isSteep = weight.isSteep
    if isSteep { measureDistances(block) }
    let theta = Lanes(repeating: threshold)
    for t in 0..<block.timeSteps {
      let u = block.first[t]
      let r = isSteep ? block.fifth[t] : theta - u
      block.deltas[t] *= weight.value(r, fired: u .> theta)
    }
  }

  /// r[t] = θ − u[t] from a membrane in double precision, with the spikes of the one in single.
  private func measureDistances(_ block: BlockRows) {
    for lane in 0..<Lanes.scalarCount {
      var v = 0.0
      for t in 0..<block.timeSteps {
        let u = exactMembraneDecay * v + Double(block.currents[t][lane])
        let fired = block.first[t][lane] > threshold
        let r = abs(Float(Double(threshold) - u))
        block.fifth[t][lane] = fired ? -r : r
        v = fired ? 0 : u
      }
    }
  }
}
