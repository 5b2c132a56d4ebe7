/// A gradient rule that is computed neuron after neuron in double precision: for studies of accuracy, not of
/// speed.
package final class NeuronwiseRule: Sendable, Equatable {
  /// A neuron at T time steps.
  package struct Neuron: Sendable, Equatable {
    package let timeSteps: Int
    package let membraneDecay: Double
    package let synapticDecay: Double
    package let threshold: Double
    package let dynamics: NeuronDynamics

    package init(
      timeSteps: Int, membraneDecay: Double, synapticDecay: Double, threshold: Double,
      dynamics: NeuronDynamics
    ) {
      self.timeSteps = timeSteps
      self.membraneDecay = membraneDecay
      self.synapticDecay = synapticDecay
      self.threshold = threshold
      self.dynamics = dynamics
    }
  }

  /// δ[t] of a neuron from c[t] and e[t].
  package typealias Deltas =
    @Sendable (_ neuron: Neuron, _ currents: [Double], _ errors: [Double]) -> [Double]

  /// Says which rule this is, with all its settings.
  private let identity: any Equatable & Sendable
  private let deltas: Deltas

  package init(identity: some Equatable & Sendable, deltas: @escaping Deltas) {
    self.identity = identity
    self.deltas = deltas
  }

  package static func == (a: NeuronwiseRule, b: NeuronwiseRule) -> Bool {
    func isSame<Identity: Equatable>(_ identity: Identity) -> Bool {
      b.identity as? Identity == identity
    }
    return isSame(a.identity)
  }

  /// What vector code calls; valid as long as this object lives.
  var call: NeuronwiseCall {
    NeuronwiseCall(
      context: UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()),
      function: { context, neuron, currents, errors, deltas, stride in
        Unmanaged<NeuronwiseRule>.fromOpaque(context)._withUnsafeGuaranteedRef { rule in
          let neuron = neuron.assumingMemoryBound(to: NeuronwiseRule.Neuron.self).pointee
          let steps = 0..<neuron.timeSteps
          let result = rule.deltas(
            neuron, steps.map { Double(currents[$0 * stride]) },
            steps.map { Double(errors[$0 * stride]) })
          for t in steps { deltas[t * stride] = Float(result[t]) }
        }
      })
  }
}

/// A ``NeuronwiseRule`` as vector code calls it: plain values, nothing to be retained.
package struct NeuronwiseCall: @unchecked Sendable {
  package typealias Function =
    @convention(c) (
      _ context: UnsafeRawPointer, _ neuron: UnsafeRawPointer, _ currents: FloatPointer,
      _ errors: FloatPointer, _ deltas: FloatPointer, _ stride: Int
    ) -> Void

  package let context: UnsafeRawPointer
  /// `stride`: floats from one time step to the next.
  package let function: Function
}
