import Counterspike
import CounterspikeData
import Foundation
import Synchronization
import Testing

@Suite("Image sets")
struct ImageSetTests {
  static let shape = [2, 9, 12]
  static let pixels = randomBytes(5 * 216, seed: 11)
  static let mean: [Float] = [0.25, 0.5]
  static let deviation: [Float] = [0.5, 0.125]

  static func images(_ augmentation: AugmentationSettings? = nil, seed: UInt64 = 4) -> ImageSet {
    ImageSet(
      pixels: pixels, labels: [0, 1, 2, 1, 0], shape: shape, classCount: 3, mean: mean,
      standardDeviation: deviation, augmentation: augmentation, seed: seed)
  }

  static func settings(crop: Int = 0, flip: Bool = false, rotation: Float = 0)
    -> AugmentationSettings
  {
    var settings = AugmentationSettings()
    settings.cropPadding = crop
    settings.flip = flip
    settings.rotation = rotation
    return settings
  }

  @Test("normalize every pixel, exactly")
  func normalization() {
    let images = Self.images()
    for index in 0..<5 {
      let raw = Array(Self.pixels[(index * 216)..<((index + 1) * 216)])
      let expected = raw.enumerated().map { place, pixel in
        (Float(pixel) / 255 - Self.mean[place / 108]) / Self.deviation[place / 108]
      }
      #expect(images.values(index) == expected)
      #expect(images.pixels(at: index) == raw)
    }
    #expect((0..<5).map { images.label(at: $0) } == [0, 1, 2, 1, 0])
  }

  @Test("with all transforms off have none")
  func off() {
    #expect(Self.images(Self.settings()).augmentation == nil)
    #expect(Self.images(Self.settings()).values(3, epoch: 2) == Self.images().values(3))
  }

  /// The value at a place of the original that need not be whole: black outside, bilinear inside.
  static func value(_ index: Int, _ channel: Int, row: Double, column: Double) -> Double {
    var sum = 0.0
    for y in 0..<9 {
      for x in 0..<12 {
        let weight = max(0, 1 - abs(row - Double(y))) * max(0, 1 - abs(column - Double(x)))
        sum += weight * Double(pixels[((index * 2 + channel) * 9 + y) * 12 + x])
      }
    }
    return (sum / 255 - Double(mean[channel])) / Double(deviation[channel])
  }

  @Test(
    "are cropped, mirrored and turned as a plain reference does it",
    arguments: [
      settings(crop: 3), settings(flip: true), settings(crop: 2, flip: true),
      settings(rotation: 30), settings(crop: 4, flip: true, rotation: 180),
    ])
  func reference(settings: AugmentationSettings) {
    let images = Self.images(settings)
    for epoch in 0..<4 {
      for index in 0..<5 {
        let change = ImageTransform(settings, seed: 4, epoch: epoch, index: index)
        let values = images.values(index, epoch: epoch)
        let angle = Double(change.angle) * .pi / 180
        var worst = 0.0
        for channel in 0..<2 {
          for y in 0..<9 {
            for x in 0..<12 {
              // Undo the rotation, then the mirror, then the shift.
              let (dx, dy) = (Double(x) - 5.5, Double(y) - 4)
              var column = cos(angle) * dx + sin(angle) * dy + 5.5
              let row = cos(angle) * dy - sin(angle) * dx + 4 + Double(change.rowOffset)
              if change.isMirrored { column = 11 - column }
              column += Double(change.columnOffset)
              let expected = Self.value(index, channel, row: row, column: column)
              let found = Double(values[(channel * 9 + y) * 12 + x])
              worst = max(worst, abs(found - expected))
            }
          }
        }
        // Without rotation only the reference's own rounding remains; with it that of the places,
        // a few units in the last place of 12, times the steepest slope, 8 a pixel.
        #expect(worst < (change.angle == 0 ? 4e-6 : 8e-5))
      }
    }
  }

  @Test("turn clockwise by a positive angle")
  func direction() {
    var change = ImageTransform()
    change.angle = 90
    let pixels: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    let table = (0...255).map(Float.init)
    var values = [Float](repeating: .nan, count: 9)
    var span = values.mutableSpan
    change.apply(
      to: pixels.span, from: 0, channels: 1, height: 3, width: 3, table: table.span, into: &span)
    let rounded = values.map { Int($0.rounded()) }
    #expect(rounded == [7, 4, 1, 8, 5, 2, 9, 6, 3])
  }

  @Test("draw shifts, mirror images and angles from the whole of their ranges")
  func ranges() {
    let settings = Self.settings(crop: 2, flip: true, rotation: 10)
    let changes = (0..<2000).map { ImageTransform(settings, seed: 1, epoch: 0, index: $0) }
    #expect(Set(changes.map(\.rowOffset)) == [-2, -1, 0, 1, 2])
    #expect(Set(changes.map(\.columnOffset)) == [-2, -1, 0, 1, 2])
    #expect((900...1100).contains(changes.count { $0.isMirrored }))
    #expect(changes.allSatisfy { $0.angle >= -10 && $0.angle <= 10 })
    #expect(changes.contains { $0.angle < -9 } && changes.contains { $0.angle > 9 })
  }

  @Test("change with seed, epoch and index, and with nothing else")
  func dependence() {
    let settings = Self.settings(crop: 3, flip: true, rotation: 15)
    let images = Self.images(settings)
    #expect(images.values(2, epoch: 1) == images.values(2, epoch: 1))
    #expect(images.values(2, epoch: 1) != images.values(2, epoch: 2))
    #expect(images.values(2, epoch: 1) != Self.images(settings, seed: 5).values(2, epoch: 1))
    // One transform does not disturb what another draws.
    let all = ImageTransform(settings, seed: 4, epoch: 1, index: 2)
    let crop = ImageTransform(Self.settings(crop: 3), seed: 4, epoch: 1, index: 2)
    #expect(all.rowOffset == crop.rowOffset && all.columnOffset == crop.columnOffset)
  }

  @Test("are the same whichever thread loads them, in whatever order")
  func threads() {
    let images = Self.images(Self.settings(crop: 3, flip: true, rotation: 15))
    let alone = (0..<200).map { images.values($0 % 5, epoch: $0 / 5) }
    let together = Mutex([[Float]](repeating: [], count: 200))
    DispatchQueue.concurrentPerform(iterations: 200) { turn in
      let sample = (turn * 77) % 200
      let values = images.values(sample % 5, epoch: sample / 5)
      together.withLock { $0[sample] = values }
    }
    #expect(together.withLock { $0 } == alone)
  }
}
