internal import Counterspike
internal import Foundation
internal import Synchronization

/// Standard output and error, and how numbers look there.
enum Console {
  /// Writes a line to standard output at once, also into a pipe.
  static func line(_ text: String = "") {
    write(text + "\n", to: .standardOutput)
  }

  static func error(_ text: String) {
    write(text + "\n", to: .standardError)
  }

  /// Writes text without a line end.
  static func raw(_ text: String) {
    write(text, to: .standardOutput)
  }

  /// A reader that closed the pipe is no reason to lose a run, nor is a full disk; but results that are
  /// on no disk are no success either, which ``checkOutput()`` tells at the end.
  private static func write(_ text: String, to handle: FileHandle) {
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      guard handle === FileHandle.standardOutput, errno != EPIPE else { return }
      isOutputLost.store(true, ordering: .relaxed)
    }
  }

  private static let isOutputLost = Atomic(false)

  /// - Throws: `unwritableFile` when some of the standard output could not be written.
  static func checkOutput() throws(CounterspikeError) {
    guard isOutputLost.load(ordering: .relaxed) else { return }
    throw CounterspikeError(
      .unwritableFile, "not all of the output could be written; is the disk full?")
  }

  /// Whether standard output is a terminal that understands control sequences.
  static var isTerminal: Bool {
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }
}

/// A command for the user to copy.
enum CommandText {
  /// The command as this process was called, with other arguments, quoted for a shell.
  static func line(_ arguments: String...) -> String { line(arguments) }

  static func line(_ arguments: [String]) -> String {
    ([CommandLine.arguments[0]] + arguments).map(\.shellQuoted).joined(separator: " ")
  }
}

extension String {
  /// The text as one word of a shell's command line.
  var shellQuoted: String {
    let isPlain = allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber) || "/._-+=:,@%".contains($0)
    }
    return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}

extension BinaryInteger {
  /// `1 thread`, `2 threads`, `60,000 images`
  func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }

  /// `60,000`
  var grouped: String {
    var digits = String(self)
    var index = digits.count - 3
    while index > (self < 0 ? 1 : 0) {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: index))
      index -= 3
    }
    return digits
  }
}

extension Double {
  /// With a fixed number of decimals.
  func fixed(_ decimals: Int) -> String {
    String(format: "%.\(decimals)f", locale: Locale(identifier: "en_US_POSIX"), self)
  }

  /// `98.76 %`
  var percent: String { (self * 100).fixed(2) + " %" }

  /// Seconds as `1:02:03` or `2:03`.
  var clock: String {
    let seconds = Int(Swift.min(Swift.max(self, 0), 1e9).rounded())
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
    let tail = rest < 10 ? "0\(rest)" : "\(rest)"
    return hours > 0
      ? "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)" : "\(minutes):\(tail)"
  }
}

extension Int {
  /// `12.3 MB`, in millions of bytes.
  var megabytes: String { (Double(self) / 1e6).fixed(1) + " MB" }
}

/// Columns of text; the first is left-aligned, the others right-aligned.
struct TextTable {
  var rows: [[String]]

  var lines: [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }
      return cells.joined(separator: "  ").trimmingTrailingSpaces
    }
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
