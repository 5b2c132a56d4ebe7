package import CounterspikeKernels
internal import CounterspikeNetwork
package import CounterspikeSystem

/// What the passes of convolutions and dense layers have in common: where the gradient with respect to
/// what they multiply goes.
struct InputGradient: Sendable {
  let target: FloatBuffer
  /// Where a gradient that is to be added is computed first.
  let temporary: FloatBuffer?

  /// Has `body` compute the gradient, and adds it where it is to be added.
  @inline(__always)
  func take(
    _ body: (FloatSlice) throws(LibraryFailure) -> Void
  ) throws(LibraryFailure) {
    guard let temporary else { return try body(target.all) }
    try body(temporary.all)
    target.all.add(temporary.all)
  }
}

extension Program.Product {
  /// Calls oneDNN; a failure names the layer.
  @inline(__always)
  package func checked(_ body: () throws(LibraryFailure) -> Void) throws(CounterspikeError) {
    do throws(LibraryFailure) {
      try body()
    } catch {
      throw CounterspikeError(error, stage: layout.node.name)
    }
  }
}
