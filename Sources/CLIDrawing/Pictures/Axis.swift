/// A range of values along an axis, with round ticks.
struct Axis {
  let low: Double
  let high: Double
  let label: String
  /// Whether only whole numbers have ticks.
  let isWhole: Bool
  private let step: RoundNumber

  /// - Parameters:
  ///   - ticks: about how many.
  ///   - isWhole: what is counted has no ticks between whole numbers.
  ///
  /// A range of no length is made longer, so that the value lies in its middle.
  init(_ low: Double, _ high: Double, label: String, ticks: Int = 5, isWhole: Bool = false) {
    let isEmpty = !(high > low)
    let space = isEmpty ? (isWhole ? 0.5 : max(abs(low), 1) / 2) : 0
    self.low = low - space
    self.high = (isEmpty ? low : high) + space
    self.label = label
    self.isWhole = isWhole
    let least = (self.high - self.low) / Double(max(ticks, 1))
    step = RoundNumber(atLeast: isWhole ? max(least, 1) : least)
  }

  var ticks: [Double] { step.multiples(within: low, high) }

  /// A tick's number with as many decimals as the ticks need.
  func text(_ value: Double) -> String {
    if step.decimals == 0 {
      guard abs(value) < 1e7 else { return Self.short(value) }
      return Int(value.rounded()).signed
    }
    return step.decimals > 5 ? Self.short(value) : value.signed(step.decimals)
  }

  /// A number in few characters.
  static func short(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    let size = abs(value)
    guard size >= 1e-3, size < 1e6 else {
      return value.scientific.replacing("-", with: "−")
    }
    let text = value.signed(size >= 1000 ? 0 : size >= 100 ? 1 : 3)
    guard text.contains(".") else { return text }
    var short = text
    while short.hasSuffix("0") { short.removeLast() }
    return short.hasSuffix(".") ? String(short.dropLast()) : short
  }
}

extension Int {
  fileprivate var signed: String { (self < 0 ? "−" : "") + magnitude.grouped }
}

extension Double {
  fileprivate func signed(_ decimals: Int) -> String {
    let text = abs(self).fixed(decimals)
    let isZero = text.allSatisfy { "0.".contains($0) }
    return (self < 0 && !isZero ? "−" : "") + text
  }
}
