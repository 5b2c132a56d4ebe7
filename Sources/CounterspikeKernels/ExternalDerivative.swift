/// The derivative of a spike as code outside of this package gives it, in place of a surrogate's shape.
package final class ExternalDerivative: Sendable, Equatable {
  /// Writes f of neurons with the membrane potentials u and thresholds θ, one of each neuron and step.
  package typealias Write =
    @Sendable (
      _ membrane: Span<Float>, _ threshold: Span<Float>, _ result: inout MutableSpan<Float>
    ) -> Void

  /// Says which derivative this is, with all its settings.
  private let identity: String
  private let write: Write

  package init(identity: String, write: @escaping Write) {
    self.identity = identity
    self.write = write
  }

  package static func == (a: ExternalDerivative, b: ExternalDerivative) -> Bool {
    a.identity == b.identity
  }

  /// What vector code calls; valid as long as this object lives.
  package var call: DerivativeCall {
    DerivativeCall(
      function: { context, membrane, threshold, result, count in
        Unmanaged<ExternalDerivative>.fromOpaque(context)._withUnsafeGuaranteedRef { derivative in
          var written = MutableSpan(_unsafeStart: result, count: count)
          derivative.write(
            Span(_unsafeStart: membrane, count: count),
            Span(_unsafeStart: threshold, count: count), &written)
        }
      }, context: UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()))
  }
}

/// An ``ExternalDerivative`` as vector code calls it: plain values, nothing to be retained.
package struct DerivativeCall: @unchecked Sendable {
  package typealias Function =
    @convention(c) (
      _ context: UnsafeRawPointer, _ membrane: FloatPointer, _ threshold: FloatPointer,
      _ result: FloatPointer, _ count: Int
    ) -> Void

  package let function: Function
  package let context: UnsafeRawPointer
}
