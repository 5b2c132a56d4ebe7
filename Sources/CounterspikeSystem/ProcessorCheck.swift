internal import CounterspikeKernels

/// Whether the environment asks for kernels that there are.
package enum ProcessorCheck {
  /// - Throws: `invalidRecipe` where the variable that lowers the kernels' level names none.
  package static func run() throws(CounterspikeError) {
    guard let name = VectorLevel.unknownLimit else { return }
    let levels = VectorLevel.allCases.map(\.rawValue).joined(separator: ", ")
    throw CounterspikeError(
      .invalidRecipe,
      "the kernels are to be limited to “\(name.excerpt)”, which is no level of them; the levels are "
        + levels, remedy: .limitKernels)
  }
}
