extension JSONLine {
  /// Writes the line, and a line feed, at the end of the file, which is created if need be, and waits
  /// until the disk has it.
  ///
  /// - Throws: `unwritableFile`.
  package func appendLine(to path: String) throws(CounterspikeError) {
    let line = encoded() + [UInt8(ascii: "\n")]
    let file = try SystemFile.appending(path)
    try file.write(line.span)
    try file.synchronize()
  }

  /// The lines of a file from the first as long as `isKept` holds.
  ///
  /// A last line without its line feed is what an interrupted program leaves behind; it is left out.
  ///
  /// - Throws: `unreadableFile`; `damagedFile` naming the line that is no JSON object.
  package static func lines(
    in path: String, while isKept: (JSONLine) -> Bool = { _ in true }
  ) throws(CounterspikeError) -> [JSONLine] {
    try scan(readAll(path), of: path, while: isKept).lines
  }

  /// Cuts a file off at the first line for which `isKept` does not hold, or that is unfinished.
  ///
  /// For a run that goes on from an earlier checkpoint: lines written after it would come twice.
  /// The lines that stay keep their bytes; those behind the cut are not looked at. The file is
  /// replaced in one step, and not touched if all of it stays.
  ///
  /// - Throws: `unreadableFile`; `damagedFile` naming the line that is no JSON object;
  ///   `unwritableFile`.
  package static func keepLines(
    in path: String, where isKept: (JSONLine) -> Bool
  ) throws(CounterspikeError) {
    let bytes = try readAll(path)
    let end = try scan(bytes, of: path, while: isKept).end
    guard end < bytes.count else { return }
    let kept = bytes[..<end]
    try AtomicFile.write(to: path) { (file) throws(CounterspikeError) in
      try file.append(kept.span)
    }
  }

  private static func readAll(_ path: String) throws(CounterspikeError) -> [UInt8] {
    try WholeFile.bytes(of: path, as: .metrics)
  }

  /// The lines while `isKept` holds, and the number of bytes they take.
  private static func scan(
    _ bytes: [UInt8], of path: String, while isKept: (JSONLine) -> Bool
  ) throws(CounterspikeError) -> (lines: [JSONLine], end: Int) {
    var lines: [JSONLine] = []
    var end = 0
    while let feed = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) {
      let line: JSONLine
      do {
        line = try JSONParser.object(bytes[end..<feed])
      } catch {
        throw CounterspikeError(
          .damagedFile,
          """
          line \(lines.count + 1) of “\(path.excerpt)”, at byte \(end + error.offset), is no JSON object: \
          \(error.reason); remove the line or the file
          """)
      }
      guard isKept(line) else { break }
      lines.append(line)
      end = feed + 1
    }
    return (lines, end)
  }
}
