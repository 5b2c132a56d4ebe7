internal import Foundation

extension BinaryInteger {
  /// `1 thread`, `2 threads`, `60,000 images`
  package func counted(_ noun: String, plural: String? = nil) -> String {
    "\(grouped) \(self == 1 ? noun : plural ?? noun + "s")"
  }

  /// `60,000`
  package var grouped: String {
    var digits = String(self)
    var index = digits.count - 3
    while index > (self < 0 ? 1 : 0) {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: index))
      index -= 3
    }
    return digits
  }
}

extension Double {
  /// With a fixed number of decimals.
  package func fixed(_ decimals: Int) -> String {
    String(format: "%.\(decimals)f", locale: Locale(identifier: "en_US_POSIX"), self)
  }

  /// `98.76 %`
  package var percent: String { (self * 100).fixed(2) + " %" }

  /// Seconds as `1:02:03` or `2:03`.
  package var clock: String {
    let seconds = Int(Swift.min(Swift.max(self, 0), 1e9).rounded())
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
    let tail = rest < 10 ? "0\(rest)" : "\(rest)"
    return hours > 0
      ? "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)" : "\(minutes):\(tail)"
  }
}

extension Int {
  /// `12.3 MB`, in millions of bytes.
  package var megabytes: String { (Double(self) / 1e6).fixed(1) + " MB" }
}

extension Double {
  /// Two decimals, `-0.00` never.
  package var short: String {
    guard isFinite else { return "–" }
    let text = fixed(2)
    return text == "-0.00" ? "0.00" : text
  }

  /// About three significant digits.
  package var significant: String {
    let size = magnitude
    if size == 0 || !isFinite { return isFinite ? "0" : "–" }
    if size >= 1e6 || size < 0.001 { return scientific }
    if size >= 100 { return fixed(0) }
    if size >= 1 { return fixed(2) }
    return fixed(size >= 0.1 ? 3 : 5)
  }
}
