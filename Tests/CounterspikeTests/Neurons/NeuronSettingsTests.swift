import Counterspike
import CounterspikeKernels
import CounterspikeReference
import Testing

@testable import CounterspikeEngine
@testable import CounterspikeNetwork

@Suite("Neurons in a recipe")
struct NeuronSettingsTests {
  static let input = Tensor(
    shape: [6, 2, 4, 1, 1], scalars: (0..<48).map { Float(($0 * 37) % 17) / 6 - 0.6 })

  private func recipe(_ text: String) throws -> Recipe {
    try Recipe(yaml: text, source: "test.yaml")
  }

  private func message(_ text: String) -> String {
    do {
      _ = try recipe(text)
      return "accepted"
    } catch { return "\(error)" }
  }

  @Test("reset and adaptation are read and written, by network and by layer")
  func roundTrip() throws {
    let recipe = try recipe(
      """
      network:
        timeSteps: 6
        neuron: {reset: subtraction, synapticTimeConstant: 1, adaptation: {strength: 0.5}}
        layers:
          - {kind: dense, size: 8}
          - {kind: dense, size: 7, reset: none, adaptation: {strength: 0, timeConstant: 3}}
          - {kind: dense, size: 3, reset: zero}
      """)
    #expect(recipe.network.neuron.reset == .subtraction)
    #expect(recipe.network.neuron.adaptation?.strength == 0.5)
    #expect(recipe.network.neuron.adaptation?.timeConstant == AdaptationSettings().timeConstant)
    let neurons = recipe.network.layers.map { recipe.network.neuron(of: $0) }
    #expect(neurons.map(\.reset) == [.subtraction, .none, .zero])
    #expect(neurons.map { $0.dynamics.adaptation?.strength } == [0.5, nil, 0.5])
    #expect(neurons.map(\.synapticDecay) == [0, 0, 0])
    #expect(try Recipe(yaml: recipe.yaml, source: "test.yaml") == recipe)
  }

  @Test("words of other packages lead to the key's values")
  func synonyms() {
    #expect(
      message("network: {neuron: {reset: subtract}}").contains("did you mean subtraction?"))
    #expect(message("network: {neuron: {reset: hard}}").contains("did you mean zero?"))
    #expect(message("network: {neuron: {resetMechanism: zero}}").contains("network.neuron.reset"))
  }

  @Test(
    "a rule that is not defined for a layer's neurons is refused, naming the layer and the rules")
  func uncovered() {
    let layers = "layers: [{kind: dense, size: 5, reset: subtraction}, 3]"
    #expect(
      message("network: {\(layers)}\ngradient: {rule: tsslbp}").contains(
        "“network.layers.0” cannot be trained: the rule tsslbp is not defined for neurons with the "
          + "reset subtraction; rules that are: neighborhood, surrogate, slayer"))
    #expect(message("network: {\(layers)}\ngradient: {rule: slayer}") == "accepted")
    #expect(
      message(
        """
        network: {neuron: {adaptation: {}}}
        gradient: {rule: slayer}
        """
      ).contains(
        "not defined for neurons with an adaptive threshold; rules that are: neighborhood, "
          + "surrogate"))
    // A rule of the layer's own is what counts.
    #expect(
      message(
        """
        network: {layers: [{kind: dense, size: 5, reset: none, gradient: {rule: surrogate}}, 3]}
        gradient: {rule: tsslbp}
        """) == "accepted")
  }

  @Test("settings that reach the library without a recipe are refused as well")
  func uncoveredSettings() throws {
    var settings = try NetworkSettings("5-3", timeSteps: 6)
    settings.neuron.reset = .none
    let network = try Network(settings, inputShape: [4, 1, 1])
    var gradient = GradientSettings()
    gradient.rule = .tsslbp
    let error = #expect(throws: CounterspikeError.self) {
      try network.lossGradient(
        Self.input, labels: [0, 1], gradient: gradient, loss: LossSettings())
    }
    #expect(error?.message.hasPrefix("dense_1: the rule tsslbp is not defined") == true)
  }

  static let kinds: [NeuronSettings] = [Float(1), 3].flatMap { synapse in
    NeuronSettings.Reset.allCases.flatMap { reset in
      [nil, AdaptationSettings(strength: 0.7, timeConstant: 4)].map { adaptation in
        var neuron = NeuronSettings(membraneTimeConstant: 4, synapticTimeConstant: synapse)
        neuron.reset = reset
        neuron.adaptation = adaptation
        return neuron
      }
    }
  }

  @Test("a network of any neurons gives the reference's trace", arguments: kinds)
  func trace(neuron: NeuronSettings) throws {
    var settings = try NetworkSettings("12-9-3", timeSteps: 6, neuron: neuron)
    settings.weightScale = 1.5
    let network = try Network(settings, inputShape: [4, 1, 1], seed: 5)
    for layer in try network.trace(Self.input) {
      let plane = layer.currents.count / 6
      for place in 0..<plane {
        let trace = neuron.reference.run(
          (0..<6).map { Double(layer.currents.scalars[$0 * plane + place]) })
        for t in 0..<6 {
          #expect(abs(trace.membrane[t] - Double(layer.membrane.scalars[t * plane + place])) < 1e-4)
          #expect(trace.spikes[t] == Double(layer.spikes.scalars[t * plane + place]))
          #expect(abs(trace.psc[t] - Double(layer.psc.scalars[t * plane + place])) < 1e-5)
        }
      }
    }
  }

  @Test("the algebra of waveforms holds for any neurons", arguments: kinds)
  func algebra(neuron: NeuronSettings) {
    let waveform = MembraneWaveform(
      currents: [0.9, 0.8, 1.3, -0.2, 0.9, 0.4], neuron: neuron)
    for neighbor in MembraneNeighborhood.flips(of: waveform).neighbors {
      let back = waveform ⊞ (neighbor ⊟ waveform)
      for (a, b) in zip(back.potentials, neighbor.potentials) { #expect(abs(a - b) < 1e-9) }
    }
    for k in 0..<6 {
      let neighbor = waveform.inverting(spikeAt: k)
      #expect(neighbor.spikes[k] != waveform.spikes[k])
      #expect(neighbor.spikes[..<k] == waveform.spikes[..<k])
    }
  }
}
