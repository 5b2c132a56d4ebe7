package import Counterspike

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
package struct NumPyHeader {
  package struct Field {
    package let name: String
    package let type: NumPyType
    /// Where in a record it begins, in bytes.
    package let offset: Int
    /// How many elements it has; 1 but for arrays inside of a record.
    package var count = 1
  }

  /// The fields of a structured array, those of records inside of records among them; a single one
  /// without a name for a plain array. What has neither a name nor numbers is left out.
  package private(set) var fields: [Field] = []
  package private(set) var isStructured = false
  package private(set) var isFortranOrder = false
  package private(set) var shape: [Int] = []
  /// Where the numbers begin.
  package let end: Int

  /// A record's, or element's, size in bytes.
  package private(set) var recordSize = 0

  /// - Throws: `damagedFile`.
  package init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
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
      path, at: min(text.offset, bytes.count), "the header \(problem)",
      "save an array of numbers, or of records of numbers, with numpy.save")
  }

  /// Reads the dictionary; returns what is wrong with it.
  private mutating func parse(_ text: inout PythonText) -> String? {
    var keys: Set<String> = []
    guard text.take("{") else { return "is no dictionary" }
    while !text.take("}") {
      guard let key = text.string(), text.take(":") else { return "has no key in its place" }
      guard keys.insert(key).inserted else { return "has “\(key.excerptOfFile)” twice" }
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
      guard let type = NumPyType(name), type.size > 0 else {
        return "has elements of type “\(name.excerptOfFile)”"
      }
      fields = [Field(name: "", type: type, offset: 0)]
      recordSize = type.size
      return nil
    }
    guard text.isAt("[") else { return "has neither a type nor a list of fields" }
    isStructured = true
    let (size, problem) = parseRecord(&text, at: 0, depth: 0)
    recordSize = size
    return problem ?? (fields.isEmpty || size == 0 ? "has no fields" : nil)
  }

  /// Reads a list of fields, `[('t', '<i8'), (('the title', 'x'), '<u2'), ('', '|V2'), …]`.
  ///
  /// - Returns: the record's size in bytes, and what is wrong with it.
  private mutating func parseRecord(
    _ text: inout PythonText, at start: Int, depth: Int
  ) -> (size: Int, problem: String?) {
    guard depth < 4 else { return (0, "has records inside of records more than three deep") }
    guard text.take("[") else { return (0, "has no list of fields") }
    var offset = start
    while !text.take("]") {
      guard fields.count < 64 else { return (0, "has more than 64 fields") }
      guard text.take("("), let name = text.fieldName(), text.take(",") else {
        return (0, "has a field without a name and a type")
      }
      let first = fields.count
      let size: Int
      if text.isAt("[") {
        let (inner, problem) = parseRecord(&text, at: offset, depth: depth + 1)
        if problem != nil { return (0, problem) }
        size = inner
      } else {
        guard let word = text.string() else {
          return (0, "has a field without a name and a type")
        }
        guard let type = NumPyType(word) else {
          return (0, "has the field “\(name.excerptOfFile)” of type “\(word.excerptOfFile)”")
        }
        size = type.size
        if !name.isEmpty { fields.append(Field(name: name, type: type, offset: offset)) }
      }
      var count = 1
      if text.take(","), !text.isAt(")") {
        guard let shape = text.tuple() else {
          return (0, "has the field “\(name.excerptOfFile)” without a shape in its place")
        }
        for length in shape {
          let (product, isTooLarge) = count.multipliedReportingOverflow(by: length)
          guard !isTooLarge, product <= 1 << 20 else { return (0, "has a field that is too large") }
          count = product
        }
        for field in first..<fields.count { fields[field].count *= count }
      }
      guard text.take(")") else { return (0, "has a field that does not end") }
      offset += size * count
      guard offset - start <= 1 << 24 else { return (0, "has records that are too large") }
      guard text.take(",") || text.isAt("]") else { return (0, "has no comma in its place") }
    }
    return (offset - start, nil)
  }
}
