import CounterspikeKernels
import CounterspikeReference
import Testing

/// 1/(1 + (x/w)²)/(πw) written outside, in place of the kernels' arctangent.
@Suite("A spike's derivative from outside")
struct ExternalDerivativeTests {
  private static let width: Float = 0.3

  private static let outside = SpikeRule.external(
    ExternalDerivative(identity: "arctangent") { membrane, threshold, result in
      for i in membrane.indices {
        let z = (membrane[i] - threshold[i]) * (1 / width)
        result[i] = (1 / (.pi * width)) / (1 + z * z)
      }
    })

  private static let builtIn = SurrogateRule(
    shape: .arctangent, width: width, resetGradient: false)

  @Test(
    "gives the reference's δ for neurons of any shape and dynamics",
    arguments: NeuronCase.drivenShapes + DynamicRuleTests.cases)
  func reference(neuron: NeuronCase) {
    let reference = neuron.reference
    #expect(Self.outside.covers(neuron.dynamics))
    let error = NeuronSample(neuron, seed: 31).worstError(Self.outside, floor: 1e-3) {
      reference.surrogate(currents: $0, gradient: $1, rule: Self.builtIn)
    }
    #expect(error < 3e-5)
  }

  @Test(
    "gives the same floats as the built-in surrogate, at every level",
    arguments: DynamicRuleTests.cases, VectorLevel.available)
  func levels(neuron: NeuronCase, level: VectorLevel) {
    let sample = NeuronSample(neuron, seed: 32)
    VectorLevel.$tested.withValue(level) {
      #expect(sample.backward(Self.outside) == sample.backward(.surrogate(Self.builtIn)))
    }
  }
}
