public import Counterspike

/// How thoroughly an audit measures.
public struct AuditSettings: Sendable, Equatable {
  /// Samples that losses and gradients are taken over.
  public var samples = 32
  /// Changed spike trains a layer.
  public var flips = 2000
  /// Tries all 2ᵀ spike trains of some neurons instead of single flips.
  public var isExhaustive = false
  /// Seed of what is sampled; the same seed gives the same report.
  public var seed: UInt64 = 1
  /// Resamples that the bootstrap's intervals come from.
  public var resamples = 200
  /// Antithetic pairs a layer for the smoothed loss's gradient.
  public var perturbations = 100
  /// σ of the perturbed weights, relative to the layer's root mean square weight.
  public var smoothing = 0.05
  /// Lengths of the descent test's steps, relative to the weights' norm.
  public var stepLengths = [0.001, 0.003, 0.01, 0.03, 0.1]

  /// The most time steps that all spike trains are tried for.
  public static let largestExhaustive = 10

  public init() {}

  /// - Throws: `invalidRecipe` naming the setting and what is allowed.
  public func validate() throws(CounterspikeError) {
    let counts = [
      ("samples", samples, 1...100_000), ("flips", flips, 1...1_000_000),
      ("perturbations", perturbations, 1...1_000_000), ("resamples", resamples, 1...1_000_000),
    ]
    for (name, value, allowed) in counts where !allowed.contains(value) {
      throw CounterspikeError(
        .invalidRecipe,
        "the audit's \(name) is \(value); allowed: \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    for (name, values) in [("smoothing", [smoothing]), ("stepLengths", stepLengths)]
    where values.isEmpty || !values.allSatisfy({ $0 > 0 && $0.isFinite }) {
      throw CounterspikeError(
        .invalidRecipe,
        "the audit's \(name) is \(values.map { "\($0)" }.joined(separator: ", ")); allowed: numbers > 0"
      )
    }
  }
}
