/// Which colours standard output gets, by the conventions of `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and
/// `COLORTERM`.
package enum TerminalColours: Equatable {
  case none
  /// The sixteen colours that every terminal with colours has.
  case sixteen
  /// 24 bits.
  case all

  package init(isTerminal: Bool, environment: [String: String]) {
    func isSet(_ name: String) -> Bool {
      let value = environment[name] ?? ""
      return !value.isEmpty && value != "0"
    }
    let isForced = isSet("CLICOLOR_FORCE")
    if environment["NO_COLOR"]?.isEmpty == false || !(isForced || isTerminal)
      || !isForced && environment["CLICOLOR"] == "0"
    {
      self = .none
    } else {
      self = ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") ? .all : .sixteen
    }
  }

  /// The control sequence for a foreground and a background; empty without colours.
  ///
  /// - Parameters: red, green and blue.
  func sequence(
    _ foreground: (UInt8, UInt8, UInt8), on background: (UInt8, UInt8, UInt8)
  ) -> String {
    switch self {
    case .none: ""
    case .sixteen: "\u{1B}[\(Self.code(foreground, 30));\(Self.code(background, 40))m"
    case .all:
      "\u{1B}[38;2;\(foreground.0);\(foreground.1);\(foreground.2)"
        + ";48;2;\(background.0);\(background.1);\(background.2)m"
    }
  }

  /// Ends all colours.
  package var reset: String { self == .none ? "" : "\u{1B}[0m" }

  /// The nearest of sixteen colours.
  ///
  /// - Parameter base: 30 for a foreground, 40 for a background; bright colours are 60 above.
  private static func code(_ colour: (UInt8, UInt8, UInt8), _ base: Int) -> Int {
    func distance(_ index: Int) -> Int {
      let level = index >= 8 ? 255 : 170
      func component(_ bit: Int, _ value: UInt8) -> Int {
        // Bright black is a dark grey.
        let wanted = index == 8 ? 85 : index >> bit & 1 == 1 ? level : index > 8 ? 85 : 0
        return (wanted - Int(value)) * (wanted - Int(value))
      }
      return component(0, colour.0) + component(1, colour.1) + component(2, colour.2)
    }
    let index = (0..<16).min { distance($0) < distance($1) } ?? 0
    return base + (index < 8 ? index : 52 + index)
  }
}
