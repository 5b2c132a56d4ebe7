internal import CounterspikeKernels
internal import CounterspikeReference

/// A neighborhood of a waveform: perturbed waveforms, from whose losses the gradient is aggregated.
///
/// The directional difference of the loss along o_p = (u_p ⊟ u)/d_MP(u, u_p) is
/// f_p = (L(u_p) − L(u))/d_MP(u, u_p); the gradient is the least-squares solution δ = O⁺ f.
///
/// ```swift
/// let neighborhood = MembraneNeighborhood.flips(of: waveform)
/// let differences = neighborhood.neighbors.map { loss($0.psc) - loss(waveform.psc) }
/// let delta = neighborhood.gradient(lossDifferences: differences)
/// ```
///
/// - Note: Yang, Zhang, Li (ICML 2021), Section 4.
public struct MembraneNeighborhood: Sendable {
  public let center: MembraneWaveform
  public let neighbors: [MembraneWaveform]

  public init(center: MembraneWaveform, neighbors: [MembraneWaveform]) {
    self.center = center
    self.neighbors = neighbors
  }

  /// The paper's simple neighborhood: neighbor k has its spike at step k inverted.
  public static func simple(of center: MembraneWaveform) -> MembraneNeighborhood {
    MembraneNeighborhood(
      center: center, neighbors: center.potentials.indices.map { center.inverting(spikeAt: $0) })
  }

  /// Every single spike, and every two spikes, inverted; T·(T + 1)/2 neighbors.
  public static func flips(of center: MembraneWaveform) -> MembraneNeighborhood {
    var neighbors: [MembraneWaveform] = []
    for k in center.potentials.indices {
      let single = center.inverting(spikeAt: k)
      neighbors.append(single)
      for l in center.potentials.indices.dropFirst(k + 1) {
        neighbors.append(single.inverting(spikeAt: l))
      }
    }
    return MembraneNeighborhood(center: center, neighbors: neighbors)
  }

  /// u ⊞ ε with Gaussian ε.
  ///
  /// - Parameters:
  ///   - count: M.
  ///   - deviation: the standard deviation σ of every ε[t].
  ///   - seed: the same seed gives the same perturbations.
  public static func sampled(
    of center: MembraneWaveform, count: Int, deviation: Double, seed: UInt64
  ) -> MembraneNeighborhood {
    let perturbations = GeneralNeighborhoodRule.perturbations(
      count: count, deviation: deviation, timeSteps: center.potentials.count, seed: seed)
    return MembraneNeighborhood(
      center: center, neighbors: perturbations.map { center.adding($0) })
  }

  /// δ = O⁺ f, or (OᵀO + ridge)⁻¹ Oᵀ f: the shortest where several fit equally well.
  ///
  /// - Parameters:
  ///   - lossDifferences: L(u_p) − L(u), one a neighbor.
  ///   - ridge: λ ≥ 0.
  ///   - largestInverseDistance: 1/d_MP counts as at most this, as it is infinite at the threshold.
  /// - Returns: T values.
  /// - Complexity: O(P·T² + T³).
  public func gradient(
    lossDifferences: [Double], ridge: Double = 0, largestInverseDistance: Double = .infinity
  ) -> [Double] {
    precondition(
      lossDifferences.count == neighbors.count,
      "\(lossDifferences.count) differences for \(neighbors.count) neighbors")
    var rows: [[Double]] = []
    var values: [Double] = []
    for (neighbor, difference) in zip(neighbors, lossDifferences) {
      let perturbation = neighbor ⊟ center
      let distance = center.distance(to: neighbor)
      guard distance > 0 else { continue }
      rows.append(perturbation.map { $0 / distance })
      values.append(difference * min(1 / distance, largestInverseDistance))
    }
    return LeastSquares.solve(
      rows: rows, values: values, unknowns: center.potentials.count, ridge: ridge)
  }
}
