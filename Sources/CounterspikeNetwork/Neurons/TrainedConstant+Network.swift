public import CounterspikeSettings
package import CounterspikeSystem

extension NetworkPlan.Parameter.Role {
  /// The neurons' constant that the parameter is.
  package var constant: NeuronSettings.TrainedConstant? {
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
