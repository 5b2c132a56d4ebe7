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
  /// - Parameters:
  ///   - stage: the layer's place in the plan's ``NetworkPlan/stages``.
  ///   - channel: whose neurons; `nil`: where channels have constants of their own, those constants' means.
  public func neuron(ofStage stage: Int, channel: Int? = nil) -> NeuronSettings {
    plan.neuron(ofStage: stage, channel: channel) { weights[$0].scalars }
  }

  /// The plan's stage with the neurons as they have been trained.
  package func trainedStage(_ stage: Int) -> NetworkPlan.Stage {
    plan.trainedStage(stage, weights: weights)
  }
}

extension NetworkPlan {
  /// Whether a layer's channels have constants of their own.
  package func hasConstantsByChannel(_ stage: Int) -> Bool {
    stages[stage].neuron.trainedPer == .channel
      && stages[stage].parameters.contains { parameters[$0].role.constant != nil }
  }

  /// - Parameter values: those of a parameter.
  fileprivate func neuron(
    ofStage stage: Int, channel: Int?, _ values: (Int) -> [Float]
  ) -> NeuronSettings {
    var neuron = stages[stage].neuron
    for index in stages[stage].parameters {
      guard let constant = parameters[index].role.constant else { continue }
      let arguments = values(index)
      if arguments.count == 1 || channel != nil {
        neuron.set(constant, argument: arguments[arguments.count == 1 ? 0 : channel ?? 0])
        continue
      }
      var sum = 0.0
      for argument in arguments {
        neuron.set(constant, argument: argument)
        sum += Double(neuron[constant])
      }
      neuron[constant] = Float(sum / Double(arguments.count))
    }
    return neuron
  }

  /// A stage with the neurons as they have been trained.
  ///
  /// - Parameter weights: one tensor a parameter.
  package func trainedStage(_ index: Int, weights: [Tensor]) -> Stage {
    var stage = stages[index]
    stage.neuron = neuron(ofStage: index, channel: nil) { weights[$0].scalars }
    return stage
  }
}
