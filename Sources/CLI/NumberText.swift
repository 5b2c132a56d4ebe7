internal import Foundation

extension BinaryInteger {
  /// `1 thread`, `2 threads`, `60,000 images`
  func counted(_ noun: String, plural: String? = nil) -> String {
    "\(grouped) \(self == 1 ? noun : plural ?? noun + "s")"
  }

  /// `60,000`
  var grouped: String {
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
  func fixed(_ decimals: Int) -> String {
    String(format: "%.\(decimals)f", locale: Locale(identifier: "en_US_POSIX"), self)
  }

  /// `98.76 %`
  var percent: String { (self * 100).fixed(2) + " %" }

  /// Seconds as `1:02:03` or `2:03`.
  var clock: String {
    let seconds = Int(Swift.min(Swift.max(self, 0), 1e9).rounded())
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
    let tail = rest < 10 ? "0\(rest)" : "\(rest)"
    return hours > 0
      ? "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)" : "\(minutes):\(tail)"
  }
}

extension Int {
  /// `12.3 MB`, in millions of bytes.
  var megabytes: String { (Double(self) / 1e6).fixed(1) + " MB" }
}
