package import Counterspike
internal import Foundation
internal import Synchronization

/// Standard output and error.
///
/// What is printed may quote files, names and arguments. So ``line(_:)`` and ``error(_:)`` escape what a
/// terminal would act on; control sequences of our own go through ``raw(_:)``.
package enum Console {
  /// Writes a line to standard output at once, also into a pipe.
  package static func line(_ text: String = "") {
    write(text.harmless(keeping: "\n") + "\n", to: .standardOutput)
  }

  /// Writes a message of one line to standard error.
  package static func error(_ text: String = "") {
    write(text.cut(to: longestMessage).harmless() + "\n", to: .standardError)
  }

  /// Writes text as it is, without a line end.
  package static func raw(_ text: String) {
    write(text, to: .standardOutput)
  }

  /// The most characters of a message.
  private static let longestMessage = 2000

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
  package static func checkOutput() throws(CounterspikeError) {
    guard isOutputLost.load(ordering: .relaxed) else { return }
    throw CounterspikeError(
      .unwritableFile, "not all of the output could be written; is the disk full?")
  }

  /// Whether standard output is a terminal that understands control sequences.
  package static let isTerminal =
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  /// The colours that standard output gets.
  package static let colours = TerminalColours(
    isTerminal: isTerminal, environment: ProcessInfo.processInfo.environment)

  /// The columns that text has: of the terminal, or what COLUMNS says, or 80.
  package static let width: Int = {
    if let text = ProcessInfo.processInfo.environment["COLUMNS"], let columns = Int(text),
      columns > 0
    {
      return max(columns, 20)
    }
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0,
      size.ws_col > 0
    else { return 80 }
    return max(Int(size.ws_col), 20)
  }()
}

extension String {
  /// The text with control characters and marks of direction escaped as JSON does, so that what is JSON
  /// stays it; tabs and the characters of `kept` stay as they are.
  fileprivate func harmless(keeping kept: String = "") -> String {
    guard unicodeScalars.contains(where: { $0.isActedOn && !kept.unicodeScalars.contains($0) })
    else { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isActedOn, !kept.unicodeScalars.contains(scalar) {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: true)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  fileprivate func cut(to count: Int) -> String {
    unicodeScalars.dropFirst(count).isEmpty ? self : String(unicodeScalars.prefix(count)) + "…"
  }
}

extension Unicode.Scalar {
  /// Whether a terminal does something at this character other than showing it: control characters but
  /// tabs, line separators, marks that turn the direction of text, and invisible tags.
  fileprivate var isActedOn: Bool {
    switch value {
    case 0x09: false
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF,
      0xE0000...0xE007F:
      true
    default: false
    }
  }
}
