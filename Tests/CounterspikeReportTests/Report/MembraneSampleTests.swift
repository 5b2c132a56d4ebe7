import Testing

@testable import CounterspikeReport

@Suite("A sample of membrane potentials")
struct MembraneSampleTests {
  @Test("keeps all of a small layer, and few but of all neurons of a large one")
  func kept() {
    var small = MembraneSample()
    small.add([1, .nan, -.infinity, 3], neurons: 2, samples: 1)
    #expect(small.values == [1, 3])

    // A number a neuron, four time steps.
    let neurons = 8192
    var large = MembraneSample()
    large.add((0..<4 * neurons).map { Float($0 % neurons) }, neurons: neurons, samples: 1)
    #expect(large.largest == 8191)
    #expect((2048...4200).contains(large.values.count), "\(large.values.count)")
    // No neuron is met twice before others are.
    #expect(Set(large.values).count == large.values.count)
  }
}
