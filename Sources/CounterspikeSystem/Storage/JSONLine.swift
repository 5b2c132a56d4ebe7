/// A JSON object on one line, its members in the order they were given.
///
/// The same members give the same bytes always: no spaces, no sorting, the shortest digits that
/// read back as the same number, and escapes only where JSON demands them.
package struct JSONLine: Sendable, Equatable, CustomStringConvertible {
  /// A name and its value.
  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: Value

    package init(_ key: String, _ value: Value) {
      self.key = key
      self.value = value
    }
  }

  /// What JSON can hold.
  ///
  /// Read from text, an integer is `integer` where it fits, else `unsigned` where that fits, and
  /// every other number is `number`.
  package enum Value: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    case unsigned(UInt64)
    /// Written as `null` when it is infinite or not a number, which JSON cannot say.
    case number(Double)
    case string(String)
    case array([Value])
    case object(JSONLine)
  }

  package let members: [Member]

  /// An object of the given members.
  ///
  /// - Precondition: no two have the same key.
  package init(_ members: [Member]) {
    precondition(
      Set(members.map(\.key)).count == members.count,
      "a key appears twice among \(members.map(\.key))")
    self.members = members
  }

  /// For the parser, which has looked for keys that appear twice already.
  init(uniqueMembers members: [Member]) {
    self.members = members
  }

  /// The value of `key`, if there is one.
  ///
  /// - Complexity: O(number of members).
  package subscript(key: String) -> Value? {
    members.first { $0.key == key }?.value
  }

  /// The text, without a line feed.
  package var description: String {
    String(decoding: encoded(), as: UTF8.self)
  }

  /// The text in UTF-8, without a line feed.
  package func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return bytes
  }
}

extension JSONLine: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, Value)...) {
    self.init(elements.map { Member($0.0, $0.1) })
  }
}

extension JSONLine.Value {
  /// The number as an `Int`, if it is an integer that fits.
  package var integerValue: Int? {
    switch self {
    case .integer(let value): value
    case .unsigned(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number, if it is one, rounded where a `Double` cannot hold the integer.
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The text, if it is one.
  package var stringValue: String? {
    if case .string(let value) = self { value } else { nil }
  }
}

// MARK: Encoding

extension JSONLine {
  fileprivate func encode(into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      Self.encode(member.key, into: &bytes)
      bytes.append(UInt8(ascii: ":"))
      member.value.encode(into: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  fileprivate static func encode(_ text: String, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += #"\""#.utf8
      case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
      case 0x08: bytes += #"\b"#.utf8
      case 0x09: bytes += #"\t"#.utf8
      case 0x0A: bytes += #"\n"#.utf8
      case 0x0C: bytes += #"\f"#.utf8
      case 0x0D: bytes += #"\r"#.utf8
      case ..<0x10: bytes += "\\u000\(String(byte, radix: 16))".utf8
      case ..<0x20: bytes += "\\u00\(String(byte, radix: 16))".utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension JSONLine.Value {
  fileprivate func encode(into bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .boolean(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    case .unsigned(let value): bytes += String(value).utf8
    case .number(let value): bytes += (value.isFinite ? "\(value)" : "null").utf8
    case .string(let value): JSONLine.encode(value, into: &bytes)
    case .object(let value): value.encode(into: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        value.encode(into: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    }
  }
}
