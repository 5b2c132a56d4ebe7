/// A time series: a line a channel or, of many channels, a heat map.
package struct SeriesPicture: Picture {
  /// Shape `[steps, channels]`.
  let values: [Float]
  let steps: Int
  let names: [String]
  /// What the values are.
  let quantity: String
  /// What the steps are.
  let stepLabel: String
  /// Whether there is something between two steps, so that a line joins them.
  let areJoined: Bool

  /// More channels than these are a heat map.
  package static let mostLines = Colour.lines.count

  /// - Parameters:
  ///   - values: shape `[steps, channels]`, at least one of each.
  ///   - names: of the channels; `nil`: they are counted from 1.
  package init(
    _ values: [Float], channels: Int, names: [String]? = nil, quantity: String = "value",
    stepLabel: String = "time step", areJoined: Bool = true
  ) {
    self.values = values
    steps = values.count / channels
    self.names =
      names.map { $0.map { $0.drawable } } ?? (1...channels).map { "channel \($0)" }
    self.quantity = quantity
    self.stepLabel = stepLabel
    self.areJoined = areJoined
  }

  var channels: Int { names.count }
  var isHeatMap: Bool { channels > Self.mostLines }
  func value(_ step: Int, _ channel: Int) -> Float { values[step * channels + channel] }

  var key: PictureKey {
    let range = ValueRange(values)
    return .ramp(low: range.low, high: range.high, meaning: quantity, Colour.heat)
  }

  package func canvas(title: String) -> Canvas {
    isHeatMap ? heatMap(title: title) : lineChart(title: title)
  }

  private static let plot: (width: Double, height: Double) = (440, 220)
  /// The most characters of a channel's name beside its line.
  private static let longestName = 24

  private func lineChart(title: String) -> Canvas {
    let range = ValueRange(values)
    let space = (range.high - range.low) * 0.04
    let y = Axis(range.low - space, range.high + space, label: quantity)
    let x = Axis(1, Double(steps), label: stepLabel, ticks: 8, isWhole: true)
    let labels = names.map { $0.cut(toCells: Self.longestName) }
    let left = PictureFrame.margin + PlotArea.leftSpace(of: y)
    let right = Double(labels.map(\.cells).max() ?? 0) * Canvas.characterWidth + 24
    let frame = PictureFrame(
      title: title, width: left + Self.plot.width + right + PictureFrame.margin)
    var canvas = frame.canvas(
      height: PlotArea.topSpace + Self.plot.height + PlotArea.bottomSpace)
    let area = PlotArea(
      box: .init(
        x: left, y: frame.top + PlotArea.topSpace, width: Self.plot.width,
        height: Self.plot.height), x: x, y: y)
    area.drawAxes(on: &canvas, hasGrid: true)
    for channel in 0..<channels { draw(channel, on: &canvas, area) }
    let ends = (0..<channels).map { channel in
      let last = (0..<steps).last { value($0, channel).isFinite } ?? 0
      let end = Double(value(last, channel))
      return area.place(Double(last + 1), end.isFinite ? end : y.low)
    }
    let places = Self.spread(
      ends.map(\.y), distance: 12, within: area.box.y...(area.box.y + area.box.height))
    let edge = area.box.x + area.box.width
    for channel in 0..<channels {
      let colour = Colour.lines[channel]
      canvas.line([ends[channel], .init(edge + 8, places[channel])], colour, width: 0.5)
      canvas.text(labels[channel], .init(edge + 12, places[channel] + 3), colour: colour)
    }
    return canvas
  }

  /// A channel's line, with gaps where there are no finite numbers; of very many steps, the least and
  /// the greatest value of a few.
  private func draw(_ channel: Int, on canvas: inout Canvas, _ area: PlotArea) {
    let colour = Colour.lines[channel]
    let group = (steps + 999) / 1000
    var points: [Canvas.Point] = []
    func place(_ step: Int) -> Canvas.Point {
      area.place(Double(step + 1), Double(value(step, channel)))
    }
    func end() {
      if points.count == 1 || !areJoined {
        for point in points { canvas.circle(point, radius: 2, colour) }
      } else {
        canvas.line(points, colour, width: 1.5)
      }
      points = []
    }
    for first in stride(from: 0, to: steps, by: group) {
      let part = (first..<min(first + group, steps)).filter { value($0, channel).isFinite }
      guard let low = part.min(by: { value($0, channel) < value($1, channel) }),
        let high = part.max(by: { value($0, channel) < value($1, channel) })
      else {
        end()
        continue
      }
      points.append(place(min(low, high)))
      if low != high { points.append(place(max(low, high))) }
    }
    end()
  }

  /// Places as near as can be to the wanted ones, no two nearer to each other than `distance`.
  static func spread(
    _ wanted: [Double], distance: Double, within range: ClosedRange<Double>
  ) -> [Double] {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var places = wanted
    var least = range.lowerBound
    for index in order {
      places[index] = max(wanted[index], least)
      least = places[index] + distance
    }
    var most = range.upperBound
    for index in order.reversed() {
      places[index] = min(places[index], most)
      most = places[index] - distance
    }
    return places
  }

  private func heatMap(title: String) -> Canvas {
    let (grid, stepGroup, channelGroup) = grid(columns: 440, rows: 280)
    let x = Axis(
      0.5, Double(grid.width * stepGroup) + 0.5, label: stepLabel, ticks: 8, isWhole: true)
    let y = Axis(
      0.5, Double(grid.height * channelGroup) + 0.5, label: "channel", ticks: 6, isWhole: true)
    let left = PictureFrame.margin + PlotArea.leftSpace(of: y)
    let height = min(280, max(120, Double(channels) * 8))
    let frame = PictureFrame(
      title: title, width: left + max(Self.plot.width + 24, key.size.width + 10))
    var canvas = frame.canvas(
      height: PlotArea.topSpace + height + PlotArea.bottomSpace + Canvas.lineHeight + 4)
    let box = Canvas.Box(
      x: left, y: frame.top + PlotArea.topSpace, width: Self.plot.width, height: height)
    canvas.pixels(grid, in: box)
    PlotArea(box: box, x: x, y: y).drawAxes(on: &canvas)
    key.draw(on: &canvas, at: .init(left, box.y + height + PlotArea.bottomSpace + 4))
    return canvas
  }

  /// Means of some steps and channels, channel 1 at the bottom.
  func grid(columns: Int, rows: Int) -> (PixelGrid, steps: Int, channels: Int) {
    let range = ValueRange(values)
    let (stepGroup, channelGroup) = (
      (steps + columns - 1) / columns, (channels + rows - 1) / rows
    )
    let (width, height) = (
      (steps + stepGroup - 1) / stepGroup, (channels + channelGroup - 1) / channelGroup
    )
    let pixels = (0..<(width * height)).map { place -> Colour in
      let (step, channel) = (
        place % width * stepGroup, (height - 1 - place / width) * channelGroup
      )
      var (sum, count): (Float, Float) = (0, 0)
      for step in step..<min(step + stepGroup, steps) {
        for channel in channel..<min(channel + channelGroup, channels)
        where value(step, channel).isFinite {
          sum += value(step, channel)
          count += 1
        }
      }
      return count > 0 ? .heat(range.share(sum / count)) : .white
    }
    return (PixelGrid(width: width, height: height, pixels: pixels), stepGroup, channelGroup)
  }
}
