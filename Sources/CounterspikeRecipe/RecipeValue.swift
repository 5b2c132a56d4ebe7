internal import CounterspikeSystem
import Yams

/// A value that one scalar of a recipe holds.
protocol RecipeValue: Equatable, Sendable {
  /// The value that `scalar` stands for, or `nil` when it is none of this type.
  init?(recipeScalar scalar: Node.Scalar)

  /// The value as a recipe holds it; it reads back as an equal value, and equal values have the
  /// same text.
  var recipeText: String { get }
}

/// An enumeration whose cases a recipe names.
protocol RecipeChoice: RecipeValue, RawRepresentable<String>, CaseIterable {
  /// What this case does, in a short phrase for the documentation.
  var summary: String { get }

  /// What is added to the message about a name that is no case.
  static var remark: String { get }
}

extension RecipeChoice {
  static var remark: String { "" }
  init?(recipeScalar scalar: Node.Scalar) { self.init(rawValue: scalar.string) }
  var recipeText: String { rawValue }
}

extension RecipeValue where Self: BinaryFloatingPoint & LosslessStringConvertible {
  init?(recipeScalar scalar: Node.Scalar) {
    guard scalar.isPlain, scalar.string.isNumber, let value = Self(scalar.string), value.isFinite
    else { return nil }
    self = value
  }

  /// The shortest decimal that reads back to the same value; with a point even before an exponent,
  /// because YAML 1.1 takes `1e-08` for text.
  var recipeText: String {
    if isNaN { return ".nan" }
    if isInfinite { return self < 0 ? "-.inf" : ".inf" }
    if self == 0 { return "0.0" }
    let text = description
    guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }
}

extension RecipeValue where Self: FixedWidthInteger {
  init?(recipeScalar scalar: Node.Scalar) {
    // A leading zero would be octal to some YAML readers and decimal to others.
    guard scalar.isPlain, scalar.string.wholeMatch(of: #/[-+]?(?:0|[1-9][0-9]*)/#) != nil else {
      return nil
    }
    self.init(scalar.string)
  }

  var recipeText: String { String(self) }
}

extension Float: RecipeValue {}
extension Double: RecipeValue {}
extension Int: RecipeValue {}
extension UInt64: RecipeValue {}

extension Bool: RecipeValue {
  init?(recipeScalar scalar: Node.Scalar) {
    guard scalar.isPlain else { return nil }
    self.init(scalar.string)
  }

  var recipeText: String { description }
}

extension String: RecipeValue {
  init?(recipeScalar scalar: Node.Scalar) {
    if scalar.isNull { return nil }
    self = scalar.string
  }

  /// Plain where every YAML reader takes the plain text for a string, else in double quotes.
  var recipeText: String {
    let isPlain =
      wholeMatch(of: #/[A-Za-z0-9][A-Za-z0-9._-]*/#) != nil && !isNumber
      && Resolver.default.resolveTag(of: Node(self)) == .str
    if isPlain { return self }
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case " "..."~": text.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        text += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }
    }
    return text + "\""
  }
}

extension String {
  /// Whether this is a decimal number such as `5`, `-0.5`, `5e-4` or `1e3`; the words that `Float`
  /// would also take (`nan`, `inf`) and hexadecimal numbers are none.
  var isNumber: Bool {
    wholeMatch(of: #/[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/#) != nil
  }
}

extension Node.Scalar {
  /// Whether the text stands without quotes.
  var isPlain: Bool { style == .plain || style == .any }

  /// Whether this is YAML's null: nothing, `~` or `null`.
  var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(string) }
}

extension Node {
  /// What stands here, for messages.
  var found: String {
    switch self {
    case .mapping: return "a section"
    case .sequence: return "a list"
    case .alias: return "an alias"
    case .scalar(let scalar):
      if scalar.isPlain {
        if scalar.string.isEmpty { return "empty" }
        let isTooLarge = scalar.string.isNumber && Float(scalar.string)?.isFinite == false
        return scalar.string.excerpt + (isTooLarge ? " (too large for a 32-bit number)" : "")
      }
      return "“\(scalar.string.excerpt)” in quotes"
    }
  }
}
