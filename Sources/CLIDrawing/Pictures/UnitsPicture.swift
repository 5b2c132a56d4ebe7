/// The spikes of units in a row: time to the right, unit 0 at the bottom.
package struct UnitsPicture: Picture {
  private let steps: Int
  private let units: Int
  private let time: StepTime
  private let key: PictureKey
  /// The colour of some steps and units.
  private let colour: (_ steps: Range<Int>, _ units: Range<Int>) -> Colour

  /// - Parameter values: shape `[T, C, 1, W]`; where W is 1, channels are units.
  package init(_ values: [Float], shape: [Int], time: StepTime) {
    let units = shape[3] == 1 ? shape[1] : shape[3]
    let size = shape[1] * shape[3]
    let channels = size / units
    (steps, self.units, self.time) = (shape[0], units, time)
    guard !values.areCounts else {
      func any(_ steps: Range<Int>, _ units: Range<Int>, _ channel: Int) -> Bool {
        steps.contains { step in
          let first = step * size + channel * (size / channels)
          return units.contains { values[first + $0] != 0 }
        }
      }
      key = channels == 2 ? .events : .colours([(.on, "spike")])
      colour = { steps, units in
        channels == 2
          ? .events(off: any(steps, units, 0), on: any(steps, units, 1))
          : (0..<channels).contains { any(steps, units, $0) } ? .on : .black
      }
      return
    }
    let range = ValueRange(values)
    key = .ramp(low: range.low, high: range.high, meaning: "value", Colour.heat)
    colour = { steps, selected in
      var sum: Float = 0
      for step in steps {
        for channel in 0..<channels {
          for unit in selected { sum += values[step * size + channel * units + unit] }
        }
      }
      return .heat(range.share(sum / Float(steps.count * channels * selected.count)))
    }
  }

  /// A grid of at most so many columns and rows, each of as many steps and units.
  private func grid(columns: Int, rows: Int) -> (grid: PixelGrid, steps: Int, units: Int) {
    let stepGroup = (steps + columns - 1) / columns
    let unitGroup = (units + rows - 1) / rows
    let width = (steps + stepGroup - 1) / stepGroup
    let height = (units + unitGroup - 1) / unitGroup
    let pixels = (0..<(width * height)).map { place in
      let (first, unit) = (place % width * stepGroup, (height - 1 - place / width) * unitGroup)
      return colour(
        first..<min(first + stepGroup, steps), unit..<min(unit + unitGroup, units))
    }
    return (PixelGrid(width: width, height: height, pixels: pixels), stepGroup, unitGroup)
  }

  package func canvas(title: String) -> Canvas {
    let (shown, stepGroup, unitGroup) = grid(columns: 240, rows: 140)
    // The last column and the uppermost row may stand for less than the others do.
    let x = time.axis(shown.width * stepGroup, ticks: 8)
    let y = Axis(
      -0.5, Double(shown.height * unitGroup) - 0.5, label: "unit", ticks: min(units, 6),
      isWhole: true)
    let box: (width: Double, height: Double) = (480, min(280, max(80, Double(units) * 10)))
    let left = PictureFrame.margin + PlotArea.leftSpace(of: y)
    let frame = PictureFrame(title: title, width: left + box.width + 24)
    var canvas = frame.canvas(
      height: PlotArea.topSpace + box.height + PlotArea.bottomSpace + Canvas.lineHeight + 4)
    let place = Canvas.Box(
      x: left, y: frame.top + PlotArea.topSpace, width: box.width, height: box.height)
    canvas.pixels(shown, in: place)
    PlotArea(box: place, x: x, y: y).drawAxes(on: &canvas)
    key.draw(on: &canvas, at: .init(left, place.y + box.height + PlotArea.bottomSpace + 4))
    return canvas
  }

  /// The most columns and rows of pixels in a terminal.
  package static let terminalColumns = 80
  private static let terminalRows = 70

  package func lines(columns: Int, colours: TerminalColours) -> [String] {
    let (shown, stepGroup, unitGroup) = grid(
      columns: min(columns, Self.terminalColumns), rows: Self.terminalRows)
    let x = time.axis(steps, ticks: 1)
    let (first, last) =
      x.isWhole ? ("1", "\(steps)") : (Axis.short(x.low), Axis.short(x.high))
    let scale = [
      stepGroup > 1 && x.isWhole ? stepGroup.counted("step") + " a column" : "",
      unitGroup > 1 ? unitGroup.counted("unit") + " a row" : "",
    ].filter { !$0.isEmpty }
    let axes =
      "right: \(x.label), \(first) to \(last); up: unit, 0 to \(units - 1)"
      + scale.map { "; \($0)" }.joined()
    return shown.lines(columns: columns, colours: colours) + axes.wrapped(toCells: columns)
      + key.lines(columns: columns, colours: colours)
  }
}
