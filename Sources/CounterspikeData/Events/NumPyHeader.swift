internal import Counterspike

/// The header of a NumPy file, `.npy`.
///
///     offset 0    0x93 "NUMPY"
///     offset 6    major and minor version: 1.0, 2.0 or 3.0
///     offset 8    length of the following text, 16 bits in version 1, 32 bits in the others, least
///                 significant byte first
///     then        a Python dictionary with 'descr', 'fortran_order' and 'shape', filled with spaces
///     then        the numbers; the file ends behind the last of them
///
/// - Note: numpy.lib.format, NumPy's description of the format.
struct NumPyHeader {
  /// The type of numbers: `<i8` is a little-endian integer of 8 bytes.
  struct NumberType: Equatable {
    enum Kind: Character {
      case signed = "i"
      case unsigned = "u"
      case float = "f"
      case boolean = "b"
    }

    let kind: Kind
    /// In bytes.
    let size: Int
    let isBigEndian: Bool

    init?(_ text: String) {
      var letters = Substring(text)
      let order = letters.first.flatMap { "<>|=".contains($0) ? letters.removeFirst() : nil }
      if letters == "?" { letters = "b1" }
      guard let kind = letters.popFirst().flatMap(Kind.init), let size = Int(letters) else {
        return nil
      }
      let sizes: [Int] =
        switch kind {
        case .signed, .unsigned: [1, 2, 4, 8]
        case .float: [4, 8]
        case .boolean: [1]
        }
      guard sizes.contains(size) else { return nil }
      self.kind = kind
      self.size = size
      isBigEndian = order == ">"
    }
  }

  struct Field {
    let name: String
    let type: NumberType
    /// Where in a record it begins, in bytes.
    let offset: Int
  }

  /// The fields of a structured array; a single one without a name for a plain array.
  private(set) var fields: [Field] = []
  private(set) var isStructured = false
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []
  /// Where the numbers begin.
  let end: Int

  /// A record's size in bytes.
  var recordSize: Int { fields.reduce(0) { $0 + $1.type.size } }

  /// - Throws: `damagedFile`.
  init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
    guard bytes.count >= 12, bytes[0] == 0x93, bytes.has("NUMPY", at: 1) else {
      throw .damagedEvents(
        path, at: 0, "the file does not begin as a NumPy file does, with 93 4E 55 4D 50 59",
        "put a file that numpy.save wrote in its place")
    }
    guard (1...3).contains(bytes[6]) else {
      throw .damagedEvents(
        path, at: 6, "the version is \(bytes[6]).\(bytes[7]), and 1.0, 2.0 and 3.0 are read",
        "save the array with numpy.save")
    }
    let start = bytes[6] == 1 ? 10 : 12
    let length =
      bytes[6] == 1 ? Int(bytes.littleEndian16(at: 8)) : Int(bytes.littleEndian32(at: 8))
    guard length <= min(bytes.count - start, 1 << 16) else {
      throw .damagedEvents(
        path, at: 8,
        "the header has \(length) bytes, and the file ends \(bytes.count - start) bytes after its "
          + "beginning; no more than 65,536 are read", "it is truncated: save the array again")
    }
    end = start + length
    var text = PythonText(bytes: bytes, offset: start, end: end)
    guard let problem = parse(&text) else { return }
    throw .damagedEvents(
      path, at: text.offset, "the header \(problem)",
      "save an array of whole numbers with numpy.save")
  }

  /// Reads the dictionary; returns what is wrong with it.
  private mutating func parse(_ text: inout PythonText) -> String? {
    var keys: Set<String> = []
    guard text.take("{") else { return "is no dictionary" }
    while !text.take("}") {
      guard let key = text.string(), text.take(":") else { return "has no key in its place" }
      guard keys.insert(key).inserted else { return "has “\(key)” twice" }
      switch key {
      case "descr":
        if let problem = parseFields(&text) { return problem }
      case "fortran_order":
        guard let value = text.boolean() else { return "has no truth value for fortran_order" }
        isFortranOrder = value
      case "shape":
        guard let sizes = text.tuple() else { return "has no tuple of sizes for its shape" }
        shape = sizes
      default: return "has an unknown key, “\(key.excerptOfFile)”"
      }
      guard text.take(",") || text.isAt("}") else { return "has no comma in its place" }
    }
    return keys.count == 3 ? nil : "lacks descr, fortran_order or shape"
  }

  private mutating func parseFields(_ text: inout PythonText) -> String? {
    if let name = text.string() {
      guard let type = NumberType(name) else {
        return "has numbers of type “\(name.excerptOfFile)”"
      }
      fields = [Field(name: "", type: type, offset: 0)]
      return nil
    }
    guard text.take("[") else { return "has neither a type nor a list of fields" }
    isStructured = true
    while !text.take("]") {
      guard fields.count < 64 else { return "has more than 64 fields" }
      guard text.take("("), let name = text.string(), text.take(","), let type = text.string(),
        text.take(")")
      else { return "has a field that is not a name and a type" }
      guard let number = NumberType(type) else {
        return "has the field “\(name.excerptOfFile)” of type “\(type.excerptOfFile)”"
      }
      fields.append(Field(name: name, type: number, offset: recordSize))
      guard text.take(",") || text.isAt("]") else { return "has no comma in its place" }
    }
    return fields.isEmpty ? "has no fields" : nil
  }
}

/// The few words of Python that such a header is made of.
private struct PythonText {
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
