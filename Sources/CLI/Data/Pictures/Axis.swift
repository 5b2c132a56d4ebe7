/// A range of values along an axis, with round ticks.
struct Axis {
  let low: Double
  let high: Double
  let label: String
  /// Whether only whole numbers have ticks.
  let isWhole: Bool
  private let step: Double

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
    step = Self.step((self.high - self.low) / Double(max(ticks, 1)), isWhole: isWhole)
  }

  /// The next of 1, 2 and 5 times a power of ten.
  private static func step(_ least: Double, isWhole: Bool) -> Double {
    if isWhole, least <= 1 { return 1 }
    var power = 1.0
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= least * (1 - 1e-9) } ?? power * 10
  }

  var ticks: [Double] {
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    guard first <= last else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// A tick's number with as many decimals as the ticks need.
  func text(_ value: Double) -> String {
    if step >= 1 {
      guard abs(value) < 1e7 else { return Self.short(value) }
      return Int(value.rounded()).signed
    }
    var decimals = 0
    var unit = step
    while unit < 0.999, decimals < 7 {
      unit *= 10
      decimals += 1
    }
    return decimals > 5 ? Self.short(value) : value.signed(decimals)
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
