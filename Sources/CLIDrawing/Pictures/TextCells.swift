extension String {
  /// How many columns of a terminal, or characters of a drawing, the text takes.
  var cells: Int { unicodeScalars.reduce(0) { $0 + $1.cells } }

  /// The text, or its beginning and “…” where it has more than `count` cells.
  func cut(toCells count: Int) -> String {
    guard cells > count else { return self }
    var text = ""
    var used = 0
    for character in self {
      let size = String(character).cells
      guard used + size < count else { break }
      text.append(character)
      used += size
    }
    return text + (count > 0 ? "…" : "")
  }

  /// The text in lines of at most `count` cells, broken at spaces where there are any.
  package func wrapped(toCells count: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
      let longer = line.isEmpty ? word : line + " " + word
      if longer.cells <= count {
        line = longer
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        if (line + String(character)).cells > count, !line.isEmpty {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    return lines + [line]
  }

  /// The text with spaces to its right, or its left, up to `count` cells.
  func padded(toCells count: Int, isRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, count - cells))
    return isRight ? space + self : self + space
  }
}

extension Unicode.Scalar {
  /// 0 for marks on the character before, 2 for the wide ones of East Asia and pictures, otherwise 1.
  fileprivate var cells: Int {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
