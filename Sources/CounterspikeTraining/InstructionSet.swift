internal import Counterspike
internal import CounterspikeKernels
internal import CounterspikeProducts

/// What decides the order of oneDNN's sums, and by it the last bits of a training's results: the
/// processor's instruction set that it takes, and its version.
enum InstructionSet {
  /// Those of this process, such as `AVX2 (oneDNN 2.6.0)`.
  static let current =
    (OneDNN.instructionSet ?? "an unknown instruction set") + " (oneDNN \(OneDNN.version))"

  /// The processors that the kernels in use are compiled for, on which no result depends.
  static var kernels: String { VectorLevel.current.processors }

  /// What is to be said where a run that was trained by `others`, one after the other, goes on here.
  static func remark(after others: [String]) -> String? {
    guard let last = others.last, last != current else { return nil }
    let before = others.suffix(5).map(\.excerpt).joined(separator: ", then ")
    return "the run \(others.count == 1 ? "began" : "was trained") with \(before) and goes on with "
      + "\(current), so that the bytes can differ from those of a run that was not interrupted"
  }
}
