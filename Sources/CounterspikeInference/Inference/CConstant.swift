/// Constants of C.
enum CConstant {
  /// An identifier made of a node's name.
  static func name(_ name: String) -> String {
    "k_" + String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  /// An array of literals, eight a line.
  static func array(_ type: String, _ name: String, _ values: [String]) -> String {
    var lines: [String] = []
    for begin in stride(from: 0, to: values.count, by: 8) {
      lines.append(
        "  " + values[begin..<min(begin + 8, values.count)].joined(separator: ", ") + ",")
    }
    return
      "static const \(type) \(name)[\(values.count)] = {\n\(lines.joined(separator: "\n"))\n};"
  }
}

/// What programs in C that compare a network with what it gave here have in common.
enum CTest {
  /// The end of `main`, after `wrong` outputs were found: where all outputs are 0, as with delays that are longer
  /// than the test or in a dead network, nothing was compared.
  static func end(isSilent: Bool) -> String {
    isSilent
      ? "  puts(\"all outputs are 0: nothing was compared\");\n  return wrong != 0 || 1;"
      : "  return wrong != 0;"
  }
}

/// Whole numbers below 2²⁴ that a test in C makes, too.
struct SyntheticNumbers {
  private var state: UInt32 = 1

  mutating func next() -> UInt32 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return state >> 8
  }
}
