import CounterspikeData
import Foundation
import Testing

@testable import CLIDrawing

@Suite("Parts of pictures")
struct PicturePartsTests {
  @Test(
    "an axis has ticks at 1, 2 and 5 times powers of ten",
    arguments: [
      (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (1, 300, ["100", "200", "300"]),
      (-0.03, 0.02, ["−0.03", "−0.02", "−0.01", "0.00", "0.01", "0.02"]),
      (3, 3, ["2", "3", "4"]), (0, 25_000, ["0", "5,000", "10,000", "15,000", "20,000", "25,000"]),
    ] as [(Double, Double, [String])])
  func ticks(low: Double, high: Double, texts: [String]) {
    let axis = Axis(low, high, label: "")
    #expect(axis.ticks.map { axis.text($0) } == texts)
    #expect(axis.ticks.allSatisfy { $0 >= axis.low - 1e-9 && $0 <= axis.high + 1e-9 })
  }

  @Test("an axis of counts has whole ticks only")
  func whole() {
    let axis = Axis(0.5, 3.5, label: "", isWhole: true)
    #expect(axis.ticks == [1, 2, 3])
    #expect(Axis(1, 1, label: "", isWhole: true).ticks == [1])
  }

  @Test("numbers are short")
  func numbers() {
    let texts = [0, 1, -0.5, 1234.5, 0.0625, 1e-9, -3e38, 123.456, 999_999.9].map {
      Axis.short($0)
    }
    #expect(
      texts == ["0", "1", "−0.5", "1234", "0.062", "1e−9", "−3e38", "123.5", "1000000"],
      "\(texts)")
  }

  @Test("labels are moved apart, and stay in order and within the plot")
  func spread() {
    let places = SeriesPicture.spread(
      [50, 10, 10, 99], distance: 12, within: 0...100)
    #expect(places == [50, 10, 22, 99])
    let crowded = SeriesPicture.spread(
      [100, 100, 100], distance: 12, within: 0...100)
    #expect(crowded == [76, 88, 100])
  }

  @Test("texts are cut and broken by the columns that they take")
  func cells() {
    #expect("漢字e\u{301}x".cells == 6)
    #expect("漢字abc".cut(toCells: 5) == "漢字…" && "abc".cut(toCells: 3) == "abc")
    #expect("one two three".wrapped(toCells: 7) == ["one two", "three"])
    #expect("abcdefgh ij".wrapped(toCells: 3) == ["abc", "def", "gh", "ij"])
  }

  @Test("a smaller picture has the means of squares, also of those at the edge")
  func reduced() {
    let grid = PixelGrid(width: 3, height: 1, pixels: [.black, .white, .off]).reduced(by: 2)
    #expect(grid.pixels == [Colour(red: 127, green: 127, blue: 127), .off])
  }

  @Test("the plane has the regions of the classes, and the sample where it is")
  func plane() throws {
    let canvas = PlanePicture(x: 0.25, y: 0.5).canvas(title: "")
    let (pixels, width, _) = canvas.raster()
    let boxes = canvas.shapes.compactMap { shape -> Canvas.Box? in
      if case .pixels(_, let box) = shape { box } else { nil }
    }
    let box = try #require(boxes.first)
    func red(_ x: Double, _ y: Double) -> UInt8 {
      let row = Int(2 * (box.y + box.height * (1 - y)))
      return pixels[(row * width + Int(2 * (box.x + box.width * x))) * 3]
    }
    // The sample is in the left dot; yin above, yang below, nothing in the corners.
    #expect(red(0.25, 0.5) == 200)
    let (yang, yin) = (red(0.5, 0.1), red(0.5, 0.9))
    #expect(YinYang.classIndex(0.5, 0.1) == 0 && YinYang.classIndex(0.5, 0.9) == 1)
    #expect(yang != yin && red(0.02, 0.02) == 255)
    #expect(![yang, yin, 255].contains(red(0.75, 0.5)))
    let lines = PlanePicture(x: 0.25, y: 0.5).lines(columns: 60, colours: .none)
    let (row, line) = try #require(lines.enumerated().first { $1.contains("X") })
    #expect(row == 10 && Array(line).firstIndex(of: "X") == 3 + 10)
    #expect(lines.last == "· yang, ▒ yin, o dot, X the sample (0.250, 0.500)")
  }

  @Test("a series is a sparkline a channel with its range, or a heat map of many channels")
  func series() {
    let values: [Float] = [0, 5, 1, 5, 2, 5, 3, 5, 4, 5, 5, 5, 6, 5, 7, 5]
    let lines = SeriesPicture(values, channels: 2, names: ["up", "flat"])
      .lines(columns: 80, colours: .none)
    #expect(
      lines == [
        "up   0 ▁▂▃▄▅▆▇█ 7", "flat 5 ▄▄▄▄▄▄▄▄ 5",
        "right: time step, 1 to 8; up: value, each channel from its smallest to its",
        "largest",
      ], "\(lines)")
    // Channel 1 is at the bottom, and dark where it is 0.
    let map = SeriesPicture((0..<14).map { Float($0) }, channels: 14)
      .lines(columns: 40, colours: .none)
    #expect(map[0] == "█" && map[6] == " ", "\(map)")
    #expect(map.last == "dark to bright: 0 to 13, value")
  }
}
