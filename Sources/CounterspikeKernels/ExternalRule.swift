/// A gradient rule as code outside of this package gives it: from all currents and errors of some neurons to δ.
package final class ExternalRule: Sendable, Equatable {
  /// What the neurons are.
  package struct Neurons: Sendable, Equatable {
    package let timeSteps: Int
    /// Neurons that a call is for.
    package let count: Int
    package let membraneDecay: Float
    package let synapticDecay: Float
    package let threshold: Float
    package let dynamics: NeuronDynamics

    package init(
      timeSteps: Int, count: Int, membraneDecay: Float, synapticDecay: Float, threshold: Float,
      dynamics: NeuronDynamics
    ) {
      self.timeSteps = timeSteps
      self.count = count
      self.membraneDecay = membraneDecay
      self.synapticDecay = synapticDecay
      self.threshold = threshold
      self.dynamics = dynamics
    }
  }

  /// Writes δ[t] of n neurons from c[t] and e[t], each `[T, n]`.
  package typealias Write =
    @Sendable (
      _ neurons: Neurons, _ currents: Span<Float>, _ errors: Span<Float>,
      _ deltas: inout MutableSpan<Float>
    ) -> Void

  /// Says which rule this is, with all its settings.
  private let identity: String
  private let write: Write

  package init(identity: String, write: @escaping Write) {
    self.identity = identity
    self.write = write
  }

  package static func == (a: ExternalRule, b: ExternalRule) -> Bool { a.identity == b.identity }

  /// What vector code calls; valid as long as this object lives.
  var call: RuleCall {
    RuleCall(
      context: UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()),
      function: { context, neurons, currents, errors, deltas in
        Unmanaged<ExternalRule>.fromOpaque(context)._withUnsafeGuaranteedRef { rule in
          let neurons = neurons.assumingMemoryBound(to: ExternalRule.Neurons.self).pointee
          let count = neurons.timeSteps * neurons.count
          var written = MutableSpan(_unsafeStart: deltas, count: count)
          rule.write(
            neurons, Span(_unsafeStart: currents, count: count),
            Span(_unsafeStart: errors, count: count), &written)
        }
      })
  }
}

/// An ``ExternalRule`` as vector code calls it: plain values, nothing to be retained.
package struct RuleCall: @unchecked Sendable {
  package typealias Function =
    @convention(c) (
      _ context: UnsafeRawPointer, _ neurons: UnsafeRawPointer, _ currents: FloatPointer,
      _ errors: FloatPointer, _ deltas: FloatPointer
    ) -> Void

  package let context: UnsafeRawPointer
  package let function: Function
}
