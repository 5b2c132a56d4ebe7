public import Counterspike
internal import CounterspikeFormats

/// The labels of one recording of DVS128 Gesture: which gesture was made when.
///
///     class,startTime_usec,endTime_usec
///     1,80048239,85092709
///
/// Classes count from 1. A trial's events are those with start ≤ time < end.
public struct GestureLabels: Sendable, Equatable {
  /// One gesture.
  public struct Trial: Sendable, Equatable {
    /// The class as the file has it, from 1.
    public var label: Int
    /// When the gesture begins and ends, in the recording's microseconds.
    public var start: Int64
    public var end: Int64
  }

  /// In the file's order.
  public let trials: [Trial]

  /// - Throws: `unreadableFile`, or `damagedFile` naming the byte of the line.
  public init(contentsOf path: String) throws(CounterspikeError) {
    try self.init(WholeFile.bytes(of: path, as: .list), path: path)
  }

  package init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
    let heading = "class,startTime_usec,endTime_usec"
    var trials: [Trial] = []
    var offset = 0
    while offset < bytes.count {
      let end = bytes.endOfLine(at: offset) ?? bytes.count
      defer { offset = end }
      let line = bytes[offset..<end].filter { $0 > UInt8(ascii: " ") }
      if line.isEmpty || offset == 0 && line.elementsEqual(heading.utf8) { continue }
      let numbers = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .map { $0.count < 18 ? Int64(String(decoding: $0, as: UTF8.self)) : nil }
      guard numbers.count == 3, let label = numbers[0], let start = numbers[1],
        let stop = numbers[2], (1...255).contains(label), start >= 0, start <= stop
      else {
        throw .damagedEvents(
          path, at: offset,
          "“\(String(decoding: line.prefix(60), as: UTF8.self).excerptOfFile)” is not a class from 1, a start and "
            + "a later end in microseconds, between commas", "put the original file in its place")
      }
      trials.append(Trial(label: Int(label), start: start, end: stop))
    }
    self.trials = trials
  }
}

extension EventStream {
  /// The events of each trial; times stay those of the recording.
  public func trials(_ labels: GestureLabels) -> [(label: Int, events: EventStream)] {
    labels.trials.map { ($0.label, part(from: $0.start, to: $0.end)) }
  }
}
