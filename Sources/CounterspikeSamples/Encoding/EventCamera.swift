internal import Counterspike
internal import CounterspikeKernels
internal import Foundation

/// A simple event camera before which an image moves, as N-MNIST was recorded.
///
/// The image, in luminance Y = 0.299·R + 0.587·G + 0.114·B, moves in three saccades of equal length
/// along the triangle (0, 0), (a/2, a), (a, 0), centred, over a screen of value 0; between pixels it
/// is interpolated. A pixel makes an event whenever its logarithmic brightness ln(Y + 0.1) has
/// changed by the threshold since its last one, at most one of each polarity in a step; each step is
/// looked at in eight parts. Noise makes events independent of the image.
///
/// - Note: Orchard, Jayawant, Cohen, Thakor, “Converting static image datasets to spiking
///   neuromorphic datasets using saccades”, Frontiers in Neuroscience 9:437, 2015, for the movement;
///   Lichtsteiner, Posch, Delbruck, “A 128×128 120 dB 15 µs latency asynchronous temporal contrast
///   vision sensor”, IEEE JSSC 43(2), 2008, for the pixel.
struct EventCamera {
  private static let partsOfStep = 8
  /// Keeps the logarithm finite where the screen is dark.
  private static let darkness: Float = 0.1

  private let settings: EncodingSettings
  private let timeSteps: Int
  private let height: Int
  private let width: Int

  init(_ settings: EncodingSettings, timeSteps: Int, height: Int, width: Int) {
    self.settings = settings
    self.timeSteps = timeSteps
    self.height = height
    self.width = width
  }

  /// - Parameters:
  ///   - image: shape `[C, H, W]`, values in 0 … 1.
  ///   - values: shape `[T, 2, H, W]`, channel 0 OFF, channel 1 ON.
  func record(
    _ image: [Float], channels: Int, random: inout RandomStream,
    into values: inout MutableSpan<Float>
  ) {
    let plane = height * width
    let luminance = luminance(image, channels: channels)
    values.update(repeating: 0)
    var reference = brightness(luminance, at: position(0))
    let parts = timeSteps * Self.partsOfStep
    for part in 1...parts {
      let now = brightness(luminance, at: position(Float(part) / Float(parts)))
      let frame = (part - 1) / Self.partsOfStep * 2 * plane
      for pixel in 0..<plane {
        let change = (now[pixel] - reference[pixel]) / settings.threshold
        guard abs(change) >= 1 else { continue }
        reference[pixel] += settings.threshold * change.rounded(.towardZero)
        values[frame + (change > 0 ? plane : 0) + pixel] = 1
      }
    }
    guard settings.noise > 0 else { return }
    for place in 0..<values.count where random.uniform() < settings.noise { values[place] = 1 }
  }

  private func luminance(_ image: [Float], channels: Int) -> [Float] {
    let weights: [Float] =
      channels == 3
      ? [0.299, 0.587, 0.114] : Array(repeating: 1 / Float(channels), count: channels)
    let plane = height * width
    return (0..<plane).map { pixel in
      weights.indices.reduce(0) { $0 + weights[$1] * image[$1 * plane + pixel] }
    }
  }

  /// Where the image is after a part of the whole movement, in pixels to the right and down.
  private func position(_ time: Float) -> (x: Float, y: Float) {
    let corners: [(x: Float, y: Float)] = [(0, 0), (0.5, 1), (1, 0), (0, 0)]
    let leg = min(Int(time * 3), 2)
    let rest = time * 3 - Float(leg)
    let (from, to) = (corners[leg], corners[leg + 1])
    return (
      settings.amplitude * (from.x + rest * (to.x - from.x) - 0.5),
      settings.amplitude * (from.y + rest * (to.y - from.y) - 0.5)
    )
  }

  /// The logarithmic brightness of each pixel with the image moved to `place`.
  private func brightness(_ image: [Float], at place: (x: Float, y: Float)) -> [Float] {
    let (left, top) = (place.x.rounded(.down), place.y.rounded(.down))
    let (fractionX, fractionY) = (place.x - left, place.y - top)
    let (shiftX, shiftY) = (Int(left), Int(top))
    func value(_ row: Int, _ column: Int) -> Float {
      row >= 0 && row < height && column >= 0 && column < width ? image[row * width + column] : 0
    }
    var result: [Float] = []
    result.reserveCapacity(height * width)
    for row in 0..<height {
      for column in 0..<width {
        let (y, x) = (row - shiftY, column - shiftX)
        // Moved by a fraction to the right, a pixel shows part of its left neighbour.
        let above = fractionX * value(y - 1, x - 1) + (1 - fractionX) * value(y - 1, x)
        let here = fractionX * value(y, x - 1) + (1 - fractionX) * value(y, x)
        result.append(log(fractionY * above + (1 - fractionY) * here + Self.darkness))
      }
    }
    return result
  }
}
