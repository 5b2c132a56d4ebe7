package import CounterspikeKernels

/// Neighborhood aggregation with any neighborhood, by least squares, neuron after neuron in double
/// precision: for studies of accuracy, not of speed.
///
/// With the neighbors' perturbations ε_p = u_p ⊟ u, d_p = ‖ε_p‖, the rows o_p = ε_p/d_p of O, and
/// f_p = ΔL_p/d_p, where 1/d_p is at most `bound`,
///
///     δ = O⁺ f,   ΔL_p = (1−d) Σ_t (s_p[t] − s[t])·e[t]      (+ ½ Σ_t (a_p[t] − a[t])²)
///
/// - Note: Yang, Zhang, Li (ICML 2021), Section 4.
package struct GeneralNeighborhoodRule: Sendable, Equatable {
  package enum Neighbors: Sendable, Equatable {
    /// Every single spike inverted; O is then diagonal, and δ[k] = ΔL_k·w(θ − u[k]).
    case simple(NeighborhoodRule.Weight)
    /// Every single and every two spikes inverted.
    case flips
    /// u ⊞ ε for the same perturbations of every neuron, one a row.
    case sampled([[Double]])
  }

  package let neighbors: Neighbors
  /// Filters the error once more, as the authors' program does.
  package let filtersTwice: Bool
  /// The largest 1/d_p.
  package let bound: Double
  /// λ of the ridge, which keeps δ short.
  package let ridge: Double
  /// Adds the square of the kernel loss; right for output neurons alone.
  package let addsSquare: Bool
  /// O⁺ of sampled neighbors: it is the same for all neurons.
  private let inverse: [[Double]]

  package init(
    neighbors: Neighbors, filtersTwice: Bool, bound: Double = .infinity, ridge: Double = 0,
    addsSquare: Bool = false
  ) {
    self.neighbors = neighbors
    self.filtersTwice = filtersTwice
    self.bound = bound
    self.ridge = ridge
    self.addsSquare = addsSquare
    if case .sampled(let perturbations) = neighbors, let first = perturbations.first {
      let rows = perturbations.map { row in
        let length = Self.length(row)
        return length > 0 ? row.map { $0 / length } : row
      }
      inverse = LeastSquares.pseudoInverse(rows: rows, unknowns: first.count, ridge: ridge)
    } else {
      inverse = []
    }
  }

  static func length(_ row: [Double]) -> Double {
    row.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Gaussian perturbations of the currents.
  package static func perturbations(
    count: Int, deviation: Double, timeSteps: Int, seed: UInt64
  ) -> [[Double]] {
    (0..<count).map { index in
      var stream = RandomStream(seed: seed, purpose: .noise, index)
      return (0..<timeSteps).map { _ in deviation * stream.normal() }
    }
  }

  /// δ of one neuron.
  ///
  /// - Parameters:
  ///   - currents: c.
  ///   - errors: e, filtered once.
  package func deltas(
    _ neuron: NeuronReference, currents: [Double], errors: [Double]
  ) -> [Double] {
    let base = neuron.unperturbed(currents)
    let errors = filtersTwice ? neuron.filteredError(errors) : errors
    let steps = currents.indices
    switch neighbors {
    case .simple(let weight):
      return steps.map { k in
        difference(neuron, base, neuron.inverting(k, of: base, currents: currents), errors)
          * neuron.weight(base.thresholds[k] - base.membrane[k], weight)
      }
    case .flips:
      var all: [NeuronReference.Neighbor] = []
      for k in steps {
        let single = neuron.inverting(k, of: base, currents: currents)
        all.append(single)
        for l in steps.dropFirst(k + 1) {
          all.append(neuron.inverting(l, of: single, currents: currents))
        }
      }
      var rows: [[Double]] = []
      var values: [Double] = []
      for neighbor in all {
        let length = Self.length(neighbor.perturbation)
        guard length > 0 else { continue }
        rows.append(neighbor.perturbation.map { $0 / length })
        values.append(difference(neuron, base, neighbor, errors) * min(1 / length, bound))
      }
      return LeastSquares.solve(
        rows: rows, values: values, unknowns: currents.count, ridge: ridge)
    case .sampled(let perturbations):
      let values = perturbations.map { row in
        let length = Self.length(row)
        guard length > 0 else { return 0.0 }
        return difference(neuron, base, neuron.adding(row, currents: currents), errors)
          * min(1 / length, bound)
      }
      return inverse.map { row in zip(row, values).reduce(0) { $0 + $1.0 * $1.1 } }
    }
  }

  /// ΔL_p
  private func difference(
    _ neuron: NeuronReference, _ base: NeuronReference.Neighbor,
    _ neighbor: NeuronReference.Neighbor, _ errors: [Double]
  ) -> Double {
    let d = neuron.synapticDecay
    var sum = 0.0
    var a = 0.0  // a_p − a
    for t in errors.indices {
      let change = neighbor.spikes[t] - base.spikes[t]
      sum += (1 - d) * change * errors[t]
      guard addsSquare else { continue }
      a = d * a + (1 - d) * change
      sum += a * a / 2
    }
    return sum
  }
}

extension SpikeRule {
  /// The rule as the kernels take it.
  package static func general(_ rule: GeneralNeighborhoodRule) -> SpikeRule {
    .neuronwise(
      NeuronwiseRule(identity: rule) { neuron, currents, errors in
        rule.deltas(
          NeuronReference(
            membraneDecay: neuron.membraneDecay, synapticDecay: neuron.synapticDecay,
            threshold: neuron.threshold, dynamics: neuron.dynamics),
          currents: currents, errors: errors)
      })
  }
}
