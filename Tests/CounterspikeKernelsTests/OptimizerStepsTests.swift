import CounterspikeKernels
import Testing

@Suite("Optimizer steps")
struct OptimizerStepsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rate: Float = 1e-2
    var weightDecay: Float = 0
    /// β₁, or the momentum of SGD.
    var inertia: Float = 0.9
    var gradientScale: Float = 1
    var bound = Float.infinity

    var testDescription: String {
      "η \(rate), λ \(weightDecay), μ \(inertia), scale \(gradientScale), bound \(bound)"
    }

    static let all = [
      Case(), Case(weightDecay: 0.1), Case(inertia: 0), Case(gradientScale: 0.01),
      Case(rate: 0.1, weightDecay: 0.01, inertia: 0.95, gradientScale: 0.3, bound: 0.5),
    ]
  }

  static let count = 205

  /// Weights, and a gradient for each of fifty steps: of all sizes, with exact zeros.
  static func problem() -> (weights: [Float], gradients: [[Float]]) {
    var random = RandomStream(seed: 21, purpose: .audit)
    let weights = random.normals(count)
    let gradients = (0..<50).map { _ in
      random.normals(count).enumerated().map { i, g in
        i % 11 == 0 ? 0 : g * Float(exponential(Double(i % 13) - 8)) + (i % 3 == 0 ? 0.1 : 0)
      }
    }
    return (weights, gradients)
  }

  static func adamW(_ test: Case, cuts: [Int]) -> [Float] {
    let (initial, gradients) = problem()
    let weights = FloatBuffer(initial)
    let first = FloatBuffer(count: count)
    let second = FloatBuffer(count: count)
    for (index, gradient) in gradients.enumerated() {
      let step = OptimizerStep.AdamW(
        rate: test.rate, beta1: test.inertia, beta2: 0.999, epsilon: 1e-8,
        weightDecay: test.weightDecay, step: index + 1)
      let gradient = FloatBuffer(gradient)
      for (start, end) in zip(cuts, cuts.dropFirst()) {
        OptimizerStep.adamW(
          step, weights: weights.slice(start, end - start),
          gradient: gradient.slice(start, end - start), first: first.slice(start, end - start),
          second: second.slice(start, end - start), gradientScale: test.gradientScale,
          bound: test.bound)
      }
    }
    return weights.all.array
  }

  static func sgd(_ test: Case, cuts: [Int]) -> [Float] {
    let (initial, gradients) = problem()
    let weights = FloatBuffer(initial)
    let velocity = FloatBuffer(count: count)
    let step = OptimizerStep.SGD(
      rate: test.rate, momentum: test.inertia, weightDecay: test.weightDecay)
    for gradient in gradients {
      let gradient = FloatBuffer(gradient)
      for (start, end) in zip(cuts, cuts.dropFirst()) {
        OptimizerStep.sgd(
          step, weights: weights.slice(start, end - start),
          gradient: gradient.slice(start, end - start),
          velocity: velocity.slice(start, end - start), gradientScale: test.gradientScale,
          bound: test.bound)
      }
    }
    return weights.all.array
  }

  @Test("AdamW follows the published algorithm in double precision", arguments: Case.all)
  func adamW(test: Case) {
    let (initial, gradients) = Self.problem()
    let bound = Double(test.bound)
    let (beta1, beta2) = (Double(test.inertia), Double(Float(0.999)))
    let expected = initial.indices.map { i in
      var w = Double(initial[i])
      var (m, v, power1, power2) = (0.0, 0.0, 1.0, 1.0)
      for gradient in gradients {
        let g = Double(gradient[i]) * Double(test.gradientScale)
        power1 *= beta1
        power2 *= beta2
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        let mean = m / (1 - power1)
        let square = v / (1 - power2)
        w -= Double(test.rate) * Double(test.weightDecay) * w
        w -= Double(test.rate) * mean / (square.squareRoot() + Double(Float(1e-8)))
        w = max(-bound, min(bound, w))
      }
      return w
    }
    let weights = Self.adamW(test, cuts: [0, Self.count])
    #expect(largestDifference(weights, expected) < 1e-5)
    #expect(weights.allSatisfy { abs($0) <= test.bound })
    if test.bound < 1 { #expect(weights.contains(test.bound) && weights.contains(-test.bound)) }
  }

  @Test("SGD with momentum follows its recursion in double precision", arguments: Case.all)
  func sgd(test: Case) {
    let (initial, gradients) = Self.problem()
    let bound = Double(test.bound)
    let expected = initial.indices.map { i in
      var w = Double(initial[i])
      var v = 0.0
      for gradient in gradients {
        let g =
          Double(gradient[i]) * Double(test.gradientScale) + Double(test.weightDecay) * w
        v = Double(test.inertia) * v + g
        w = max(-bound, min(bound, w - Double(test.rate) * v))
      }
      return w
    }
    let weights = Self.sgd(test, cuts: [0, Self.count])
    let scale = expected.reduce(1) { max($0, abs($1)) }
    #expect(largestDifference(weights, expected) < 1e-5 * scale)
    #expect(weights.allSatisfy { abs($0) <= test.bound })
    if test.bound < 1 { #expect(weights.contains(test.bound) && weights.contains(-test.bound)) }
  }

  @Test("any cut into ranges gives the same bytes", arguments: Case.all)
  func ranges(test: Case) {
    let cuts = [[0, 7, 8, 64, 65, 130, 205], [0, 205], [0, 1, 204, 205], [0, 100, 100, 205]]
    for adam in [false, true] {
      let results = cuts.map { adam ? Self.adamW(test, cuts: $0) : Self.sgd(test, cuts: $0) }
      for result in results { #expect(result == results[1]) }
    }
  }

  @Test("moments of another size are refused")
  func wrongSize() async {
    await #expect(processExitsWith: .failure) {
      OptimizerStep.sgd(
        OptimizerStep.SGD(rate: 1, momentum: 0, weightDecay: 0), weights: FloatBuffer(count: 9).all,
        gradient: FloatBuffer(count: 9).all, velocity: FloatBuffer(count: 8).all,
        gradientScale: 1, bound: 1)
    }
  }
}
