/// The values that a setting may have, in words and as a test.
struct AllowedValues<Value: RecipeValue>: Sendable {
  /// Such as “number > 1”.
  let description: String
  let contains: @Sendable (Value) -> Bool

  init(_ description: String, contains: @escaping @Sendable (Value) -> Bool) {
    self.description = description
    self.contains = contains
  }
}

extension AllowedValues where Value: BinaryFloatingPoint & LosslessStringConvertible {
  static var any: AllowedValues { AllowedValues("number") { $0.isFinite } }

  static func above(_ bound: Value) -> AllowedValues {
    AllowedValues("number > \(bound.plain)") { $0.isFinite && $0 > bound }
  }

  static func atLeast(_ bound: Value) -> AllowedValues {
    AllowedValues("number ≥ \(bound.plain)") { $0.isFinite && $0 >= bound }
  }

  static func within(_ range: Range<Value>) -> AllowedValues {
    AllowedValues("number ≥ \(range.lowerBound.plain) and < \(range.upperBound.plain)") {
      range.contains($0)
    }
  }

  static func within(_ range: ClosedRange<Value>) -> AllowedValues {
    AllowedValues("number from \(range.lowerBound.plain) to \(range.upperBound.plain)") {
      range.contains($0)
    }
  }
}

extension RecipeValue where Self: BinaryFloatingPoint & LosslessStringConvertible {
  /// The value without a superfluous `.0`.
  fileprivate var plain: String {
    let text = recipeText
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension AllowedValues where Value: FixedWidthInteger {
  static func atLeast(_ bound: Value) -> AllowedValues {
    AllowedValues("whole number ≥ \(bound)") { $0 >= bound }
  }

  static func within(_ range: ClosedRange<Value>) -> AllowedValues {
    AllowedValues("whole number from \(range.lowerBound) to \(range.upperBound)") {
      range.contains($0)
    }
  }

  static func oneOf(_ values: Value...) -> AllowedValues {
    AllowedValues(values.map(\.recipeText).joined(separator: " or ")) { values.contains($0) }
  }
}

extension AllowedValues<Bool> {
  static let any = AllowedValues("true or false") { _ in true }
}

extension AllowedValues<String> {
  /// Names that are safe as a part of a file's name everywhere.
  static let name = AllowedValues(
    "a name of at most 100 letters a–z, A–Z, digits, “.”, “_”, “-”; no punctuation first"
  ) { $0.utf8.count <= 100 && $0.wholeMatch(of: #/[A-Za-z0-9][A-Za-z0-9._-]*/#) != nil }
}

extension AllowedValues where Value: RecipeChoice {
  static var cases: AllowedValues {
    AllowedValues("one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) { _ in true }
  }
}
