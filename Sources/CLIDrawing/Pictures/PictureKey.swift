/// What the colours of a picture mean.
enum PictureKey {
  /// A meaning a colour.
  case colours([(Colour, String)])
  /// Colours between the smallest value and the largest.
  case ramp(low: Double, high: Double, meaning: String, (Double) -> Colour)
  case none

  /// The space that it takes in a drawing.
  var size: (width: Double, height: Double) {
    switch self {
    case .none: (0, 0)
    case .colours(let items):
      (items.reduce(0) { $0 + Self.width(of: $1.1) }, Canvas.lineHeight)
    case .ramp(let low, let high, let meaning, _):
      (
        Self.rampWidth + 12 + Double(
          Axis.short(low).cells + Axis.short(high).cells + meaning.cells + 2)
          * Canvas.characterWidth, Canvas.lineHeight
      )
    }
  }

  private static let rampWidth = 96.0

  private static func width(of text: String) -> Double {
    Double(text.cells) * Canvas.characterWidth + 26
  }

  /// - Parameter place: the upper left corner.
  func draw(on canvas: inout Canvas, at place: Canvas.Point) {
    let base = place.y + 9
    switch self {
    case .none: break
    case .colours(let items):
      var x = place.x
      for (colour, text) in items {
        canvas.rectangle(.init(x: x, y: place.y, width: 10, height: 10), .soft)
        canvas.rectangle(.init(x: x + 1, y: place.y + 1, width: 8, height: 8), colour)
        canvas.text(text, .init(x + 14, base))
        x += Self.width(of: text)
      }
    case .ramp(let low, let high, let meaning, let colour):
      let (first, last) = (Axis.short(low), Axis.short(high))
      canvas.text(first, .init(place.x, base), colour: .soft)
      let left = place.x + Double(first.cells) * Canvas.characterWidth + 4
      let colours = (0..<48).map { colour(Double($0) / 47) }
      canvas.pixels(
        PixelGrid(width: 48, height: 1, pixels: colours),
        in: .init(x: left, y: place.y, width: Self.rampWidth, height: 10))
      let right = left + Self.rampWidth + 4
      canvas.text(last, .init(right, base), colour: .soft)
      canvas.text(
        meaning,
        .init(right + Double(last.cells + 2) * Canvas.characterWidth, base))
    }
  }

  /// The key for a terminal; where there are no colours, all that is bright is a block.
  func lines(columns: Int, colours: TerminalColours) -> [String] {
    switch self {
    case .none: return []
    case .colours(let items):
      guard colours != .none else {
        return "█ \(items.map(\.1).joined(separator: ", "))".wrapped(toCells: columns)
      }
      return [
        items.map { colours.foreground($0.0) + "█" + colours.reset + " " + $0.1 }
          .joined(separator: "  ")
      ]
    case .ramp(let low, let high, let meaning, let colour):
      let range = "dark to bright: \(Axis.short(low)) to \(Axis.short(high)), \(meaning)"
        .wrapped(toCells: columns)
      guard colours != .none else { return range }
      let ramp = (0..<16).map { colours.foreground(colour(Double($0) / 15)) + "█" }.joined()
      return [ramp + colours.reset] + range
    }
  }
}

extension TerminalColours {
  /// The control sequence for a colour on black.
  func foreground(_ colour: Colour) -> String {
    sequence((colour.red, colour.green, colour.blue), on: (0, 0, 0))
  }
}
