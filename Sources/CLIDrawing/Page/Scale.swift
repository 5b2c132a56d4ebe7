internal import Foundation

/// Where the numbers of an axis lie, between round ticks.
///
/// Any numbers make a scale: none, one, equal ones; those that are not finite are left out.
package struct Scale {
  struct Tick {
    let value: Double
    let label: String
    /// A power of ten on a logarithmic scale; there, others give way where there is no room.
    var isMajor = true
  }

  package let isLogarithmic: Bool
  package let low: Double
  package let high: Double
  let ticks: [Tick]

  /// From 0 at the lower end to 1 at the upper one; what lies outside, at the nearer end.
  ///
  /// - Returns: `nil` for what is no number.
  package func position(_ value: Double) -> Double? {
    guard !value.isNaN else { return nil }
    if value <= low { return 0 }
    if value >= high { return 1 }
    // Quotients of the largest and the smallest numbers are none; their logarithms are.
    return isLogarithmic
      ? (log(value) - log(low)) / (log(high) - log(low)) : (value - low) / (high - low)
  }

  /// Beyond them, differences and quotients of numbers are none.
  private static let allowed = 1e-290...1e290

  private static func usable(_ values: [Double]) -> [Double] {
    values.filter { $0 == 0 || allowed.contains($0.magnitude) }
  }

  // MARK: Linear

  /// Ticks at multiples of 1, 2 or 5 times a power of ten, the first and last around all values.
  ///
  /// - Parameter steps: about how many steps there are from tick to tick.
  package static func linear(_ values: [Double], steps: Int = 5) -> Scale {
    let values = usable(values)
    var (least, most) = (values.min() ?? 0, values.max() ?? 1)
    if most - least <= 1e-9 * max(most.magnitude, least.magnitude) {
      // Equal values say nothing about a range; with zero they have one.
      (least, most) = (min(least, 0), max(most, 0))
      if least == most { most = 1 }
    }
    let step = RoundNumber(atLeast: (most - least) / Double(max(steps, 1)))
    let ticks = step.multiples(around: least, most).map {
      Tick(value: $0, label: label($0, step: step))
    }
    return Scale(
      isLogarithmic: false, low: ticks.first?.value ?? 0, high: ticks.last?.value ?? 1,
      ticks: ticks)
  }

  /// As many decimals as the step has, or a power of ten where they would be many.
  private static func label(_ value: Double, step: RoundNumber) -> String {
    if value == 0 { return "0" }
    if step.decimals <= 4, value.magnitude < 1e6 { return value.fixed(step.decimals) }
    return value.scientific
  }

  // MARK: Logarithmic

  /// Ticks at powers of ten, and at 2 and 5 times them if these are few; values that are not
  /// positive are left out.
  package static func logarithmic(_ values: [Double]) -> Scale {
    let values = usable(values).filter { $0 > 0 }
    let least = RoundNumber(atMost: values.min() ?? 1)
    var most = RoundNumber(atLeast: values.max() ?? 10)
    if most.value <= least.value { most = RoundNumber(atLeast: least.value * 1.5) }
    let decades = most.exponent - least.exponent
    let stride = max(1, (decades + 5) / 6)
    var ticks: [Tick] = []
    for exponent in least.exponent...most.exponent {
      for digit in [1, 2, 5] {
        let value = RoundNumber.value(Double(digit), exponent)
        guard least.value <= value, value <= most.value else { continue }
        let isEnd = value == least.value || value == most.value
        let isMajor = digit == 1 && (exponent - least.exponent) % stride == 0
        guard isEnd || isMajor || decades <= 3 else { continue }
        ticks.append(
          Tick(
            value: value,
            label: (-3...5).contains(exponent)
              ? value.fixed(max(0, -exponent)) : value.scientific, isMajor: isMajor))
      }
    }
    return Scale(isLogarithmic: true, low: least.value, high: most.value, ticks: ticks)
  }

  /// Logarithmic where the positive values span more than a decade, linear from zero elsewhere.
  package static func fitting(_ values: [Double]) -> Scale {
    let positive = usable(values).filter { $0 > 0 }
    guard let least = positive.min(), let most = positive.max(), most > 10 * least else {
      return linear(values + [0])
    }
    return logarithmic(positive)
  }
}

extension Double {
  /// `2e-5`, with one decimal where it is needed.
  package var scientific: String {
    let parts = String(format: "%.1e", self).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return "\(self)" }
    let digits = parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0]
    return "\(digits)e\(exponent)"
  }
}
