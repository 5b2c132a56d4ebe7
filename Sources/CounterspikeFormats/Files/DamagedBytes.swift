package import Counterspike

extension CounterspikeError {
  /// A file whose bytes are not what its format demands.
  package static func damagedEvents(
    _ path: String, at offset: Int, _ problem: String, _ remedy: String, fileID: String = #fileID,
    line: Int = #line
  ) -> CounterspikeError {
    CounterspikeError(
      .damagedFile, "“\(path.excerpt)”, byte \(offset): \(problem); \(remedy)",
      fileID: fileID, line: line)
  }
}

extension String {
  /// The beginning of what a file says, fit for one line of a message: whatever is there, no line
  /// ends and no control characters.
  package var excerptOfFile: String {
    let letters = unicodeScalars.prefix(60).map { scalar in
      scalar.properties.isWhitespace ? " " : scalar
    }
    return String(String.UnicodeScalarView(letters)).excerpt
  }
}
