import Foundation

/// The texts in double quotes of a Swift file, comments left out.
struct SwiftLiterals {
  struct Literal {
    /// Where it begins and ends, in bytes.
    let start, end: Int
    /// Without its quotation marks; of an interpolation, `\(…)` as it stands.
    let text: String
    let isRaw: Bool
  }

  private let bytes: [UInt8]
  private(set) var literals: [Literal] = []
  /// The source with comments blanked out and literals emptied, of the same length.
  private var code: [UInt8]

  private static let blank = UInt8(ascii: " ")
  private static let lineFeed = UInt8(ascii: "\n")

  init(_ source: String) {
    bytes = Array(source.utf8)
    code = bytes
    _ = scanCode(from: 0, untilParenthesis: false)
    literals.sort { $0.start < $1.start }
  }

  func line(of place: Int) -> Int { 1 + bytes[..<place].count { $0 == Self.lineFeed } }

  private func has(_ text: String, at place: Int) -> Bool {
    let text = text.utf8
    return bytes[place] == text.first && bytes[place...].starts(with: text)
  }

  /// - Returns: the place after the parenthesis that closes an interpolation, or the end.
  private mutating func scanCode(from start: Int, untilParenthesis: Bool) -> Int {
    var place = start
    var depth = 0
    while place < bytes.count {
      if has("//", at: place) {
        while place < bytes.count, bytes[place] != Self.lineFeed { blank(&place) }
        continue
      }
      if has("/*", at: place) {
        while place < bytes.count, !has("*/", at: place) { blank(&place) }
        continue
      }
      switch bytes[place] {
      case UInt8(ascii: "\""):
        place = scanLiteral(from: place)
        continue
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        if untilParenthesis, depth < 0 { return place + 1 }
      default: break
      }
      place += 1
    }
    return place
  }

  private mutating func blank(_ place: inout Int) {
    if bytes[place] != Self.lineFeed { code[place] = Self.blank }
    place += 1
  }

  private mutating func scanLiteral(from start: Int) -> Int {
    let isRaw = start > 0 && bytes[start - 1] == UInt8(ascii: "#")
    let quote = (has("\"\"\"", at: start) ? "\"\"\"" : "\"") + (isRaw ? "#" : "")
    let escape = isRaw ? "\\#" : "\\"
    var place = start + quote.utf8.count - (isRaw ? 1 : 0)
    let first = place
    while place < bytes.count, !has(quote, at: place) {
      if has(escape + "(", at: place) {
        let end = scanCode(from: place + escape.utf8.count + 1, untilParenthesis: true)
        for inside in place..<end { code[inside] = Self.blank }
        place = end
      } else if has(escape, at: place) {
        for _ in 0...escape.utf8.count where place < bytes.count { blank(&place) }
      } else {
        blank(&place)
      }
    }
    literals.append(
      Literal(
        start: start, end: place,
        text: String(decoding: bytes[first..<min(place, bytes.count)], as: UTF8.self),
        isRaw: isRaw))
    return min(place + quote.utf8.count, bytes.count)
  }
}

extension SwiftLiterals {
  /// The arguments of each call of `name`, as places in the source.
  func calls(of name: String) -> [Range<Int>] {
    let name = Array((name + "(").utf8)
    return code.indices.compactMap { place in
      guard code[place] == name[0], code[place...].starts(with: name) else { return nil }
      var depth = 0
      for end in (place + name.count - 1)..<code.count {
        if code[end] == UInt8(ascii: "(") { depth += 1 }
        if code[end] == UInt8(ascii: ")") { depth -= 1 }
        if depth == 0 { return (place + name.count)..<end }
      }
      return nil
    }
  }

  /// A call's argument texts: the literals of each argument that stand in no other literal's
  /// interpolation.
  func arguments(_ call: Range<Int>) -> [[Literal]] {
    var commas = [call.lowerBound]
    var depth = 0
    for place in call {
      switch Character(Unicode.Scalar(code[place])) {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      case "," where depth == 0: commas.append(place + 1)
      default: break
      }
    }
    let ends = commas.dropFirst().map { $0 - 1 } + [call.upperBound]
    return zip(commas, ends).map { start, end in
      var texts: [Literal] = []
      for literal in literals where (start..<max(start, end)).contains(literal.start) {
        if literal.start > texts.last?.end ?? -1 { texts.append(literal) }
      }
      return texts
    }
  }
}
