internal import Foundation

/// 1, 2 or 5 times a power of ten.
struct RoundNumber {
  let digit: Int
  let exponent: Int

  var value: Double { Self.value(Double(digit), exponent) }

  /// The nearest such number to `value`, which is positive, that is not below it.
  init(atLeast value: Double) { self.init(value, .up) }

  /// The nearest such number to `value`, which is positive, that is not above it.
  init(atMost value: Double) { self.init(value, .down) }

  private init(_ value: Double, _ rule: FloatingPointRoundingRule) {
    let exponent = Int(log10(value).rounded(.down))
    let candidates = [(5, -1), (1, 0), (2, 0), (5, 0), (1, 1), (2, 1)].map {
      (digit: $0.0, exponent: exponent + $0.1)
    }
    func size(_ candidate: (digit: Int, exponent: Int)) -> Double {
      Self.value(Double(candidate.digit), candidate.exponent)
    }
    // A value that is round but for its last bits is the round one.
    let found =
      rule == .up
      ? candidates.first { size($0) >= value * (1 - 1e-9) }
      : candidates.last { size($0) <= value * (1 + 1e-9) }
    (digit, self.exponent) = found ?? (1, exponent)
  }

  /// Divided by a power of ten that is exact, so that 3·10⁻¹ is 0.3.
  static func value(_ digits: Double, _ exponent: Int) -> Double {
    exponent < 0 ? digits / pow(10, Double(-exponent)) : digits * pow(10, Double(exponent))
  }

  /// Decimals that multiples of the number have.
  var decimals: Int { max(0, -exponent) }

  /// Its multiples from the last that is not above `low` to the first that is not below `high`.
  func multiples(around low: Double, _ high: Double) -> [Double] {
    // Rounding is not to add a step: 0.3 / 0.1 is a little less than 3, 0.7 / 0.1 is more than 7.
    multiples(
      (low / value + Self.slack).rounded(.down), (high / value - Self.slack).rounded(.up))
  }

  /// Its multiples that are neither below `low` nor above `high`.
  func multiples(within low: Double, _ high: Double) -> [Double] {
    multiples(
      (low / value - Self.slack).rounded(.up), (high / value + Self.slack).rounded(.down))
  }

  /// Parts of a step that are errors of rounding.
  private static let slack = 1e-6

  private func multiples(_ first: Double, _ last: Double) -> [Double] {
    guard first <= last else { return [] }
    return (0...Int(last - first)).map {
      Self.value((first + Double($0)) * Double(digit), exponent)
    }
  }
}
