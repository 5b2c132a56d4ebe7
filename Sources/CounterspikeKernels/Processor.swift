internal import CProcessor

/// The processor that the program runs on.
package enum Processor {
  /// The first extension of the instruction set that this module was compiled for
  /// (`COUNTERSPIKE_CPU`) and the processor does not have.
  package static var missingExtension: String? {
    counterspike_missing_extension().map { String(cString: $0) }
  }

  /// The processors that this module was compiled for, such as `x86-64-v4`. Results do not depend on it.
  package static var compiledLevel: String { String(cString: counterspike_compiled_level()) }
}
