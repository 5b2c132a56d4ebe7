/// The rectangle of a drawing that two axes span.
struct PlotArea {
  let box: Canvas.Box
  let x: Axis
  let y: Axis
  /// Whether y grows downwards, as rows of an image do.
  var isTurned = false

  func place(_ x: Double, _ y: Double) -> Canvas.Point {
    let share = (y - self.y.low) / (self.y.high - self.y.low)
    return Canvas.Point(
      box.x + box.width * (x - self.x.low) / (self.x.high - self.x.low),
      box.y + box.height * (isTurned ? share : 1 - share))
  }

  /// The space that labels need left of the box.
  static func leftSpace(of axis: Axis) -> Double {
    Double(axis.ticks.map { axis.text($0).cells }.max() ?? 0) * Canvas.characterWidth + 10
  }

  /// The space that ticks and label need below the box.
  static let bottomSpace = 34.0
  /// The space that the label of the y axis needs above the box.
  static let topSpace = 16.0

  /// Draws lines, ticks and labels of the axes.
  func drawAxes(on canvas: inout Canvas, hasGrid: Bool = false) {
    let (left, bottom) = (box.x, box.y + box.height)
    var taken = -Double.infinity
    for tick in x.ticks {
      let place = place(tick, y.low)
      if hasGrid {
        canvas.line(.init(place.x, box.y), .init(place.x, bottom), .grid)
      }
      canvas.line(.init(place.x, bottom), .init(place.x, bottom + 4))
      let text = x.text(tick)
      let half = Double(text.cells) * Canvas.characterWidth / 2
      // One that would touch the tick before is left out.
      guard place.x - half > taken + 4, place.x + half <= canvas.width else { continue }
      taken = place.x + half
      canvas.text(text, .init(place.x, bottom + 14), anchor: .middle, colour: .soft)
    }
    taken = .infinity
    for tick in isTurned ? y.ticks.reversed() : y.ticks {
      let place = place(x.low, tick)
      if hasGrid {
        canvas.line(.init(left, place.y), .init(left + box.width, place.y), .grid)
      }
      canvas.line(.init(left - 4, place.y), .init(left, place.y))
      guard place.y + 11 <= taken else { continue }
      taken = place.y
      canvas.text(y.text(tick), .init(left - 6, place.y + 3), anchor: .end, colour: .soft)
    }
    canvas.line([.init(left, box.y), .init(left, bottom), .init(left + box.width, bottom)], .soft)
    canvas.text(
      x.label, .init(left + box.width / 2, bottom + 28), anchor: .middle, colour: .soft)
    canvas.text(y.label, .init(PictureFrame.margin, box.y - 8), colour: .soft)
  }
}
