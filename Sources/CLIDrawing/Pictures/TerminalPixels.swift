extension PixelGrid {
  /// Lines for a terminal: two rows of pixels a line, a pixel a column; what is wider than `columns` is
  /// made smaller.
  func lines(columns: Int, colours: TerminalColours) -> [String] {
    let grid = reduced(by: (width + columns - 1) / columns)
    return stride(from: 0, to: grid.height, by: 2).map { grid.line(at: $0, colours) }
  }

  private func line(at y: Int, _ colours: TerminalColours) -> String {
    var text = ""
    for x in 0..<width {
      let top = self[x, y]
      let bottom = y + 1 < height ? self[x, y + 1] : .black
      if colours != .none {
        text +=
          colours.sequence(
            (top.red, top.green, top.blue), on: (bottom.red, bottom.green, bottom.blue)) + "▀"
      } else {
        switch (top.brightness > 0.4, bottom.brightness > 0.4) {
        case (false, false): text += " "
        case (true, false): text += "▀"
        case (false, true): text += "▄"
        case (true, true): text += "█"
        }
      }
    }
    return text + colours.reset
  }
}
