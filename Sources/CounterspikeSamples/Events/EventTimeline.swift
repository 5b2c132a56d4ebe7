/// Brings the events of a file into the order of time.
///
/// Cameras write times that go back: a clock is set to zero while it is recorded, a buffer holds the
/// end of the recording before, packets overtake each other. The one policy for all formats:
///
/// - Events that are late by no more than the tolerance are sorted in. It is a hundredth of the
///   file's range of times, but in 10 … 1000 µs.
/// - A few events at the beginning, later than all that follows, are left over; they are left out.
/// - A few events inside are sorted in where they lie in the recording's time, else left out.
/// - Any other step back is a clock that was set back: the time before is added to what follows.
/// - Where time goes back all the time, events are sorted.
///
/// Everything but the first is noted.
struct EventTimeline {
  /// Times beyond are refused, so that differences of times are numbers, too: 36,000 years.
  static let limit: Int64 = 1 << 60

  /// The events that are kept, in the order of time, by their places in the file; `nil`: all of them,
  /// as they stand.
  private(set) var order: [Int]?
  /// The time of each event of the file; of those that are left out, without a meaning.
  private(set) var times: [Int64]
  private(set) var notes = EventNotes()

  /// - Parameter times: in the file's order, within ±``limit``.
  /// - Complexity: O(n log n); O(n) where time never goes back.
  init(_ times: [Int64]) {
    self.times = times
    guard let low = times.min(), let high = times.max() else { return }
    let isOrdered = zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
    if !isOrdered { straighten(tolerance: max(10, min(1000, (high - low) / 100))) }
    note()
  }

  /// Events one after the other whose times never go back by more than the tolerance.
  private struct Run {
    var events: Range<Int>
    var low: Int64
    var peak: Int64
  }

  private mutating func straighten(tolerance: Int64) {
    let runs = runs(tolerance)
    var kept = [Int]()
    kept.reserveCapacity(times.count)
    if runs.count > max(16, times.count / 100) {
      notes[.unordered] = runs.count - 1
      kept = Array(times.indices)
    } else {
      kept = joined(runs, tolerance)
    }
    // The place decides between equal times: the order then does not hang on the sorting method.
    order = kept.sorted { (times[$0], $0) < (times[$1], $1) }
  }

  private func runs(_ tolerance: Int64) -> [Run] {
    var runs: [Run] = []
    var run = Run(events: 0..<0, low: .max, peak: .min)
    for (place, time) in times.enumerated() {
      if !run.events.isEmpty, time < run.peak - tolerance {
        runs.append(run)
        run = Run(events: place..<place, low: .max, peak: .min)
      }
      run.events = run.events.lowerBound..<(place + 1)
      run.low = min(run.low, time)
      run.peak = max(run.peak, time)
    }
    return runs + [run]
  }

  /// What one clock has recorded, by its own time, and what is added to it.
  private struct Clock {
    var low: Int64
    var peak: Int64
    var offset: Int64 = 0
  }

  /// Puts runs behind each other; changes the times of those behind a clock that was set back.
  ///
  /// - Returns: the places of the events that are kept.
  private mutating func joined(_ runs: [Run], _ tolerance: Int64) -> [Int] {
    // A few events, at most a sixth of a short recording.
    let few = min(max(8, times.count / 50), max(1, times.count / 6))
    var kept: [Range<Int>] = []
    var clock: Clock?
    for (index, run) in runs.enumerated() {
      let next = index + 1 < runs.count ? runs[index + 1] : nil
      guard var last = clock else {
        let isFew = run.events.count <= few
        if let next, isFew, run.low > next.peak {
          notes[.stale] += run.events.count
          continue
        }
        kept.append(run.events)
        if next != nil, isFew {
          notes[.late] += run.events.count
        } else {
          clock = Clock(low: run.low, peak: run.peak)
        }
        continue
      }
      let ahead = eventsAhead(of: run, in: kept, last, tolerance, few)
      let behind = run.events.prefix(few + 1).prefix { times[$0] < last.peak - tolerance }
      if let ahead {
        if last.peak > run.peak {
          notes[.stray] += ahead.count
          let part = kept.removeLast()
          kept.append(part.lowerBound..<ahead.lowerBound)
          last.peak = run.peak
        } else {
          notes[.late] += ahead.count
          last.peak = max(last.peak, run.peak)
        }
        keep(run.events, last.offset, in: &kept)
        clock = last
      } else if behind.count <= few, behind.count < run.events.count || next == nil {
        let isInside = behind.allSatisfy { times[$0] >= last.low }
        notes[isInside ? .late : .stray] += behind.count
        let rest = behind.endIndex..<run.events.upperBound
        keep(isInside ? run.events : rest, last.offset, in: &kept)
        last.peak = max(last.peak, run.peak)
        clock = last
      } else {
        // Of a clock that was set to zero, the time is what has passed since.
        let passed = (0...10_000).contains(run.low) ? run.low : 1
        let offset = last.peak + last.offset + passed - run.low
        guard run.peak < Self.limit - max(0, offset) else {
          notes = EventNotes()
          notes[.unordered] = runs.count - 1
          return Array(times.indices)
        }
        notes[.restart] += 1
        clock = Clock(low: run.low, peak: run.peak, offset: offset)
        keep(run.events, offset, in: &kept)
      }
    }
    return kept.flatMap { Array($0) }
  }

  /// The last few events before a step back, where time goes on without them as it was before.
  private func eventsAhead(
    of run: Run, in kept: [Range<Int>], _ clock: Clock, _ tolerance: Int64, _ few: Int
  ) -> Range<Int>? {
    guard let part = kept.last else { return nil }
    let first = times[run.events.lowerBound]
    let count = part.reversed().prefix(few + 1)
      .prefix { times[$0] - clock.offset > first + tolerance }.count
    guard (1...few).contains(count), count < part.count else { return nil }
    return (part.upperBound - count)..<part.upperBound
  }

  private mutating func keep(_ events: Range<Int>, _ offset: Int64, in kept: inout [Range<Int>]) {
    if offset != 0 { for place in events { times[place] += offset } }
    if !events.isEmpty { kept.append(events) }
  }

  /// Looks for what is odd about times in order.
  private mutating func note() {
    let ordered = (order ?? Array(times.indices)).map { times[$0] }
    guard let first = ordered.first, let last = ordered.last, ordered.count >= 16 else { return }
    let length = last - first
    let gap = zip(ordered, ordered.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
    if gap > 1_000_000, gap / 10 > length - gap { notes[.jump] = 1 }
    // A recording of hours is more often one of nanoseconds.
    let isMultiple = ordered.allSatisfy { $0 % 1000 == 0 }
    let isLong = length >= (isMultiple ? 100_000_000 : 10_000_000_000)
    if isLong, notes[.jump] == 0 { notes[.nanoseconds] = 1 }
  }
}
