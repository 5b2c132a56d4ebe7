/// Pictures side by side, all of one size: the events of a few time steps each, or the channels of an
/// image.
package struct FramesPicture: Picture {
  struct Tile {
    /// Lines that stand below it.
    var captions: [String]
    var grid: PixelGrid
  }

  /// At least one.
  let tiles: [Tile]
  let key: PictureKey
  /// What a tile is, such as a frame.
  let noun: String
  /// The side of the squares of the sensor's pixels that are one pixel here.
  let downsampling: Int

  private var side: (width: Int, height: Int) { (tiles[0].grid.width, tiles[0].grid.height) }
  private var sizeText: String {
    "each \(noun) \(side.width)×\(side.height) pixels"
      + (downsampling > 1
        ? ", a pixel for \(downsampling)×\(downsampling) pixels of the sensor" : "")
  }
  private var captionLines: Int { tiles.map(\.captions.count).max() ?? 0 }
  private var captionCells: Int { tiles.flatMap { $0.captions.map(\.cells) }.max() ?? 0 }

  /// Up to so many tiles stand side by side in a drawing.
  private static let perLine = 6

  package func canvas(title: String) -> Canvas {
    let shown = tiles.map { $0.grid.reduced(to: 256) }
    let factor = max(1.0, (128 / Double(max(shown[0].width, shown[0].height))).rounded(.down))
    let size = (Double(shown[0].width) * factor, Double(shown[0].height) * factor)
    let pitch = max(size.0, Double(captionCells) * Canvas.characterWidth) + 14
    let perLine = max(1, min(tiles.count, Self.perLine, Int(900 / pitch)))
    let rows = (tiles.count + perLine - 1) / perLine
    let rowHeight = size.1 + Double(captionLines) * Canvas.lineHeight + 14
    let sizeWidth = Double(sizeText.cells) * Canvas.characterWidth
    let frame = PictureFrame(
      title: title,
      width: 2 * PictureFrame.margin
        + max(Double(perLine) * pitch - 14, key.size.width, sizeWidth))
    let keyHeight = key.size.height > 0 ? key.size.height + 2 : 0
    var canvas = frame.canvas(height: Double(rows) * rowHeight + keyHeight + Canvas.lineHeight)
    for (number, tile) in tiles.enumerated() {
      let left = PictureFrame.margin + Double(number % perLine) * pitch
      let top = frame.top + Double(number / perLine) * rowHeight
      canvas.pixels(shown[number], in: .init(x: left, y: top, width: size.0, height: size.1))
      for (line, text) in tile.captions.enumerated() {
        canvas.text(
          text, .init(left, top + size.1 + 12 + Double(line) * Canvas.lineHeight), colour: .soft)
      }
    }
    let end = frame.top + Double(rows) * rowHeight
    key.draw(on: &canvas, at: .init(PictureFrame.margin, end))
    canvas.text(
      sizeText, .init(PictureFrame.margin, end + keyHeight + 10), colour: .soft)
    return canvas
  }

  package func lines(columns: Int, colours: TerminalColours) -> [String] {
    let factor = (side.width + columns - 1) / columns
    let shown = tiles.map { $0.grid.reduced(by: factor) }
    let cells = max(shown[0].width, min(captionCells, columns))
    let perLine = max(1, (columns + 2) / (cells + 2))
    var lines: [String] = []
    for first in stride(from: 0, to: tiles.count, by: perLine) {
      let row = first..<min(first + perLine, tiles.count)
      let space = String(repeating: " ", count: cells - shown[first].width)
      let blocks = row.map { shown[$0].lines(columns: columns, colours: colours) }
      for line in blocks[0].indices {
        lines.append(blocks.map { $0[line] + space }.joined(separator: "  "))
      }
      for line in 0..<captionLines {
        lines.append(
          row.map { tiles[$0].captions[line].cut(toCells: cells).padded(toCells: cells) }
            .joined(separator: "  "))
      }
    }
    return lines + key.lines(columns: columns, colours: colours)
      + (sizeText + (factor > 1 ? ", drawn \(factor) times smaller" : ""))
      .wrapped(toCells: columns)
  }
}
