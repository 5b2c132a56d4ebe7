public import Counterspike
internal import CounterspikeFormats

/// Puts the events of recordings into the bins of a tensor `[T, C, H, W]`.
///
/// With t₀ the time of the first event that is left after denoising and cropping, or 0 for recordings
/// that have a beginning of their own (``Origin``), an event at time t that is number i of n falls
/// into step
///
///     timeWindow    ⌊(t − t₀) / timeWindow⌋
///     eventCount    ⌊i / eventCount⌋
///     timeBins      ⌊(t − t₀)·T / (t_last − t₀ + 1)⌋
///
/// and is left out if there is no such step. `timeWindow: 3000` with 30 steps and `timeWindow: 1000`
/// with 100 are the forms of N-MNIST that the papers train on, one spike a bin.
public struct EventBinning: Sendable, Equatable {
  /// When the first time step begins.
  public enum Origin: Sendable, Equatable {
    /// With the first event: a camera's time 0 means nothing.
    case firstEvent
    /// At time 0, which is the beginning of the recording; there are no events before.
    case recording
  }

  public let settings: EventSettings
  /// The sensor of all recordings.
  public let sensor: SensorSize
  /// The shape of a binned recording, `[T, C, H, W]`.
  public let shape: [Int]
  public let origin: Origin

  /// The most bins of one recording; more would take gigabytes for a batch.
  package static let largestSize = 1 << 28

  /// The part of the sensor that is kept, in its pixels.
  private let left: Int
  private let top: Int
  private let width: Int
  private let height: Int

  /// - Parameters:
  ///   - timeSteps: T, at least 1.
  ///   - origin: when the first time step begins.
  /// - Throws: `invalidRecipe` for settings that no recipe could have, a sensor other than they state, a
  ///   cut larger than it, or
  ///   too many bins.
  public init(
    _ settings: EventSettings, sensor: SensorSize, timeSteps: Int, origin: Origin = .firstEvent
  ) throws(CounterspikeError) {
    try settings.validate()
    try NetworkSettings.validate(timeSteps: timeSteps)
    let sides = 1...65536
    guard sides.contains(sensor.width), sides.contains(sensor.height) else {
      throw CounterspikeError(
        .invalidRecipe,
        "the sensor has \(sensor.width)×\(sensor.height) pixels; allowed are 1 to 65536 on each side"
      )
    }
    if let stated = settings.sensor, stated != sensor {
      throw CounterspikeError(
        .invalidRecipe,
        "data.events.sensor is [\(stated.width), \(stated.height)], and the data set's sensor has "
          + "\(sensor.width)×\(sensor.height) pixels; set it to [\(sensor.width), \(sensor.height)], or "
          + "to null")
    }
    let side = min(sensor.width, sensor.height)
    if let crop = settings.centerCrop, crop > side {
      throw CounterspikeError(
        .invalidRecipe,
        "data.events.centerCrop is \(crop), and the sensor has \(sensor.width)×\(sensor.height) "
          + "pixels; allowed are 1 … \(side), or null for all pixels")
    }
    width = settings.centerCrop ?? sensor.width
    height = settings.centerCrop ?? sensor.height
    left = (sensor.width - width) / 2
    top = (sensor.height - height) / 2
    let factor = settings.downsampling
    let shape = [
      timeSteps, settings.polarity == .channels ? 2 : 1, (height - 1) / factor + 1,
      (width - 1) / factor + 1,
    ]
    // No overflow: each of the sizes has a limit far below.
    guard shape.dropFirst().reduce(1, *) <= Self.largestSize / timeSteps else {
      throw CounterspikeError(
        .invalidRecipe,
        "recordings of \(shapeText(shape)) bins are too large (more than 2²⁸ bins); lower "
          + "network.timeSteps, or set data.events.downsampling or data.events.centerCrop")
    }
    self.settings = settings
    self.sensor = sensor
    self.shape = shape
    self.origin = origin
  }

  /// The number of bins, T·C·H·W.
  public var size: Int { shape.reduce(1, *) }

  /// What became of a recording's events.
  package struct Outcome: Sendable, Equatable {
    /// Events that were left after denoising and cropping.
    var kept = 0
    /// Those of them that lie after the last time step.
    var beyond = 0
  }

  /// Counts the events in each bin.
  ///
  /// - Parameters:
  ///   - stream: on a sensor of this size or smaller; from time 0 on, if that is the origin.
  ///   - counts: shape `[T, C, H, W]`; every element is written; 255 stands for all numbers from 255
  ///     on.
  /// - Returns: how many events there were, and how many found no bin.
  /// - Complexity: O(events + T·C·H·W).
  package func count(_ stream: EventStream, into counts: inout [UInt8]) -> Outcome {
    precondition(
      stream.width <= sensor.width && stream.height <= sensor.height,
      "a recording of \(stream.width)×\(stream.height) pixels for a sensor of \(sensor.width)×"
        + "\(sensor.height)")
    precondition(counts.count == size, "\(counts.count) counts for \(size) bins")
    for bin in counts.indices { counts[bin] = 0 }
    let events = kept(stream)
    guard let first = events.first, let last = events.last else { return Outcome() }
    let start = origin == .firstEvent ? stream.times[first] : 0
    precondition(stream.times[first] >= start, "an event at \(stream.times[first]) µs")
    let span = stream.times[last] - start + 1
    let factor = settings.downsampling
    for (place, event) in events.enumerated() {
      let step: Int
      switch settings.slicing {
      case .timeWindow: step = Int(stream.times[event] - start) / settings.timeWindow
      case .eventCount: step = place / settings.eventCount
      case .timeBins:
        // In full width: the product may be beyond 64 bits.
        let product = (stream.times[event] - start).multipliedFullWidth(by: Int64(shape[0]))
        step = Int(span.dividingFullWidth(product).quotient)
      }
      // Time goes on: all that follow are beyond, too.
      guard step < shape[0] else {
        return Outcome(kept: events.count, beyond: events.count - place)
      }
      let channel = settings.polarity == .channels && stream.polarities[event] ? 1 : 0
      let row = (Int(stream.y[event]) - top) / factor
      let column = (Int(stream.x[event]) - left) / factor
      let bin = ((step * shape[1] + channel) * shape[2] + row) * shape[3] + column
      if counts[bin] < 255 { counts[bin] += 1 }
    }
    return Outcome(kept: events.count)
  }

  /// The indices of the events that are neither isolated nor outside of the cut.
  private func kept(_ stream: EventStream) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(stream.count)
    var filter = settings.denoise.map { BackgroundActivityFilter(sensor: sensor, time: $0) }
    for event in 0..<stream.count {
      let x = Int(stream.x[event])
      let y = Int(stream.y[event])
      // Also for events outside of the cut: they keep their neighbours inside.
      let isIsolated = filter?.isIsolated(time: stream.times[event], x: x, y: y) ?? false
      let isInside = x >= left && x < left + width && y >= top && y < top + height
      if isInside, !isIsolated { indices.append(event) }
    }
    return indices
  }
}
