import Counterspike
import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("The membrane algebra")
struct MembraneAlgebraTests {
  static let neuron = NeuronSettings(membraneTimeConstant: 5, synapticTimeConstant: 2)

  static func values(_ count: Int, _ seed: Int, scale: Double, offset: Double = 0) -> [Double] {
    var stream = RandomStream(seed: 5, purpose: .noise, seed)
    return (0..<count).map { _ in offset + scale * stream.normal() }
  }

  static func waveform(_ seed: Int, steps: Int = 12) -> MembraneWaveform {
    MembraneWaveform(currents: values(steps, seed, scale: 0.7, offset: 0.3), neuron: neuron)
  }

  static func isClose(_ a: [Double], _ b: [Double], within limit: Double = 1e-12) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= limit }
  }

  @Test("u ⊞ (u' ⊟ u) = u', also for waveforms that are not made by currents", arguments: 0..<40)
  func subtractionUndoesAddition(seed: Int) {
    let u = Self.waveform(2 * seed)
    let other =
      seed % 2 == 0
      ? Self.waveform(2 * seed + 1)
      : MembraneWaveform(
        potentials: Self.values(12, 2 * seed + 1, scale: 1.5), neuron: Self.neuron)
    let result = u ⊞ (other ⊟ u)
    #expect(Self.isClose(result.potentials, other.potentials))
    #expect(result.spikes == other.spikes)
  }

  @Test("(u ⊞ ε) ⊟ u = ε, and f(f⁻¹(u)) = u", arguments: 0..<20)
  func additionUndoesSubtraction(seed: Int) {
    let u = Self.waveform(seed)
    let perturbation = Self.values(12, 1000 + seed, scale: 0.5)
    #expect(Self.isClose((u ⊞ perturbation) ⊟ u, perturbation))
    #expect(
      Self.isClose(
        MembraneWaveform(currents: u.currents, neuron: Self.neuron).potentials, u.potentials))
  }

  @Test("d_MP is a distance", arguments: 0..<20)
  func distance(seed: Int) {
    let (a, b, c) = (
      Self.waveform(seed), Self.waveform(seed + 100), Self.waveform(seed + 200)
    )
    #expect(a.distance(to: a) == 0)
    #expect(abs(a.distance(to: b) - b.distance(to: a)) < 1e-12)
    #expect(a.distance(to: c) <= a.distance(to: b) + b.distance(to: c) + 1e-12)
  }

  @Test("an inverted spike changes the currents at its step alone, and no step before")
  func inverted() {
    let u = Self.waveform(3)
    for k in u.potentials.indices {
      let neighbor = u.inverting(spikeAt: k)
      #expect(neighbor.spikes[k] != u.spikes[k])
      #expect(neighbor.spikes[..<k] == u.spikes[..<k])
      var expected = [Double](repeating: 0, count: 12)
      expected[k] = 1 - u.potentials[k]
      #expect(Self.isClose(neighbor ⊟ u, expected))
    }
  }
}

@Suite("General neighborhoods")
struct MembraneNeighborhoodTests {
  /// Σ_t g[t]·(a_p[t] − a[t])
  static func differences(
    _ neighborhood: MembraneNeighborhood, gradient: [Double]
  ) -> [Double] {
    let base = neighborhood.center.psc
    return neighborhood.neighbors.map { neighbor in
      zip(gradient, zip(neighbor.psc, base)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
    }
  }

  /// δ by the kernels, of one neuron.
  static func kernel(
    _ rule: SpikeRule, currents: [Double], gradient: [Double]
  ) -> [Double] {
    let layer = NeuronLayer(
      membraneDecay: MembraneAlgebraTests.neuron.membraneDecay,
      synapticDecay: MembraneAlgebraTests.neuron.synapticDecay, threshold: 1,
      timeSteps: currents.count, batch: 1, channels: 8)
    func rows(_ values: [Double]) -> FloatBuffer {
      FloatBuffer(values.flatMap { [Float($0)] + [Float](repeating: 0, count: 7) })
    }
    let deltas = rows(currents)
    layer.backward(
      rule: rule, currents: deltas.all, gradient: rows(gradient).all,
      scratch: NeuronScratch(timeSteps: currents.count))
    return currents.indices.map { Double(deltas.all[$0 * 8]) }
  }

  @Test("least squares of the simple neighborhood is its diagonal solution", arguments: 0..<10)
  func simple(seed: Int) {
    let u = MembraneAlgebraTests.waveform(seed)
    let neighborhood = MembraneNeighborhood.simple(of: u)
    let differences = Self.differences(
      neighborhood, gradient: MembraneAlgebraTests.values(12, 50 + seed, scale: 1))
    let expected = zip(differences, u.potentials).map { $0 / (1 - $1) }
    let delta = neighborhood.gradient(lossDifferences: differences)
    for (a, b) in zip(delta, expected) { #expect(abs(a - b) <= 1e-9 * max(1, abs(b))) }
  }

  @Test("the training rules are the library's neighborhoods", arguments: [0.0, 0.1])
  func rulesAgree(ridge: Double) {
    for seed in 0..<6 {
      let currents = MembraneAlgebraTests.values(7, seed, scale: 0.7, offset: 0.3)
        .map { Double(Float($0)) }
      let gradient = MembraneAlgebraTests.values(7, 60 + seed, scale: 1).map { Double(Float($0)) }
      let u = MembraneWaveform(currents: currents, neuron: MembraneAlgebraTests.neuron)
      let perturbations = GeneralNeighborhoodRule.perturbations(
        count: 20, deviation: 0.4, timeSteps: 7, seed: 9)
      let cases: [(MembraneNeighborhood, GeneralNeighborhoodRule.Neighbors)] = [
        (.flips(of: u), .flips),
        (.sampled(of: u, count: 20, deviation: 0.4, seed: 9), .sampled(perturbations)),
      ]
      for (neighborhood, neighbors) in cases {
        let expected = neighborhood.gradient(
          lossDifferences: Self.differences(neighborhood, gradient: gradient), ridge: ridge,
          largestInverseDistance: 5)
        let rule = GeneralNeighborhoodRule(
          neighbors: neighbors, filtersTwice: false, bound: 5, ridge: ridge)
        let deltas = Self.kernel(.general(rule), currents: currents, gradient: gradient)
        #expect(MembraneAlgebraTests.isClose(deltas, expected, within: 1e-4))
      }
    }
  }

  @Test("the slow rule with the simple neighborhood is the fast one")
  func slowIsFast() {
    let currents = MembraneAlgebraTests.values(12, 1, scale: 0.7, offset: 0.3)
    let gradient = MembraneAlgebraTests.values(12, 2, scale: 1)
    for twice in [false, true] {
      let fast = Self.kernel(
        .neighborhood(NeighborhoodRule(filtersTwice: twice, weight: .gaussian(deviation: 0.3))),
        currents: currents, gradient: gradient)
      let slow = Self.kernel(
        .general(
          GeneralNeighborhoodRule(
            neighbors: .simple(.gaussian(deviation: 0.3)), filtersTwice: twice)),
        currents: currents, gradient: gradient)
      #expect(MembraneAlgebraTests.isClose(fast, slow, within: 1e-5))
    }
  }

  @Test("with the square, the change of the kernel loss is exact")
  func exactDifference() {
    let currents = MembraneAlgebraTests.values(9, 4, scale: 0.7, offset: 0.3)
      .map { Double(Float($0)) }
    let u = MembraneWaveform(currents: currents, neuron: MembraneAlgebraTests.neuron)
    let target = (0..<9).map { 1 - Double(9 - $0) / 20 }
    func loss(_ psc: [Double]) -> Double {
      zip(psc, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2
    }
    let neighborhood = MembraneNeighborhood.simple(of: u)
    let expected = neighborhood.neighbors.map { loss($0.psc) - loss(u.psc) }
    let gradient = zip(u.psc, target).map { $0 - $1 }
    let rule = GeneralNeighborhoodRule(
      neighbors: .simple(.none), filtersTwice: false, addsSquare: true)
    let deltas = Self.kernel(.general(rule), currents: currents, gradient: gradient)
    #expect(MembraneAlgebraTests.isClose(deltas, expected, within: 1e-5))
    // What the square adds is no rounding error.
    let linear = Self.differences(neighborhood, gradient: gradient)
    #expect(!MembraneAlgebraTests.isClose(linear, expected, within: 1e-2))
  }

  @Test("fewer neighbors than steps give the shortest solution that fits them")
  func rankDeficient() {
    let u = MembraneAlgebraTests.waveform(8)
    let neighborhood = MembraneNeighborhood.sampled(of: u, count: 4, deviation: 0.5, seed: 2)
    let differences = [0.3, -1, 0.2, 2]
    let delta = neighborhood.gradient(lossDifferences: differences)
    for (neighbor, difference) in zip(neighborhood.neighbors, differences) {
      let product = zip(delta, neighbor ⊟ u).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(product - difference) < 1e-8)
    }
    let withRidge = neighborhood.gradient(lossDifferences: differences, ridge: 1e-3)
    let (long, short) = (Self.length(delta), Self.length(withRidge))
    #expect(short < long && short > 0.9 * long)
    // The same neighbor twice leaves the rank, and the solution, as it was.
    let doubled = MembraneNeighborhood(
      center: u, neighbors: neighborhood.neighbors + [neighborhood.neighbors[1]])
    let again = doubled.gradient(lossDifferences: differences + [-1])
    #expect(MembraneAlgebraTests.isClose(again, delta, within: 1e-8))
  }

  static func length(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test("eigenvectors are orthonormal and give the matrix back")
  func eigen() {
    let n = 9
    let values = MembraneAlgebraTests.values(n * n, 7, scale: 1)
    let matrix = (0..<n).map { i in
      (0..<n).map { values[min(i, $0) * n + max(i, $0)] }
    }
    let (eigenvalues, vectors) = LeastSquares.eigen(matrix)
    for i in 0..<n {
      for j in 0..<n {
        let product = zip(vectors[i], vectors[j]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-12)
        let back = (0..<n).reduce(0.0) { $0 + eigenvalues[$1] * vectors[$1][i] * vectors[$1][j] }
        #expect(abs(back - matrix[i][j]) < 1e-11)
      }
    }
  }

  @Test(
    "every neighborhood trains: the gradient exists and is the recipe's",
    arguments: NeighborhoodSettings.Neighbors.allCases,
    NeighborhoodSettings.OutputDifference.allCases)
  func inRecipe(
    neighbors: NeighborhoodSettings.Neighbors, output: NeighborhoodSettings.OutputDifference
  ) throws {
    let recipe = try Recipe(
      yaml: """
        network: {layers: 12-3}
        gradient:
          neighborhood: {neighbors: \(neighbors), outputDifference: \(output), error: exact}
        """, source: "test.yaml")
    let network = try Network(recipe.network, inputShape: [1, 4, 4], seed: 3)
    func weights(_ gradient: GradientSettings) throws -> [Tensor] {
      try network.lossGradient(
        LayerRuleTests.input, labels: [0, 2], gradient: gradient, loss: LossSettings()
      ).weights
    }
    let gradient = try weights(recipe.gradient)
    #expect(gradient.allSatisfy { $0.scalars.contains { $0 != 0 } })
    #expect(gradient.allSatisfy { $0.scalars.allSatisfy { $0.isFinite } })
    var plain = NeighborhoodSettings()
    plain.error = .exact
    let isPlain = neighbors == .simple && output == .firstOrder
    #expect((try weights(.neighborhood(plain)) == gradient) == isPlain)
  }
}
