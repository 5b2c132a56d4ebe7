internal import CounterspikeKernels
internal import CounterspikeSystem

extension NeuronSettings {
  /// A constant of a layer's neurons that training changes, by way of a number w that may have any value:
  ///
  ///     τ_m = 1 + eʷ, so that m = σ(w)      ∂L/∂w = ∂L/∂m·m·(1 − m)
  ///     τ_s = 1 + eʷ, so that d = σ(w)      ∂L/∂w = ∂L/∂d·d·(1 − d)
  ///     θ = ln(1 + eʷ)                      ∂L/∂w = ∂L/∂θ·(1 − e^(−θ))
  ///
  /// with the logistic function σ. Neither weight decay nor the bound of weights touches w.
  ///
  /// - Note: Fang et al., “Incorporating learnable membrane time constant to enhance learning of spiking
  ///   neural networks” (ICCV 2021), for m.
  public enum TrainedConstant: String, Sendable, Equatable, CaseIterable {
    case membraneTimeConstant
    case synapticTimeConstant
    case threshold
  }

  /// w of a constant.
  package func argument(of constant: TrainedConstant) -> Float {
    switch constant {
    case .membraneTimeConstant: Float(naturalLogarithm(Double(membraneTimeConstant) - 1))
    case .synapticTimeConstant: Float(naturalLogarithm(Double(synapticTimeConstant) - 1))
    case .threshold:
      Float(Double(threshold) + naturalLogarithm(1 - exponential(-Double(threshold))))
    }
  }

  /// Takes over a constant from its w.
  package mutating func set(_ constant: TrainedConstant, argument w: Float) {
    let w = Double(w)
    switch constant {
    case .membraneTimeConstant: membraneTimeConstant = Float(1 + exponential(w))
    case .synapticTimeConstant: synapticTimeConstant = Float(1 + exponential(w))
    case .threshold:
      // Of a large w, eʷ is infinite, and θ is w.
      threshold = Float(max(w, 0) + naturalLogarithm(1 + exponential(-abs(w))))
    }
  }

  /// The derivative of m, d or θ by its w.
  package func slope(of constant: TrainedConstant) -> Double {
    switch constant {
    case .membraneTimeConstant: membraneDecay * (1 - membraneDecay)
    case .synapticTimeConstant: synapticDecay * (1 - synapticDecay)
    case .threshold: 1 - exponential(-Double(threshold))
    }
  }
}
