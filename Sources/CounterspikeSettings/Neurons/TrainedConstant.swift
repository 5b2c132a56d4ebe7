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

  /// Neurons that share a trained constant.
  ///
  /// - Note: Perez-Nieves et al., “Neural heterogeneity promotes robust learning” (Nature Communications 2021),
  ///   for constants of single neurons, which the channels of a dense layer are.
  public enum TrainedUnit: String, Sendable, Equatable, CaseIterable {
    /// All neurons of a layer.
    case layer
    /// Those of a feature map of a convolution; each neuron of a dense or recurrent layer has its own.
    case channel
  }

  package subscript(constant: TrainedConstant) -> Float {
    get {
      switch constant {
      case .membraneTimeConstant: membraneTimeConstant
      case .synapticTimeConstant: synapticTimeConstant
      case .threshold: threshold
      }
    }
    set {
      switch constant {
      case .membraneTimeConstant: membraneTimeConstant = newValue
      case .synapticTimeConstant: synapticTimeConstant = newValue
      case .threshold: threshold = newValue
      }
    }
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
    self[constant] =
      switch constant {
      case .membraneTimeConstant, .synapticTimeConstant: Float(1 + exponential(w))
      // Of a large w, eʷ is infinite, and θ is w.
      case .threshold: Float(max(w, 0) + naturalLogarithm(1 + exponential(-abs(w))))
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
