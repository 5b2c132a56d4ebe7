internal import COneDNN
internal import CounterspikeKernels

/// oneDNN, as a whole.
package enum OneDNN {
  /// "2.6.3", say.
  package static var version: String {
    let version = counterspike_onednn_version()
    return "\(version / 10000).\(version / 100 % 100).\(version % 100)"
  }

  /// The largest instruction set that it takes here, "AVX2", say; `nil`: not known.
  package static var instructionSet: String? {
    counterspike_onednn_instruction_set().map { String(cString: $0) }
  }

  /// Whether products take six rows at a time, and add up one to three that are left in another order: so it is
  /// on x86-64 without AVX-512, up to oneDNN 2.6 at least.
  static let sumsRowsInSixes: Bool = {
    guard let set = instructionSet else { return false }
    return set == "SSE4.1" || set.hasPrefix("AVX") && !set.hasPrefix("AVX-512")
  }()

  /// Keeps every call from this thread on this thread.
  package static func useOneThread() { counterspike_onednn_use_one_thread() }
}

extension LibraryFailure {
  static func check(_ operation: String, _ status: Int32) throws(LibraryFailure) {
    if status != 0 { throw LibraryFailure(operation, status: status) }
  }

  init(_ operation: String, status: Int32) {
    let kind: Kind =
      switch status {
      case counterspike_onednn_unimplemented(): .unimplemented
      case counterspike_onednn_out_of_memory(): .outOfMemory
      default: .other
      }
    self.init(
      operation: operation, reason: String(cString: counterspike_onednn_status_text(status)),
      kind: kind)
  }
}
