/// A strict reader of JSON objects.
///
/// It takes what RFC 8259 allows and nothing else, refuses objects with the same key twice (other
/// readers silently keep one of the two), and goes no deeper than `depthLimit`. Keys that differ
/// in Unicode normal form only are the same key, as they are the same `String`.
package struct JSONParser {
  /// Where reading stopped, in bytes from the beginning, and why.
  package struct Failure: Error, Equatable {
    package var offset: Int
    package var reason: String
  }

  /// Objects and arrays within each other; serde_json, which reads safetensors elsewhere, stops at
  /// the same depth.
  package static let depthLimit = 127

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private var depth = 0

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// The object that `bytes` are, from the first byte, with nothing but white space behind it.
  package static func object(_ bytes: ArraySlice<UInt8>) throws(Failure) -> JSONLine {
    var parser = JSONParser(bytes)
    guard parser.next == UInt8(ascii: "{") else {
      throw parser.failure("it does not begin with “{”")
    }
    let object = try parser.object()
    parser.skipSpace()
    guard parser.next == nil else { throw parser.failure("something follows the closing “}”") }
    return object
  }

  // MARK: Values

  private mutating func value() throws(Failure) -> JSONLine.Value {
    guard let next else { throw failure("it ends where a value should be") }
    switch next {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw failure("there is no value")
    }
  }

  private mutating func object() throws(Failure) -> JSONLine {
    try enter()
    var members: [JSONLine.Member] = []
    var keys: Set<String> = []
    while try element(isFirst: members.isEmpty, end: UInt8(ascii: "}")) {
      let start = position
      let key = try string()
      guard keys.insert(key).inserted else {
        position = start
        throw failure("the key “\(key.excerpt)” appears a second time")
      }
      skipSpace()
      try take(UInt8(ascii: ":"))
      skipSpace()
      members.append(JSONLine.Member(key, try value()))
    }
    depth -= 1
    return JSONLine(uniqueMembers: members)
  }

  private mutating func array() throws(Failure) -> [JSONLine.Value] {
    try enter()
    var values: [JSONLine.Value] = []
    while try element(isFirst: values.isEmpty, end: UInt8(ascii: "]")) {
      values.append(try value())
    }
    depth -= 1
    return values
  }

  /// Goes into an object or array, past its opening bracket.
  private mutating func enter() throws(Failure) {
    guard depth < Self.depthLimit else {
      throw failure("there are more than \(Self.depthLimit) objects and arrays in each other")
    }
    depth += 1
    position += 1
  }

  /// Goes to the next element of an object or array; `false`: past its closing bracket.
  private mutating func element(isFirst: Bool, end: UInt8) throws(Failure) -> Bool {
    skipSpace()
    if next == end {
      position += 1
      return false
    }
    if !isFirst {
      try take(UInt8(ascii: ","))
      skipSpace()
    }
    return true
  }

  private mutating func word(
    _ word: String, _ value: JSONLine.Value
  ) throws(Failure) -> JSONLine.Value {
    guard bytes[position...].starts(with: word.utf8) else { throw failure("there is no value") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(Failure) -> JSONLine.Value {
    let start = position
    skip(UInt8(ascii: "-"))
    if !skip(UInt8(ascii: "0")) { try digits() }
    var isInteger = true
    if skip(UInt8(ascii: ".")) {
      isInteger = false
      try digits()
    }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      isInteger = false
      if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, text != "-0" {
      if let value = Int(text) { return .integer(value) }
      if let value = UInt64(text) { return .unsigned(value) }
    }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw failure("the number is too large")
    }
    return .number(value)
  }

  private mutating func digits() throws(Failure) {
    let start = position
    while let byte = next, isDigit(byte) { position += 1 }
    guard position > start else { throw failure("a digit is missing") }
  }

  // MARK: Strings

  private mutating func string() throws(Failure) -> String {
    let start = position
    try take(UInt8(ascii: "\""))
    var text: [UInt8] = []
    var runStart = position
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        text += bytes[runStart..<position]
        guard let string = String(validating: text, as: UTF8.self) else {
          position = start
          throw failure("the text is not UTF-8")
        }
        position += 1
        return string
      case UInt8(ascii: "\\"):
        text += bytes[runStart..<position]
        text += try escape()
        runStart = position
      case ..<0x20:
        throw failure("a control character stands in a text without an escape")
      default:
        position += 1
      }
    }
    throw failure("it ends within a text")
  }

  /// The bytes, in UTF-8, that the escape at the position stands for.
  private mutating func escape() throws(Failure) -> [UInt8] {
    let start = position
    position += 1
    guard let byte = next else { throw failure("it ends within a text") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if code & 0xFC00 == 0xD800, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) {
        let low = try hexadecimal()
        code = low & 0xFC00 == 0xDC00 ? 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF) : code
      }
      guard let scalar = Unicode.Scalar(code) else {
        position = start
        throw failure("half of a surrogate pair stands alone")
      }
      return Array(String(Character(scalar)).utf8)
    default:
      position = start
      throw failure("there is no such escape")
    }
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("an escape has not four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  // MARK: Bytes

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  @discardableResult
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ byte: UInt8) throws(Failure) {
    guard skip(byte) else {
      throw failure("a “\(Character(Unicode.Scalar(byte)))” is missing")
    }
  }

  private func failure(_ reason: String) -> Failure {
    Failure(offset: position - bytes.startIndex, reason: reason)
  }
}
