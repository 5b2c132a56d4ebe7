extension String {
  /// The text as HTML and SVG show it, in an element or an attribute.
  ///
  /// It goes by Unicode scalars: `<` with a combining mark behind it is one `Character`, and is
  /// none that equals `<`. What XML forbids, and marks that turn the direction of what follows, is
  /// shown as `\u{1B}`.
  package var escaped: String {
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default:
        if scalar.isPlainInXML {
          text.unicodeScalars.append(scalar)
        } else {
          text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  fileprivate var isPlainInXML: Bool {
    switch value {
    case 0x09, 0x0A: true
    case 0...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF: false
    case 0x202A...0x202E, 0x2066...0x2069: false
    default: true
    }
  }
}
