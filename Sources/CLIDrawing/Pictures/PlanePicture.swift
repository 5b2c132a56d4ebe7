internal import CounterspikeData

/// A point of the Yin-Yang task in the plane, with the regions of its classes.
package struct PlanePicture: Picture {
  let x: Double
  let y: Double

  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// Of each class and, at last, of what is in none.
  private static let colours = [
    Colour(red: 250, green: 226, blue: 160), Colour(red: 88, green: 110, blue: 150),
    Colour(red: 120, green: 190, blue: 165), .white,
  ]
  private static let point = Colour(red: 200, green: 20, blue: 40)

  private var pointText: String { "the sample (\(x.fixed(3)), \(y.fixed(3)))" }

  package func canvas(title: String) -> Canvas {
    let side = 280.0
    let cells = 280
    let axis = { Axis(0, 1, label: $0) }
    let left = PictureFrame.margin + PlotArea.leftSpace(of: axis("y"))
    let key = PictureKey.colours(
      zip(Self.colours, YinYang.classNames).map { ($0, $1) } + [(Self.point, pointText)])
    let frame = PictureFrame(
      title: title, width: left + max(side + 24, key.size.width) + PictureFrame.margin)
    var canvas = frame.canvas(
      height: PlotArea.topSpace + side + PlotArea.bottomSpace + Canvas.lineHeight + 4)
    let area = PlotArea(
      box: .init(x: left, y: frame.top + PlotArea.topSpace, width: side, height: side),
      x: axis("x"), y: axis("y"))
    canvas.pixels(
      PixelGrid(
        width: cells, height: cells,
        pixels: (0..<(cells * cells)).map { place in
          let label = Self.region(place % cells, place / cells, columns: cells, rows: cells)
          return Self.colours[label ?? 3]
        }), in: area.box)
    area.drawAxes(on: &canvas)
    canvas.circle(area.place(x, y), radius: 6, .white)
    canvas.circle(area.place(x, y), radius: 4.5, Self.point)
    key.draw(
      on: &canvas, at: .init(left, area.box.y + side + PlotArea.bottomSpace + 4))
    return canvas
  }

  /// The class of the middle of a cell of the plane; rows are counted from above.
  private static func region(_ column: Int, _ row: Int, columns: Int, rows: Int) -> Int? {
    YinYang.classIndex(
      (Double(column) + 0.5) / Double(columns), 1 - (Double(row) + 0.5) / Double(rows))
  }

  package func lines(columns: Int, colours: TerminalColours) -> [String] {
    // A character is about twice as high as wide.
    let width = min(40, columns - 4)
    let height = max(1, width / 2)
    let mark = (
      min(width - 1, Int(x * Double(width))), min(height - 1, Int((1 - y) * Double(height)))
    )
    let signs: [Character] = ["·", "▒", "o", " "]
    func coloured(_ text: String) -> String {
      colours == .none
        ? text : colours.sequence((255, 255, 255), on: (200, 20, 40)) + text + colours.reset
    }
    var lines = (0..<height).map { row in
      let cells = (0..<width).map { column in
        (column, row) == mark
          ? coloured("X")
          : String(signs[Self.region(column, row, columns: width, rows: height) ?? 3])
      }
      return (row == 0 ? "1" : row == height - 1 ? "0" : row == height / 2 ? "y" : " ") + " │"
        + cells.joined()
    }
    lines.append("  └" + String(repeating: "─", count: width))
    let half = (width - 3) / 2
    lines.append(
      "   0" + "x".padded(toCells: half + 1, isRight: true)
        + "1".padded(toCells: max(1, width - half - 2), isRight: true))
    let key = zip(signs, YinYang.classNames).map { "\($0) \($1)" }.joined(separator: ", ")
    return lines + "\(key), X \(pointText)".wrapped(toCells: columns)
  }
}
