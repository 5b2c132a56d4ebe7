internal import Counterspike

extension NIRImport.Product {
  /// Takes a constant of the neurons, one a channel. Where they differ, each channel has its own, which training
  /// then may change.
  mutating func take(_ constant: NeuronSettings.TrainedConstant, _ values: [Float]) {
    let first = values[0]
    guard !values.allSatisfy({ abs($0 - first) <= 1e-6 * abs(first) }) else {
      return set(constant, first)
    }
    set(constant, values.reduce(0, +) / Float(values.count))
    constants[constant] = values
    layer.trained = (layer.trained ?? []) + [constant]
    layer.trainedPer = .channel
  }

  private mutating func set(_ constant: NeuronSettings.TrainedConstant, _ value: Float) {
    switch constant {
    case .membraneTimeConstant: layer.membraneTimeConstant = value
    case .synapticTimeConstant: layer.synapticTimeConstant = value
    case .threshold: layer.threshold = value
    }
  }

  /// The numbers that stand for a constant of the channels, see ``NeuronSettings/TrainedConstant``.
  func arguments(of constant: NeuronSettings.TrainedConstant) -> [Double] {
    (constants[constant] ?? []).map { value in
      var neuron = NeuronSettings()
      neuron[constant] = value
      return Double(neuron.argument(of: constant))
    }
  }
}
