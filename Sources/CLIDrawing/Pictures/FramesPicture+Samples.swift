extension FramesPicture {
  /// Recordings of events, or spikes of images, some time steps in a frame.
  ///
  /// - Parameters:
  ///   - values: shape `[T, C, H, W]`; OFF events are the first channel, ON events the last.
  ///   - count: the most frames.
  ///   - downsampling: the side of the squares of the sensor's pixels that are one pixel of the sample.
  package init(
    _ values: [Float], shape: [Int], frames count: Int, time: StepTime, downsampling: Int = 1
  ) {
    let (steps, plane) = (shape[0], shape[2] * shape[3])
    let group = (steps + count - 1) / count
    let size = shape[1] * plane
    let isSpikes = values.areCounts
    // Values that are no counts of spikes have means.
    let means = isSpikes ? [] : Self.means(values, size: size, plane: plane, steps, group)
    let range = ValueRange(means.joined())
    tiles = stride(from: 0, to: steps, by: group).enumerated().map { number, first in
      let last = min(first + group, steps)
      let pixels =
        isSpikes
        ? Self.spikes(values, first..<last, size: size, plane: plane)
        : means[number].map { Colour.grey(range.share($0)) }
      return Tile(
        captions: time.captions(first..<last),
        grid: PixelGrid(width: shape[3], height: shape[2], pixels: pixels))
    }
    noun = "frame"
    self.downsampling = downsampling
    if !isSpikes {
      key = .ramp(low: range.low, high: range.high, meaning: "mean value", Colour.grey)
    } else {
      key = shape[1] == 2 ? .events : .colours([(.white, "spike")])
    }
  }

  /// Channels of an image, one a tile.
  ///
  /// - Parameter values: shape `[C, H, W]`.
  package init(channels values: [Float], shape: [Int], most count: Int) {
    let range = ValueRange(values)
    let plane = shape[1] * shape[2]
    tiles = (0..<min(shape[0], count)).map { channel in
      let pixels = values[(channel * plane)..<((channel + 1) * plane)].map {
        Colour.grey(range.share($0))
      }
      return Tile(
        captions: ["channel \(channel + 1) of \(shape[0])"],
        grid: PixelGrid(width: shape[2], height: shape[1], pixels: pixels))
    }
    key = .ramp(low: range.low, high: range.high, meaning: "value", Colour.grey)
    noun = "channel"
    downsampling = 1
  }

  private static func spikes(
    _ values: [Float], _ steps: Range<Int>, size: Int, plane: Int
  ) -> [Colour] {
    (0..<plane).map { pixel in
      let isOff = steps.contains { values[$0 * size + pixel] != 0 }
      let isOn = steps.contains { values[($0 + 1) * size - plane + pixel] != 0 }
      return .events(off: isOff, on: isOn)
    }
  }

  /// Means over channels and the steps of each frame, shape `[frames][H·W]`.
  private static func means(
    _ values: [Float], size: Int, plane: Int, _ steps: Int, _ group: Int
  ) -> [[Float]] {
    stride(from: 0, to: steps, by: group).map { first in
      let part = values[(first * size)..<(min(first + group, steps) * size)]
      var sums = [Float](repeating: 0, count: plane)
      for (place, value) in part.enumerated() { sums[place % plane] += value }
      return sums.map { $0 * Float(plane) / Float(part.count) }
    }
  }
}

extension [Float] {
  /// Whether these are spikes or their numbers, which are whole and never negative.
  var areCounts: Bool { allSatisfy { $0 >= 0 && $0.rounded() == $0 } }
}

extension Colour {
  /// ON is light blue, OFF orange, both white.
  static func events(off: Bool, on: Bool) -> Colour {
    switch (off, on) {
    case (false, false): .black
    case (true, false): .off
    case (false, true): .on
    case (true, true): .white
    }
  }
}

extension PictureKey {
  static var events: PictureKey { .colours([(.on, "ON"), (.off, "OFF"), (.white, "both")]) }
}

/// When the time steps of a sample are.
package enum StepTime {
  /// Nothing is known but their order.
  case steps
  /// Each lasts so many microseconds.
  case microseconds(Double)
  /// Each lasts so many microseconds, and they are a division of the drawing's own, whose numbers tell
  /// nothing.
  case division(Double)

  /// What stands below a frame of some steps, which are counted from 0 here and from 1 there.
  func captions(_ steps: Range<Int>) -> [String] {
    let numbers =
      steps.count == 1
      ? "step \(steps.upperBound)" : "steps \(steps.lowerBound + 1)–\(steps.upperBound)"
    func span(_ length: Double) -> String {
      func time(_ step: Int) -> String { Int((Double(step) * length).rounded()).grouped }
      return "\(time(steps.lowerBound))–\(time(steps.upperBound)) µs"
    }
    switch self {
    case .steps: return [numbers]
    case .microseconds(let length): return [numbers, span(length)]
    case .division(let length): return [span(length)]
    }
  }

  /// The axis of so many steps.
  func axis(_ count: Int, ticks: Int) -> Axis {
    func steps(_ label: String) -> Axis {
      Axis(0.5, Double(count) + 0.5, label: label, ticks: ticks, isWhole: true)
    }
    switch self {
    case .steps: return steps("time step")
    case .microseconds(let length):
      return steps("time step (each \(Int(length.rounded()).grouped) µs)")
    case .division(let length):
      return Axis(0, Double(count) * length / 1000, label: "time (ms)", ticks: ticks)
    }
  }
}
