import Counterspike
import CounterspikeKernels
import Foundation
import Testing

/// Against snnTorch, SpikingJelly and PyTorch, see Golden/README.md.
@Suite("Losses of other frameworks")
struct GoldenLossTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let loss: Loss
    /// Which output: spikes or membrane.
    let output: String
    var target: String?
    var isWeighted = false

    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "snntorch.ce_rate", loss: .softmax(.everyStep), output: "spikes"),
    Case(
      name: "snntorch.ce_rate_weighted", loss: .softmax(.everyStep), output: "spikes",
      isWeighted: true),
    Case(name: "snntorch.ce_count", loss: .softmax(.sum), output: "spikes"),
    Case(name: "snntorch.ce_max_membrane", loss: .softmax(.largest), output: "membrane"),
    Case(
      name: "snntorch.mse_count", loss: .rate(desired: 0.8, undesired: 0.1), output: "spikes"),
    Case(
      name: "snntorch.mse_membrane", loss: .squaredError(.everyStep), output: "membrane",
      target: "labels"),
    Case(name: "snntorch.ce_temporal", loss: .latency(), output: "spikes"),
    Case(name: "spikingjelly.tet", loss: .softmax(.everyStep), output: "membrane"),
    Case(name: "torch.rate_squares", loss: .rate(), output: "spikes"),
    Case(
      name: "torch.smoothed", loss: .softmax(.last, labelSmoothing: 0.1), output: "membrane"),
    Case(
      name: "torch.smoothed_mean", loss: .softmax(.mean, labelSmoothing: 0.2), output: "membrane"),
    Case(name: "torch.weighted", loss: .softmax(.mean), output: "membrane", isWeighted: true),
    Case(
      name: "torch.numbers", loss: .squaredError(.last), output: "membrane", target: "numbers"),
    Case(
      name: "torch.trains", loss: .squaredError(.everyStep), output: "membrane", target: "trains"),
  ]

  @Test("and their gradients are ours, up to the mean over the batch", arguments: cases)
  func golden(_ test: Case) throws {
    let path = try #require(
      Bundle.module.url(
        forResource: "losses", withExtension: "safetensors", subdirectory: "Golden/peers")
    ).path
    let file = try SafeTensorsFile(contentsOf: path)
    let output = try file.tensor(test.output)
    let (steps, batch, classes) = (output.shape[0], output.shape[1], output.shape[2])
    let labels = try file.tensor("labels").scalars.map { Int32($0) }
    var settings = LossSettings(test.loss)
    if test.isWeighted {
      let weights = try file.tensor("weights").scalars.map { Double($0) }
      settings.terms[0].classWeights = .list(weights)
    }
    let plan = try NetworkPlan(
      NetworkSettings("\(classes)", timeSteps: steps), inputShape: [1, 1, 1])
    let targets = try targets(test, file, steps, batch, classes)
    var kernel = try settings.kernel(
      plan: plan, batch: batch,
      targetShape: targets.map { $0.count == batch * classes ? [classes] : [steps, classes] } ?? [])
    // The packages see spikes, not what a synapse makes of them.
    kernel.synapticDecay = 0

    let channels = kernel.channels
    let buffer = FloatBuffer(count: steps * batch * channels)
    for row in 0..<steps * batch {
      for neuron in 0..<classes {
        buffer.all[row * channels + neuron] = output.scalars[row * classes + neuron]
      }
    }
    var losses = [Double](repeating: 0, count: batch)
    var predictions = [Int32](repeating: 0, count: batch)
    kernel.run(
      psc: buffer.all, labels: labels, targets: targets.map { FloatBuffer($0).all },
      losses: &losses, predictions: &predictions, gradient: true)

    let factor = try #require(file.metadata["factor.\(test.name)"].flatMap { Double($0) })
    let loss = factor * Double(try file.tensor("\(test.name).loss").scalars[0])
    #expect(abs(losses.reduce(0, +) - loss) <= 1e-5 * max(1, loss))
    let gradient = try file.tensor("\(test.name).gradient").scalars
    #expect(gradient.contains { abs($0) > 1e-3 })
    for row in 0..<steps * batch {
      for neuron in 0..<classes {
        let wanted = factor * Double(gradient[row * classes + neuron])
        #expect(abs(Double(buffer.all[row * channels + neuron]) - wanted) < 1e-5)
      }
    }
  }

  /// `[B, K]` or `[B, T, K]`
  private func targets(
    _ test: Case, _ file: SafeTensorsFile, _ steps: Int, _ batch: Int, _ classes: Int
  ) throws -> [Float]? {
    guard let name = test.target else { return nil }
    let values = try file.tensor(name)
    if name == "labels" {
      return values.scalars.flatMap { label in
        (0..<classes).map { $0 == Int(label) ? 1 : 0 }
      }
    }
    guard values.shape.count == 3 else { return values.scalars }
    return (0..<batch).flatMap { sample in
      (0..<steps).flatMap { t in
        let begin = (t * batch + sample) * classes
        return values.scalars[begin..<begin + classes]
      }
    }
  }
}
