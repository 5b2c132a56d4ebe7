/// A number as text has it: digits, perhaps with a decimal point or comma and an exponent.
package struct DecimalNumber {
  package enum Failure: Error, Equatable {
    /// Letters, or nothing.
    case noNumber
    /// Not a number, or infinite, by name.
    case notFinite
    case notWhole
    case tooLarge
  }

  /// Without leading zeros; of a large number the first ones only, the others being 0.
  private var digits: [UInt8] = []
  /// How many digits stand before the decimal point; may be negative.
  private var point = 0
  private var isNegative = false

  /// - Parameter hasDecimalComma: whether a comma is a decimal point, too.
  package init(_ word: ArraySlice<UInt8>, hasDecimalComma: Bool) throws(Failure) {
    var place = word.startIndex
    if place < word.endIndex, word[place] == UInt8(ascii: "-") || word[place] == UInt8(ascii: "+") {
      isNegative = word[place] == UInt8(ascii: "-")
      place += 1
    }
    var hasPoint = false
    var count = 0
    while place < word.endIndex {
      let byte = word[place]
      if (48...57).contains(byte) {
        count += 1
        if !hasPoint, !digits.isEmpty || byte != 48 { point += 1 }
        if hasPoint, digits.isEmpty, byte == 48 { point -= 1 }
        if !digits.isEmpty || byte != 48 { digits.append(byte - 48) }
      } else if !hasPoint, byte == UInt8(ascii: ".") || hasDecimalComma && byte == UInt8(ascii: ",")
      {
        hasPoint = true
      } else {
        break
      }
      place += 1
    }
    guard count > 0 else { throw Self.isNamed(word) ? Failure.notFinite : Failure.noNumber }
    if place < word.endIndex {
      guard word[place] | 0x20 == UInt8(ascii: "e"),
        let exponent = Int(String(decoding: word[(place + 1)...], as: UTF8.self)),
        word[(place + 1)...].count <= 6
      else { throw Failure.noNumber }
      point += exponent
    }
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty { point = 0 }
  }

  /// The number times 10 to the `power`, rounded down.
  ///
  /// - Parameter isExact: whether fractions are refused.
  package func scaled(by power: Int, isExact: Bool) throws(Failure) -> Int64 {
    let whole = point + power
    let hasFraction = digits.count > max(whole, 0)
    guard !hasFraction || !isExact else { throw Failure.notWhole }
    guard whole <= 19 || digits.isEmpty else { throw Failure.tooLarge }
    var value: Int64 = 0
    for place in 0..<max(whole, 0) {
      let (tenfold, isLarge) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(place < digits.count ? digits[place] : 0)
      let (sum, isLarger) = tenfold.subtractingReportingOverflow(digit)
      guard !isLarge, !isLarger else { throw Failure.tooLarge }
      // Negative, as there is one number more on that side.
      value = sum
    }
    if isNegative {
      guard hasFraction else { return value }
      guard value > .min else { throw Failure.tooLarge }
      return value - 1
    }
    guard value > .min else { throw Failure.tooLarge }
    return -value
  }

  private static func isNamed(_ word: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: word.prefix(12), as: UTF8.self).lowercased()
    let name = text.first == "-" || text.first == "+" ? String(text.dropFirst()) : text
    return ["nan", "inf", "infinity", "na", "n/a", "null"].contains(name)
  }
}

extension Float {
  /// The number that a word of a table is.
  ///
  /// - Throws: `noNumber`, `notFinite`, `tooLarge`.
  package init(
    _ word: ArraySlice<UInt8>, hasDecimalComma: Bool
  ) throws(DecimalNumber.Failure) {
    _ = try DecimalNumber(word, hasDecimalComma: hasDecimalComma)
    let comma = UInt8(ascii: ",")
    let text = word.map { $0 == comma ? UInt8(ascii: ".") : $0 }
    guard let value = Float(String(decoding: text, as: UTF8.self)) else {
      throw DecimalNumber.Failure.noNumber
    }
    guard value.isFinite else { throw DecimalNumber.Failure.tooLarge }
    self = value
  }
}
