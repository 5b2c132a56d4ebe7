import CounterspikeData
import Foundation
import Testing

@testable import CLIDrawing

@Suite("Pictures of samples")
struct PictureTests {
  static func waves(_ steps: Int, _ channels: Int) -> [Float] {
    (0..<(steps * channels)).map { place in
      sinf(Float(place / channels) / 7 + Float(place % channels)) * 40
    }
  }

  /// Spikes at every place whose number 7 divides, as many as there are places.
  static func spikes(_ shape: [Int]) -> [Float] {
    (0..<shape.reduce(1, *)).map { $0 % 7 == 0 ? 1 : 0 }
  }

  /// Pictures of every kind, small, usual, large and odd.
  static func pictures() -> [(String, any Picture)] {
    func units(_ shape: [Int], _ time: StepTime = .steps) -> any Picture {
      UnitsPicture(spikes(shape), shape: shape, time: time)
    }
    func frames(_ shape: [Int], _ count: Int, _ time: StepTime = .steps) -> any Picture {
      FramesPicture(spikes(shape), shape: shape, frames: count, time: time)
    }
    let names = (0..<12).map { "a channel with a very long name, number \($0)" }
    return [
      ("one pixel", ImagePicture([0.5], shape: [1, 1, 1])),
      ("a grey image", ImagePicture(waves(28, 28), shape: [1, 28, 28])),
      ("a colour image", ImagePicture(waves(32, 96), shape: [3, 32, 32])),
      ("a wide image", ImagePicture(waves(3, 1400), shape: [1, 3, 1400])),
      ("a high image", ImagePicture(waves(1400, 2), shape: [1, 1400, 2])),
      ("channels", FramesPicture(channels: waves(64, 9), shape: [9, 8, 8], most: 6)),
      ("one frame", frames([1, 2, 1, 1], 6)),
      ("frames", frames([30, 2, 34, 34], 6, .microseconds(3000))),
      ("many frames", frames([40, 2, 12, 20], 40, .division(123_456.7))),
      ("small frames", frames([1000, 1, 2, 2], 9, .microseconds(1_000_000))),
      (
        "frames of values",
        FramesPicture(waves(5, 64), shape: [5, 1, 8, 8], frames: 3, time: .steps)
      ),
      ("one unit", units([1, 1, 1, 1])),
      ("units", units([100, 1, 1, 140], .microseconds(14000))),
      ("many units", units([401, 1, 1, 700], .division(3501))),
      ("units of two polarities", units([50, 2, 1, 9])),
      ("channels as units", units([20, 4, 1, 1])),
      ("no spikes", UnitsPicture([0, 0, 0], shape: [3, 1, 1, 1], time: .steps)),
      ("values of units", UnitsPicture(waves(9, 5), shape: [9, 5, 1, 1], time: .steps)),
      ("one value", SeriesPicture([7], channels: 1)),
      ("one step", SeriesPicture([1, 2, 3], channels: 3)),
      ("two equal lines", SeriesPicture([3, 3, 3, 3], channels: 2, names: ["a", "b"])),
      ("twelve lines", SeriesPicture(waves(300, 12), channels: 12, names: names)),
      ("a long line", SeriesPicture(waves(5000, 1), channels: 1)),
      ("a heat map", SeriesPicture(waves(120, 30), channels: 30)),
      ("a large heat map", SeriesPicture(waves(1000, 301), channels: 301)),
      ("an equal heat map", SeriesPicture([Float](repeating: -2, count: 26), channels: 13)),
      ("points", SeriesPicture([1, 2, -3], channels: 1, stepLabel: "channel", areJoined: false)),
      ("huge values", SeriesPicture([-3e38, 3e38, 1e-38, 0], channels: 1)),
      ("tiny values", SeriesPicture([1e-38, 3e-38], channels: 1)),
      ("values near each other", SeriesPicture([16_777_216, 16_777_218], channels: 1)),
      ("no numbers", SeriesPicture([.nan, .infinity, 1, .nan], channels: 2)),
      ("a point", PlanePicture(x: 0.65, y: 0.7)),
      ("a point at an edge", PlanePicture(x: 1, y: 0.5)),
    ]
  }

  static let titles = [
    "a", "test sample 3 of yin-yang, class 0, yang",
    "test sample 12 of image-folder, class 100, a name of many words, "
      + String(repeating: "folder/", count: 60) + "1.png",
  ]

  @Test("are well-formed SVG, all of it in the view box, no text on another", arguments: titles)
  func svg(title: String) {
    for (name, picture) in Self.pictures() {
      let drawing = DrawnSVG(picture.canvas(title: title).svg)
      #expect(drawing.isWellFormed, "\(name)")
      #expect(drawing.title == title, "\(name)")
      #expect(drawing.texts.count > 1, "\(name)")
      #expect(drawing.overlap == nil, "\(name)")
      #expect(drawing.outside == [], "\(name)")
    }
  }

  @Test("have two pixels a unit, and what SVG has, as PNG")
  func raster() throws {
    for (name, picture) in Self.pictures() {
      let canvas = picture.canvas(title: "a title")
      let (pixels, width, height) = canvas.raster()
      #expect(width == Int((canvas.width * 2).rounded(.up)), "\(name)")
      #expect(height == Int((canvas.height * 2).rounded(.up)), "\(name)")
      // The upper left corner is empty; the title has ink.
      #expect(pixels.count == width * height * 3 && pixels[0] == 255, "\(name)")
      let title = try #require(canvas.texts.first).box
      let hasInk = (Int(title.y * 2)..<Int((title.y + title.height) * 2)).contains { row in
        (Int(title.x * 2)..<Int((title.x + title.width) * 2)).contains {
          pixels[(row * width + $0) * 3] == Colour.ink.red
        }
      }
      #expect(hasInk, "\(name)")
    }
  }

  @Test("fit every terminal, with and without colours", arguments: [20, 33, 80])
  func terminal(columns: Int) {
    for (name, picture) in Self.pictures() {
      var plain: [String] = []
      for colours in [TerminalColours.none, .sixteen, .all] {
        let lines = picture.lines(columns: columns, colours: colours)
        let texts = lines.map { $0.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") }
        #expect(texts.allSatisfy { $0.cells <= columns }, "\(name)")
        #expect(texts.allSatisfy { !$0.contains("\u{1B}") }, "\(name)")
        if colours == .none {
          plain = lines
          #expect(texts == lines, "\(name)")
        }
      }
      #expect(plain.contains { !$0.allSatisfy(\.isWhitespace) }, "\(name)")
    }
  }

  @Test("quote names as XML allows them, scalar by scalar")
  func names() {
    let title = "<\u{338}b> & \"q\" \u{1B}[31m \u{FFFE} \u{0} ü 漢\ntail"
    let names = ["<\u{338}x>", "&amp;", "\u{7}bell\u{FFFF}"]
    let canvas = SeriesPicture([1, 2, 3, 4, 5, 6], channels: 3, names: names).canvas(title: title)
    let drawing = DrawnSVG(canvas.svg)
    #expect(drawing.isWellFormed)
    #expect(
      drawing.title
        == "<\u{338}b> & \"q\" \\u{1B}[31m \\u{FFFE} \\0 ü 漢\\ntail", "\(drawing.title)")
    let texts = drawing.texts.map(\.text)
    #expect(texts.contains { Array($0.unicodeScalars) == Array(names[0].unicodeScalars) })
    #expect(texts.contains("&amp;") && texts.contains("\\u{07}bell\\u{FFFF}"), "\(texts)")
    #expect(drawing.overlap == nil && drawing.outside == [])
  }

  @Test("have only characters in their own texts that the font has")
  func font() {
    for (name, picture) in Self.pictures() {
      let missing = picture.canvas(title: "").texts.flatMap(\.text)
        .filter { !$0.isWhitespace && !BitmapFont.has($0) }
      #expect(missing.isEmpty, "\(name): \(missing)")
    }
    for value in UInt8(33)..<127 {
      #expect(BitmapFont.has(Character(Unicode.Scalar(value))), "\(value)")
    }
    // A letter with a mark is drawn as the letter, an unknown one as a box.
    #expect(BitmapFont.dots(of: "é").map(\.row) == BitmapFont.dots(of: "e").map(\.row))
    #expect(BitmapFont.dots(of: "漢").count == 20)
    let letters = (UInt8(33)..<127).map { letter in
      BitmapFont.dots(of: Character(Unicode.Scalar(letter))).map { $0.row * 5 + $0.column }
    }
    #expect(Set(letters).count == 94)
    #expect(letters.allSatisfy { $0.allSatisfy { (0..<40).contains($0) } })
  }
}
