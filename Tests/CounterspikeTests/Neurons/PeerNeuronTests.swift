import Counterspike
import CounterspikeKernels
import Foundation
import Testing

/// Neurons and networks of snnTorch, SpikingJelly and Norse, with the packages' own results.
@Suite("Neurons of other packages")
struct PeerNeuronTests {
  static let singles = [
    "snntorch-leaky-zero", "snntorch-leaky-zero-undelayed", "snntorch-leaky-subtract-undelayed",
    "snntorch-leaky-none", "spikingjelly-lif-hard", "spikingjelly-lif-hard-attached",
    "spikingjelly-lif-soft", "spikingjelly-lif-soft-attached", "spikingjelly-parametric-hard",
    "spikingjelly-parametric-soft", "norse-lif", "norse-lsnn",
  ]
  static let networks = [
    "network-snntorch-synaptic-zero", "network-snntorch-synaptic-subtract",
    "network-spikingjelly-lif-zero", "network-spikingjelly-lif-subtract", "network-norse-lif",
    "network-snntorch-recurrent", "network-spikingjelly-recurrent", "network-norse-recurrent",
  ]

  private struct Golden {
    let file: SafeTensorsFile

    init(_ name: String) throws {
      let url = try #require(
        Bundle.module.url(
          forResource: name, withExtension: "safetensors", subdirectory: "Golden/peers"))
      file = try SafeTensorsFile(contentsOf: url.path)
    }

    func number(_ key: String) throws -> Float {
      try #require(file.metadata[key].flatMap { Float($0) })
    }

    var timeSteps: Int { get throws { Int(try number("T")) } }

    var neuron: NeuronSettings {
      get throws {
        var neuron = NeuronSettings(
          membraneTimeConstant: try number("tau_m"), synapticTimeConstant: try number("tau_s"),
          threshold: try number("threshold"))
        neuron.reset = try #require(
          file.metadata["reset"].flatMap { NeuronSettings.Reset(rawValue: $0) })
        if let strength = file.metadata["strength"].flatMap({ Float($0) }), strength > 0 {
          neuron.adaptation = AdaptationSettings(
            strength: strength, timeConstant: try number("tau_b"))
        }
        return neuron
      }
    }

    var surrogate: SurrogateSettings {
      get throws {
        var settings = SurrogateSettings()
        settings.shape = try #require(
          file.metadata["shape"].flatMap { SurrogateSettings.Shape(rawValue: $0) })
        settings.width = try number("width")
        settings.resetGradient = file.metadata["reset_gradient"] == "true"
        return settings
      }
    }
  }

  private func check(
    _ ours: [Float], _ golden: Tensor, _ name: String, limit: Double = 1e-5
  ) {
    #expect(ours.count == golden.count, "\(name)")
    let largest = golden.scalars.reduce(0) { max($0, abs(Double($1))) }
    let difference = zip(ours, golden.scalars).reduce(0) { max($0, abs(Double($1.0 - $1.1))) }
    #expect(largest > 0 && difference <= limit * largest, "\(name): \(difference / largest)")
  }

  @Test("membranes, spikes, δ and the constants' gradients are the package's", arguments: singles)
  func neurons(name: String) throws {
    let golden = try Golden(name)
    let current = try golden.file.tensor("current")
    let gradient = try golden.file.tensor("grad_output")
    let (count, steps) = (current.shape[0], try golden.timeSteps)
    let layer = try golden.neuron.layer(timeSteps: steps, batch: 1, channels: count)
    /// `[n, T]` to `[T, n]` and back.
    func transposed(_ values: [Float], rows: Int) -> [Float] {
      let columns = values.count / rows
      return (0..<columns).flatMap { column in
        (0..<rows).map { values[$0 * columns + column] }
      }
    }
    let currents = transposed(current.scalars, rows: count)
    let record = layer.record(currents)
    check(
      transposed(record.membrane, rows: steps), try golden.file.tensor("membrane"), "membrane")
    #expect(transposed(record.spikes, rows: steps) == (try golden.file.tensor("spikes")).scalars)
    #expect(record.psc == record.spikes)

    let buffer = FloatBuffer(currents)
    let sums = (0..<3).map { _ in FloatBuffer(count: count) }
    layer.backward(
      rule: .surrogate(try golden.surrogate.kernel), currents: buffer.all,
      gradient: FloatBuffer(transposed(gradient.scalars, rows: count)).all,
      scratch: NeuronScratch(timeSteps: steps),
      constantGradients: NeuronConstants(
        membraneDecay: sums[0].all, synapticDecay: sums[1].all, threshold: sums[2].all))
    check(transposed(buffer.all.array, rows: steps), try golden.file.tensor("delta"), "δ")
    for (key, index) in [("grad_membrane_decay", 0), ("grad_threshold", 2)]
    where golden.file.entries[key] != nil {
      // One constant for all neurons.
      check(
        [sums[index].all.array.reduce(0, +)], try golden.file.tensor(key), key)
    }
  }

  @Test(
    "a network's spikes, membranes, loss and weight gradients are the package's",
    arguments: networks)
  func wholeNetworks(name: String) throws {
    let golden = try Golden(name)
    let isRecurrent = golden.file.metadata["recurrent"] == "true"
    let isReadout = golden.file.metadata["readout"] == "true"
    // In the order of the network's parameters.
    let names = ["1"] + (isRecurrent ? ["lateral"] : []) + ["2"]
    let weights = try names.map { try golden.file.tensor($0 == "lateral" ? $0 : "weight_\($0)") }
    var settings = NetworkSettings()
    let sizes = (weights[0].shape[0], weights[weights.count - 1].shape[0])
    settings.layers = [
      isRecurrent ? .recurrent(sizes.0) : .dense(sizes.0),
      isReadout ? .readout(sizes.1) : .dense(sizes.1),
    ]
    settings.timeSteps = try golden.timeSteps
    settings.neuron = try golden.neuron
    let input = try golden.file.tensor("input")
    var network = try Network(settings, inputShape: Array(input.shape.suffix(3)))
    try network.setWeights(weights)
    for (index, layer) in try network.trace(input).enumerated() {
      #expect(
        layer.spikes.scalars == (try golden.file.tensor("spikes_\(index + 1)")).scalars)
      check(
        layer.membrane.scalars, try golden.file.tensor("membrane_\(index + 1)"), "membrane \(index)"
      )
    }
    var loss = LossSettings()
    loss.kind = .softmax
    let result = try network.lossGradient(
      input, labels: try golden.file.integers("labels"), gradient: .surrogate(golden.surrogate),
      loss: loss)
    check([Float(result.loss)], try golden.file.tensor("loss"), "loss")
    for (name, gradient) in zip(names, result.weights) {
      check(gradient.scalars, try golden.file.tensor("grad_\(name)"), "weights \(name)")
    }
  }
}
