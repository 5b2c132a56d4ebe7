/// A command for the user to copy.
package enum CommandText {
  /// The command as this process was called, with other arguments, quoted for a shell.
  package static func line(_ arguments: String...) -> String { line(arguments) }

  package static func line(_ arguments: [String]) -> String {
    ([CommandLine.arguments[0]] + arguments).map(\.shellQuoted).joined(separator: " ")
  }
}

extension String {
  /// The text as one word of a shell's command line.
  package var shellQuoted: String {
    let isPlain = allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber) || "/._-+=:,@%".contains($0)
    }
    return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
