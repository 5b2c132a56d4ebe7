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
  func argument(of constant: TrainedConstant) -> Float {
    switch constant {
    case .membraneTimeConstant: Float(naturalLogarithm(Double(membraneTimeConstant) - 1))
    case .synapticTimeConstant: Float(naturalLogarithm(Double(synapticTimeConstant) - 1))
    case .threshold:
      Float(Double(threshold) + naturalLogarithm(1 - exponential(-Double(threshold))))
    }
  }

  /// Takes over a constant from its w.
  mutating func set(_ constant: TrainedConstant, argument w: Float) {
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
  func slope(of constant: TrainedConstant) -> Double {
    switch constant {
    case .membraneTimeConstant: membraneDecay * (1 - membraneDecay)
    case .synapticTimeConstant: synapticDecay * (1 - synapticDecay)
    case .threshold: 1 - exponential(-Double(threshold))
    }
  }
}

extension NetworkPlan.Parameter.Role {
  /// The neurons' constant that the parameter is.
  var constant: NeuronSettings.TrainedConstant? {
    NeuronSettings.TrainedConstant(rawValue: rawValue)
  }

  init(_ constant: NeuronSettings.TrainedConstant) {
    self =
      switch constant {
      case .membraneTimeConstant: .membraneTimeConstant
      case .synapticTimeConstant: .synapticTimeConstant
      case .threshold: .threshold
      }
  }
}

extension Network {
  /// The neurons of a layer as they have been trained.
  ///
  /// - Parameter stage: the layer's place in the plan's ``NetworkPlan/stages``.
  public func neuron(ofStage stage: Int) -> NeuronSettings {
    plan.neuron(ofStage: stage, weights: weights)
  }

  /// The plan's stage with the neurons as they have been trained.
  package func trainedStage(_ stage: Int) -> NetworkPlan.Stage {
    plan.trainedStage(stage, weights: weights)
  }
}

extension NetworkPlan {
  /// - Parameter weights: one tensor a parameter.
  fileprivate func neuron(ofStage stage: Int, weights: [Tensor]) -> NeuronSettings {
    var neuron = stages[stage].neuron
    for index in stages[stage].parameters {
      guard let constant = parameters[index].role.constant else { continue }
      neuron.set(constant, argument: weights[index].scalars[0])
    }
    return neuron
  }

  /// A stage with the neurons as they have been trained.
  ///
  /// - Parameter weights: one tensor a parameter.
  package func trainedStage(_ index: Int, weights: [Tensor]) -> Stage {
    var stage = stages[index]
    stage.neuron = neuron(ofStage: index, weights: weights)
    return stage
  }
}
