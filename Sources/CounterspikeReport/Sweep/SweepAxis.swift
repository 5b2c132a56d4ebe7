package import Counterspike
internal import Foundation

/// A setting that a sweep varies, and how.
///
///     optimizer.learningRate=1e-4,5e-4      these values
///     seed=1..3                             these integers
///     optimizer.learningRate=1e-4..1e-2:log drawn between two numbers, equally often in each decade
///     network.dropout=0..0.5:linear         drawn between two numbers
package struct SweepAxis: Sendable, Equatable {
  package enum Values: Sendable, Equatable {
    /// Texts as YAML has them.
    case listed([String])
    case drawn(ClosedRange<Double>, isLogarithmic: Bool)
  }

  /// The axis as it was written.
  package let text: String
  package let key: String
  package let values: Values

  /// The most values that a range of integers may stand for.
  private static let rangeLimit = 10_000

  /// - Throws: `invalidRecipe`.
  package init(_ text: String) throws(CounterspikeError) {
    self.text = text
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw Self.wrong(
        text, "has no key and values; write them like optimizer.learningRate=1e-4,5e-4 or seed=1..3"
      )
    }
    key = String(parts[0])
    values = try Self.values(String(parts[1]), of: text)
  }

  private static func values(_ text: String, of axis: String) throws(CounterspikeError) -> Values {
    for (ending, isLogarithmic) in [(":log", true), (":linear", false)]
    where text.hasSuffix(ending) {
      let ends = text.dropLast(ending.count).components(separatedBy: "..").map { Double($0) }
      guard ends.count == 2, let low = ends[0], let high = ends[1], low.isFinite, high.isFinite,
        low < high, !isLogarithmic || low > 0
      else {
        throw wrong(
          axis,
          "is no range to draw from; write two rising numbers, above 0 for :log, like 1e-4..1e-2:log"
        )
      }
      return .drawn(low...high, isLogarithmic: isLogarithmic)
    }
    let ends = text.components(separatedBy: "..")
    if ends.count == 2, let low = Int(ends[0]), let high = Int(ends[1]) {
      guard low <= high, high.subtractingReportingOverflow(low).partialValue < rangeLimit,
        !high.subtractingReportingOverflow(low).overflow
      else {
        throw wrong(
          axis, "is no rising range of at most \(rangeLimit) integers; write like seed=1..3")
      }
      return .listed((low...high).map { "\($0)" })
    }
    let listed = split(text)
    guard listed.allSatisfy({ !$0.isEmpty }), Set(listed).count == listed.count else {
      throw wrong(axis, "has an empty value or one twice; separate values by single commas")
    }
    return .listed(listed)
  }

  /// Splits at commas that are in no brackets and no quotation marks.
  private static func split(_ text: String) -> [String] {
    var parts = [""]
    var depth = 0
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if "[{(".contains(character) {
        depth += 1
      } else if "]})".contains(character) {
        depth -= 1
      } else if character == ",", depth <= 0 {
        parts.append("")
        continue
      }
      parts[parts.count - 1].append(character)
    }
    return parts.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static func wrong(_ text: String, _ what: String) -> CounterspikeError {
    CounterspikeError(.invalidRecipe, "the axis “\(text.excerpt)” \(what)")
  }
}

extension SweepAxis {
  /// A value drawn by `random`, of a list each one equally often.
  func drawn(by random: inout some RandomNumberGenerator) -> String {
    switch values {
    case .listed(let listed): listed[Int.random(in: listed.indices, using: &random)]
    case .drawn(let range, let isLogarithmic):
      isLogarithmic
        ? Self.digits(
          exp(
            Double.random(
              in: log(range.lowerBound)...log(range.upperBound), using: &random)))
        : Self.digits(Double.random(in: range, using: &random))
    }
  }

  /// Four significant digits: more would only make reports harder to read.
  private static func digits(_ value: Double) -> String {
    let text = String(format: "%.4g", locale: Locale(identifier: "en_US_POSIX"), value)
    return text
  }
}
