import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("TSSL-BP")
struct TSSLBPRuleTests {
  @Test("δ is that of the plain recursion for every shape", arguments: NeuronCase.drivenShapes)
  func shapes(neuron: NeuronCase) {
    check(NeuronSample(neuron, seed: 9))
  }

  @Test(
    "δ is that of the plain recursion for every length and memory",
    arguments: NeuronCase.series.filter { $0.timeSteps <= 30 })
  func lengths(neuron: NeuronCase) {
    var neuron = neuron
    // With d = 0.2, a psc that falls from 1 ends at the very limit of nearly silent neurons,
    // (1 − d)/4; on which side of it is up to rounding.
    if neuron.synapticTimeConstant == 1.25 { neuron.synapticTimeConstant = 1.6 }
    check(NeuronSample(neuron, seed: 10))
  }

  private func check(_ sample: NeuronSample) {
    let plain = PlainTSSLBP(
      neuron: sample.neuron.reference, membraneTimeConstant: sample.neuron.membraneTimeConstant,
      synapticTimeConstant: sample.neuron.synapticTimeConstant)
    let error = sample.worstError(.tsslbp) { plain.deltas(currents: $0, gradient: $1) }
    #expect(error < 1e-5)
  }
}

/// The rule by the letter of the paper's recursion, one neuron in double precision.
struct PlainTSSLBP {
  let neuron: NeuronReference
  let membraneTimeConstant: Double
  let synapticTimeConstant: Double

  func deltas(currents c: [Double], gradient g: [Double]) -> [Double] {
    let last = c.count - 1
    let decay = 1 - 1 / membraneTimeConstant
    let trace = neuron.run(c)
    let (u, s, a) = (trace.membrane, trace.spikes, trace.psc)
    var deltas = c
    var filtered = 0.0
    var carried = 0.0
    for t in c.indices.reversed() {
      filtered = g[t] + (1 - 1 / synapticTimeConstant) * filtered
      let error = filtered / synapticTimeConstant
      let before = t > 0 ? u[t - 1] * (1 - s[t - 1]) : 0
      let rise = c[t] - before / membraneTimeConstant
      let p = max(-8, min(0, -1 / rise)) * s[t]
      var q = -p * error
      if t < last {
        q += -carried * u[t] * p / membraneTimeConstant
        q += carried * decay * (1 - s[t])
      }
      carried = q * s[t] + carried * decay * (1 - s[t])
      if a[t] < 1 / (4 * synapticTimeConstant) {
        let x = max(-8, min(8, (u[t] - neuron.threshold) / 0.2))
        let sigmoid = 1 / (1 + exponential(-x))
        deltas[t] = error * sigmoid * (1 - sigmoid) / 0.2
      } else {
        deltas[t] = q
      }
    }
    return deltas
  }
}
