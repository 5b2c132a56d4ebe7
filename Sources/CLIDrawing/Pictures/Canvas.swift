/// A drawing of shapes that becomes an SVG file or the pixels of a PNG file.
///
/// Its unit is a pixel of a small screen; y points downwards. Text has one size: a character is
/// ``characterWidth`` units wide, so that the space that a text needs is known.
package struct Canvas {
  /// A place.
  struct Point: Equatable {
    var x: Double
    var y: Double
  }

  /// A rectangle.
  struct Box: Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height
    }
  }

  enum Anchor: String {
    case start
    case middle
    case end
  }

  struct Text: Equatable {
    var text: String
    /// Of the base line.
    var place: Point
    var anchor: Anchor
    var colour: Colour
    var isBold: Bool

    /// The space that it takes.
    var box: Box {
      let width = Double(text.cells) * Canvas.characterWidth
      let start =
        switch anchor {
        case .start: place.x
        case .middle: place.x - width / 2
        case .end: place.x - width
        }
      return Box(x: start, y: place.y - 8, width: width, height: 10)
    }
  }

  enum Shape {
    case rectangle(Box, Colour)
    case line([Point], Colour, width: Double)
    case circle(Point, radius: Double, Colour)
    case pixels(PixelGrid, Box)
    case text(Text)
  }

  static let characterWidth = 6.0
  /// From a line of text to the next one.
  static let lineHeight = 13.0

  let width: Double
  let height: Double
  /// What the drawing shows, whole, however much of it stands in the drawing.
  let title: String
  private(set) var shapes: [Shape] = []

  init(width: Double, height: Double, title: String) {
    self.width = width
    self.height = height
    self.title = title
  }

  var texts: [Text] {
    shapes.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  mutating func rectangle(_ box: Box, _ colour: Colour) {
    shapes.append(.rectangle(box, colour))
  }

  /// A line through all points.
  mutating func line(_ points: [Point], _ colour: Colour, width: Double = 1) {
    guard points.count > 1 else { return }
    shapes.append(.line(points, colour, width: width))
  }

  mutating func line(_ start: Point, _ end: Point, _ colour: Colour = .soft) {
    line([start, end], colour)
  }

  mutating func circle(_ centre: Point, radius: Double, _ colour: Colour) {
    shapes.append(.circle(centre, radius: radius, colour))
  }

  mutating func pixels(_ pixels: PixelGrid, in box: Box) {
    shapes.append(.pixels(pixels, box))
  }

  mutating func text(
    _ text: String, _ place: Point, anchor: Anchor = .start, colour: Colour = .ink,
    isBold: Bool = false
  ) {
    guard !text.isEmpty else { return }
    shapes.append(
      .text(Text(text: text, place: place, anchor: anchor, colour: colour, isBold: isBold)))
  }
}

extension Canvas.Point {
  init(_ x: Double, _ y: Double) {
    self.init(x: x, y: y)
  }
}
