/// The few words of Python that such a header is made of.
struct PythonText {
  let bytes: [UInt8]
  var offset: Int
  let end: Int

  private mutating func skipSpaces() {
    while offset < end, bytes[offset] <= UInt8(ascii: " ") { offset += 1 }
  }

  mutating func isAt(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    return offset < end && bytes[offset] == UInt8(ascii: character)
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard isAt(character) else { return false }
    offset += 1
    return true
  }

  mutating func string() -> String? {
    skipSpaces()
    guard offset < end, [UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(bytes[offset]),
      let close = bytes[(offset + 1)..<end].firstIndex(of: bytes[offset])
    else { return nil }
    let text = String(decoding: bytes[(offset + 1)..<close], as: UTF8.self)
    guard !text.contains("\\") else { return nil }
    offset = close + 1
    return text
  }

  /// A field's name; of a title and a name, `('the title', 'name')`, the name.
  mutating func fieldName() -> String? {
    guard take("(") else { return string() }
    guard string() != nil, take(","), let name = string(), take(")") else { return nil }
    return name
  }

  mutating func boolean() -> Bool? {
    skipSpaces()
    for (word, value) in [("True", true), ("False", false)] {
      let end = offset + word.utf8.count
      if end <= self.end, bytes[offset..<end].elementsEqual(word.utf8) {
        offset = end
        return value
      }
    }
    return nil
  }

  /// At most eight sizes.
  mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var sizes: [Int] = []
    while !take(")") {
      skipSpaces()
      let digits = bytes[offset..<end].prefix { (48...57).contains($0) }
      guard sizes.count < 8, let size = Int(String(decoding: digits, as: UTF8.self)) else {
        return nil
      }
      offset += digits.count
      sizes.append(size)
      guard take(",") || isAt(")") else { return nil }
    }
    return sizes
  }
}
