internal import CounterspikeKernels

/// Whether this program can run where it has been started.
package enum ProcessorCheck {
  /// Before anything else: kernels for another processor end the program by an illegal instruction.
  ///
  /// - Throws: `libraryFailure` where the kernels were built for a processor that has more than this one.
  package static func run() throws(CounterspikeError) {
    guard let missing = Processor.missingExtension else { return }
    throw CounterspikeError(
      .libraryFailure,
      "this program was built for processors with \(missing), which this one lacks; build it on "
        + "this machine, or for every processor", remedy: .buildForThisProcessor)
  }
}
