/// The type of an array's elements: `<i8` is a little-endian integer of 8 bytes.
package struct NumPyType: Equatable {
  package enum Kind: Equatable {
    case signed
    case unsigned
    case float
    case boolean
    /// A date or a length of time, in units of so many nanoseconds.
    case time(nanoseconds: Int64)
    /// Bytes that are passed over: padding, text, complex numbers.
    case other
  }

  package let kind: Kind
  /// In bytes.
  package let size: Int
  let isBigEndian: Bool

  /// - Returns: `nil` for what has no bytes of its own in the file (Python objects), or is no type.
  package init?(_ text: String) {
    var letters = Substring(text)
    let order = letters.first.flatMap { "<>|=".contains($0) ? letters.removeFirst() : nil }
    if letters == "?" { letters = "b1" }
    guard let letter = letters.popFirst() else { return nil }
    let digits = letters.prefix { $0.isASCII && $0.isNumber }
    let unit = letters.dropFirst(digits.count)
    guard let number = Int(digits), number <= 1 << 20, unit.isEmpty || "mM".contains(letter) else {
      return nil
    }
    switch (letter, number) {
    case ("i", 1), ("i", 2), ("i", 4), ("i", 8): kind = .signed
    case ("u", 1), ("u", 2), ("u", 4), ("u", 8): kind = .unsigned
    case ("f", 4), ("f", 8): kind = .float
    case ("b", 1): kind = .boolean
    case ("m", 8), ("M", 8):
      let units: [Substring: Int64] = [
        "[ns]": 1, "[us]": 1000, "[ms]": 1_000_000, "[s]": 1_000_000_000,
      ]
      kind = units[unit].map { .time(nanoseconds: $0) } ?? .other
    case ("f", 2), ("f", 12), ("f", 16), ("c", 8), ("c", 16), ("c", 24), ("c", 32): kind = .other
    case ("V", _), ("S", _), ("a", _), ("U", _): kind = .other
    default: return nil
    }
    size = letter == "U" ? 4 * number : number
    isBigEndian = order == ">"
  }

  /// Whether the elements are numbers.
  package var isNumber: Bool {
    switch kind {
    case .signed, .unsigned, .float, .boolean: true
    case .time, .other: false
    }
  }

  /// The element at `offset`, or `nil` when it is not whole or beyond 64 bits; of times, whole
  /// microseconds.
  ///
  /// - Precondition: `bytes` has all of the element, and it is no ``Kind/other``.
  package func integer(_ bytes: [UInt8], at offset: Int) -> Int64? {
    let word = word(bytes, at: offset)
    switch kind {
    case .boolean: return word == 0 ? 0 : 1
    case .unsigned: return Int64(exactly: word)
    case .signed: return signed(word)
    case .float: return Int64(whole: floating(word))
    case .time(let nanoseconds):
      let value = signed(word)
      if nanoseconds < 1000 { return value / 1000 }
      let (product, isBeyond) = value.multipliedReportingOverflow(by: nanoseconds / 1000)
      return isBeyond ? nil : product
    case .other: return nil
    }
  }

  /// The number at `offset`; of booleans, 0 or 1.
  ///
  /// - Precondition: `bytes` has all of it, and it is a number.
  package func number(_ bytes: [UInt8], at offset: Int) -> Double {
    let word = word(bytes, at: offset)
    return switch kind {
    case .boolean: word == 0 ? 0 : 1
    case .unsigned: Double(word)
    case .float: floating(word)
    case .signed, .time, .other: Double(signed(word))
    }
  }

  private func word(_ bytes: [UInt8], at offset: Int) -> UInt64 {
    var word: UInt64 = 0
    for place in 0..<min(size, 8) {
      word = word << 8 | UInt64(bytes[offset + (isBigEndian ? place : size - 1 - place)])
    }
    return word
  }

  private func signed(_ word: UInt64) -> Int64 {
    let shift = 64 - 8 * min(size, 8)
    return Int64(bitPattern: word << UInt64(shift)) >> Int64(shift)
  }

  private func floating(_ word: UInt64) -> Double {
    size == 4
      ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: word))) : Double(bitPattern: word)
  }
}
