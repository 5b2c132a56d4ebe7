package import Counterspike

/// What became of the events of recordings that were read and binned; kept beside them in a cache.
package struct RecordingTally: Sendable, Equatable {
  /// Recordings that something applies to.
  package struct Item: Sendable, Equatable {
    package var recordings = 0
    /// Of all of them: events, or times.
    package var total = 0
    /// The index of the first of them.
    package var first = 0

    package mutating func add(_ count: Int, of recording: Int) {
      guard count > 0 else { return }
      if recordings == 0 { first = recording }
      recordings += 1
      total += count
    }
  }

  package private(set) var recordings = 0
  /// Events that were left after denoising and cropping.
  package private(set) var events = 0
  /// Events after the last time step.
  private(set) var beyond = Item()
  /// Recordings without an event in any time step.
  private(set) var silent = Item()
  private var notes = [Item](repeating: Item(), count: EventNote.allCases.count)

  package subscript(note: EventNote) -> Item { notes[note.rawValue] }

  /// Counts the next recording.
  package mutating func add(_ notes: EventNotes, _ binned: EventBinning.Outcome) {
    for note in EventNote.allCases { self.notes[note.rawValue].add(notes[note], of: recordings) }
    events += binned.kept
    beyond.add(binned.beyond, of: recordings)
    silent.add(binned.kept == binned.beyond ? 1 : 0, of: recordings)
    recordings += 1
  }

  /// Counts the recordings of another part behind these.
  package mutating func add(_ other: RecordingTally) {
    func sum(_ item: Item, _ next: Item) -> Item {
      Item(
        recordings: item.recordings + next.recordings, total: item.total + next.total,
        first: item.recordings > 0 || next.recordings == 0 ? item.first : recordings + next.first)
    }
    events += other.events
    beyond = sum(beyond, other.beyond)
    silent = sum(silent, other.silent)
    notes = zip(notes, other.notes).map(sum)
    recordings += other.recordings
  }

  // MARK: In a file

  private static let itemCount = 2 + EventNote.allCases.count
  /// Each number takes eight bytes.
  static let byteCount = 8 * (2 + 3 * itemCount)

  package init() {}

  /// Every number, in the order in which a file has them.
  package var numbers: [Int] {
    [recordings, events]
      + ([beyond, silent] + notes).flatMap { [$0.recordings, $0.total, $0.first] }
  }

  /// - Returns: `nil` for numbers that no recordings give.
  package init?(_ numbers: [Int]) {
    guard numbers.count * 8 == Self.byteCount, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    let items = stride(from: 2, to: numbers.count, by: 3).map {
      Item(recordings: numbers[$0], total: numbers[$0 + 1], first: numbers[$0 + 2])
    }
    let count = numbers[0]
    guard items.allSatisfy({ $0.recordings <= count && ($0.first < count || $0 == Item()) }),
      items[0].total <= numbers[1]
    else { return nil }
    (recordings, events) = (count, numbers[1])
    (beyond, silent) = (items[0], items[1])
    notes = Array(items[2...])
  }

  // MARK: In words

  /// What a user should know of the recordings.
  ///
  /// - Parameter name: of the recording of an index.
  package func remarks(_ settings: EventSettings, name: (Int) -> String) -> [String] {
    var remarks = EventNote.allCases.filter { self[$0].recordings > 0 }.map { note in
      "\(text(self[note], name)): \(note.text(self[note].total))"
    }
    if beyond.total > 0 {
      let share = Double(beyond.total) / Double(events)
      let percent = share < 0.01 ? "less than 1 %" : "\(Int((100 * share).rounded())) %"
      let key = settings.slicing == .eventCount ? "eventCount" : "timeWindow"
      remarks.append(
        "\(percent) of the events lie beyond the last time step, in \(text(beyond, name)); raise "
          + "network.timeSteps or data.events.\(key) to use them")
    }
    if silent.recordings > 0 {
      remarks.append(
        "\(text(silent, name)): no event in any time step; remove them, or check data.events")
    }
    return remarks
  }

  private func text(_ item: Item, _ name: (Int) -> String) -> String {
    "\(item.recordings) of \(recordings) recordings (such as “\(name(item.first).excerpt)”)"
  }
}
