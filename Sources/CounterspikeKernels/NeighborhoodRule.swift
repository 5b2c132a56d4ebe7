/// Neighborhood aggregation with the simple neighborhood.
package struct NeighborhoodRule: Sendable, Equatable {
  /// The weight w of the signed distance r = θ − u.
  package enum Weight: Sendable, Equatable {
    /// clamp(1/r, ±bound)
    case inverse(bound: Float)
    /// clamp(1/r³, ±bound)
    case inverseCube(bound: Float)
    /// sign(r)·q/(r² + q)
    case lorentzian(width: Float)
    /// sign(r)·φ(r/σ)/σ
    case gaussian(deviation: Float)
    /// 1: δ is then ΔL itself.
    case none
  }

  /// Filters the error once more, as the authors' program does.
  package var filtersTwice: Bool
  package var weight: Weight

  package init(filtersTwice: Bool, weight: Weight) {
    self.filtersTwice = filtersTwice
    self.weight = weight
  }
}
