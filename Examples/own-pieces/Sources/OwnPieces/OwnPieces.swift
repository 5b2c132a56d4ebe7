import Counterspike
import CounterspikeCommand

/// The command with losses, gradient rules, neurons and layers of this program.
@main
struct OwnPieces {
  static func main() throws {
    try LossRegistry.register(
      "margin", summary: "the class's neuron must be ahead of all others",
      settings: [PieceSetting("margin", default: 1, in: 0...1000, "By how much it must be ahead.")],
      score: .mean
    ) { MarginLoss(margin: Float($0["margin"])) }
    try LossRegistry.register(
      "fewSpikes", summary: "half the squared distance of the firing rates to 1 and 0",
      needsSpikes: true
    ) { _ in FewSpikes() }
    try RuleRegistry.register(
      "logistic", summary: "the derivative of the logistic function",
      settings: [PieceSetting("width", default: 0.2, in: 0.001...100, "Width of f.")]
    ) { Logistic(width: Float($0["width"])) }
    try RuleRegistry.register(
      "boxcar", summary: "a constant around the threshold",
      settings: [PieceSetting("width", default: 1, in: 0.001...100, "Width of f.")]
    ) { Boxcar(width: Float($0["width"])) }
    try RuleRegistry.register(
      "replay", summary: "every spike inverted and the neuron replayed",
      settings: [
        PieceSetting("q", default: 0.3, in: 0.001...100, "Width of the distance's weight.")
      ]
    ) { Replay(width: Float($0["q"])) }
    try NeuronRegistry.register(
      "leakyAgain", summary: "leaky integrate-and-fire, reset to zero"
    ) { _, neuron in LeakyNeuron(decay: Float(neuron.membraneDecay)) }
    try NeuronRegistry.register(
      "resonator", summary: "a damped oscillation of the membrane potential",
      settings: [
        PieceSetting("period", default: 8, in: 2...10_000, "Of the oscillation, in time steps."),
        PieceSetting("recovery", default: 0.9, in: 0...0.999, "What a step leaves of q."),
      ]
    ) { values, neuron in
      Resonator(
        period: values["period"], decay: neuron.membraneDecay, recovery: values["recovery"],
        threshold: neuron.threshold)
    }
    try LayerRegistry.register(
      "gain", summary: "a trained factor for each channel", fires: false
    ) { _, inputShape in Gain(outputShape: inputShape) }
    try LayerRegistry.register(
      "product", summary: "a matrix product and its neurons",
      settings: [PieceSetting("neurons", default: 20, in: 1...100_000, "How many there are.")],
      fires: true
    ) { values, inputShape in Product(inputShape: inputShape, size: Int(values["neurons"])) }
    CounterspikeCommand.main()
  }
}
