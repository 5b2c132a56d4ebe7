/// oneDNN or the system refused: which call and why, in its words.
package struct LibraryFailure: Error, Sendable {
  package enum Kind: Sendable {
    /// Neither this processor nor the library's emulation can do it.
    case unimplemented
    /// There is not enough memory.
    case outOfMemory
    case other
  }

  package var operation: String
  package var reason: String
  package var kind: Kind
  package var isUnimplemented: Bool { kind == .unimplemented }

  package init(operation: String, reason: String, kind: Kind) {
    self.operation = operation
    self.reason = reason
    self.kind = kind
  }

  init(noMemoryFor floats: Int) {
    operation = "reserving \(floats) numbers of 4 bytes"
    reason = "the system has no memory for them"
    kind = .outOfMemory
  }
}
