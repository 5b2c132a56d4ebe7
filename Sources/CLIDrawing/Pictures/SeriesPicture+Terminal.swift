extension SeriesPicture {
  package func lines(columns: Int, colours: TerminalColours) -> [String] {
    let axis = "right: \(stepLabel), 1 to \(steps)"
    if isHeatMap {
      let (grid, stepGroup, channelGroup) = grid(columns: columns, rows: 60)
      let scale = [
        stepGroup > 1 ? stepGroup.counted("step") + " a column" : "",
        channelGroup > 1 ? channelGroup.counted("channel") + " a row" : "",
      ].filter { !$0.isEmpty }
      let text = "\(axis); up: channel, 1 to \(channels)" + scale.map { "; \($0)" }.joined()
      return grid.lines(columns: columns, colours: colours) + text.wrapped(toCells: columns)
        + key.lines(columns: columns, colours: colours)
    }
    let ranges = (0..<channels).map { channel in
      ValueRange((0..<steps).map { value($0, channel) })
    }
    var lows = Self.aligned(ranges.map { Axis.short($0.low) + " " })
    var highs = Self.aligned(ranges.map { " " + Axis.short($0.high) })
    if columns < lows[0].cells + highs[0].cells + 12 {
      (lows, highs) = (lows.map { _ in "" }, highs.map { _ in "" })
    }
    let numbers = lows[0].cells + highs[0].cells
    let nameCells = min(
      names.map(\.cells).max() ?? 0, max(3, columns / 4), columns - numbers - 9)
    let width = min(steps, columns - nameCells - numbers - 1)
    let lines = (0..<channels).map { channel in
      let line = sparkline(channel, width: width, range: ranges[channel])
      return names[channel].cut(toCells: nameCells).padded(toCells: nameCells) + " "
        + lows[channel] + colours.foreground(Colour.lines[channel]) + line + colours.reset
        + highs[channel]
    }
    return lines
      + "\(axis); up: \(quantity), each channel from its smallest to its largest"
      .wrapped(toCells: columns)
  }

  /// Numbers under each other.
  private static func aligned(_ texts: [String]) -> [String] {
    let cells = texts.map(\.cells).max() ?? 0
    return texts.map { $0.padded(toCells: cells, isRight: true) }
  }

  /// Means of as many steps as a column has to show, in eight heights; the middle one for a channel
  /// whose values are all equal.
  private func sparkline(_ channel: Int, width: Int, range: ValueRange) -> String {
    let bars = Array("▁▂▃▄▅▆▇█")
    return String(
      (0..<width).map { column -> Character in
        let first = column * steps / width
        let part = (first..<max(first + 1, (column + 1) * steps / width))
          .map { value($0, channel) }.filter(\.isFinite)
        guard !part.isEmpty else { return " " }
        guard range.high > range.low else { return bars[3] }
        let share = range.share(part.reduce(0, +) / Float(part.count))
        return bars[min(7, max(0, Int(share * 8)))]
      })
  }
}
