extension String {
  /// The beginning of a text from outside (a file, a name, an argument), fit for a message of one line.
  package var excerpt: String { excerpt(upTo: 160) }

  /// The text with control characters escaped; of one of more than `count` characters (Unicode
  /// scalars) the beginning and the end, where a path has its file's name, with “…” between.
  package func excerpt(upTo count: Int) -> String {
    let scalars = unicodeScalars
    guard !scalars.dropFirst(count).isEmpty else { return onOneLine }
    let end = (count - 1) / 2
    return String(scalars.prefix(count - 1 - end)).onOneLine + "…"
      + String(scalars.suffix(end)).onOneLine
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
