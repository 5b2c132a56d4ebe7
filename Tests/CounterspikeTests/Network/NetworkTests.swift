import Counterspike
import Testing

@Suite("A network's weights")
struct NetworkTests {
  private func network(scale: Float = 1, seed: UInt64 = 1) throws -> Network {
    var settings = try NetworkSettings("20C5-P2-30C3-200-10")
    settings.weightScale = scale
    return try Network(settings, inputShape: [2, 14, 14], seed: seed)
  }

  @Test("of convolutions begin uniform in ±1/√fan-in")
  func convolutions() throws {
    for (tensor, fanIn) in zip(try network().weights, [50, 180]) {
      let bound = 1 / Float(fanIn).squareRoot()
      let scalars = tensor.scalars
      #expect(scalars.allSatisfy { abs($0) <= bound })
      #expect((scalars.max() ?? 0) > 0.98 * bound && (scalars.min() ?? 0) < -0.98 * bound)
      let mean = scalars.reduce(0, +) / Float(scalars.count)
      let variance = scalars.reduce(0) { $0 + $1 * $1 } / Float(scalars.count)
      #expect(abs(mean) < 0.06 * bound)
      #expect(abs(variance / (bound * bound / 3) - 1) < 0.06)
    }
  }

  @Test("of dense layers begin normal, of variance 2/fan-in")
  func denseLayers() throws {
    let network = try network()
    for (index, fanIn) in [(2, 270), (3, 200)] {
      let scalars = network.weights[index].scalars
      let variance = scalars.reduce(0) { $0 + Double($1 * $1) } / Double(scalars.count)
      #expect(abs(variance * Double(fanIn) / 2 - 1) < 0.08)
      let deviation = Float((2 / Double(fanIn)).squareRoot())
      let inside = scalars.filter { abs($0) < deviation }.count
      #expect(abs(Double(inside) / Double(scalars.count) - 0.6827) < 0.03)
      #expect(scalars.contains { abs($0) > 2.5 * deviation })
    }
  }

  @Test("are a function of the seed, each layer's another one")
  func seeds() throws {
    #expect(try network().weights == network().weights)
    let (one, two) = (try network().weights, try network(seed: 2).weights)
    for (a, b) in zip(one, two) { #expect(a.shape == b.shape && a != b) }
    // Layers of one kind and size must not begin alike.
    let twins = try Network(NetworkSettings("9-9-9-9"), inputShape: [9, 1, 1]).weights
    #expect(Set(twins.map { $0.scalars }).count == 4)
  }

  @Test("are multiplied by the scale")
  func scale() throws {
    for (plain, scaled) in zip(try network().weights, try network(scale: 3).weights) {
      for (a, b) in zip(plain.scalars, scaled.scalars) { #expect(abs(3 * a - b) < 1e-6) }
    }
  }

  @Test("can be taken over, and are copied with the network")
  func taking() throws {
    var network = try network()
    let before = network
    let other = try self.network(seed: 7).weights
    try network.setWeights(other)
    #expect(network.weights == other)
    #expect(before.weights != other)
  }

  @Test("are refused when they are those of another network")
  func refusal() throws {
    var network = try network()
    let weights = network.weights
    var error = #expect(throws: CounterspikeError.self) {
      try network.setWeights(Array(weights.dropLast()))
    }
    #expect(error?.code == .mismatch)
    #expect(error?.message == "3 tensors for a network of 4 parameters")
    var wrong = weights
    wrong[2] = Tensor(zeros: [200, 271])
    error = #expect(throws: CounterspikeError.self) { try network.setWeights(wrong) }
    #expect(error?.code == .mismatch)
    #expect(
      error?.message
        == "dense_1.weight has shape [200, 271], the network wants [200, 270]")
    // As many numbers, in another shape.
    wrong[2] = Tensor(zeros: [270, 200])
    #expect(throws: CounterspikeError.self) { try network.setWeights(wrong) }
    #expect(network.weights == weights)
  }
}
