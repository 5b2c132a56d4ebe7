extension String {
  /// The beginning of a text from outside (a file, a name, an argument), fit for a message of one line.
  package var excerpt: String { excerpt(upTo: 80) }

  /// The first `count` characters (Unicode scalars) with control characters escaped; “…” stands for the
  /// rest.
  package func excerpt(upTo count: Int) -> String {
    let beginning = String(unicodeScalars.prefix(count)).onOneLine
    return unicodeScalars.dropFirst(count).isEmpty ? beginning : beginning + "…"
  }

  /// The text with line breaks and other control characters escaped.
  package var onOneLine: String {
    var line = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        line += scalar.escaped(asASCII: true)
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
