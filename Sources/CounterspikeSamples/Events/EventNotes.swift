/// What a user should know of a recording that was read.
package enum EventNote: Int, CaseIterable, Sendable {
  /// The clock was set back, and recording went on.
  case restart
  /// The first events have a time of before the recording.
  case stale
  /// Events inside the recording have a time that is none of it.
  case stray
  /// Events stand later in the file than their times say.
  case late
  /// The file is in no order of time.
  case unordered
  /// Nothing happens for longer than all the rest takes.
  case jump
  /// Times are probably not in microseconds.
  case nanoseconds
  /// Only one of several streams of events was read.
  case otherStreams

  /// The note about a recording that has `count` of it.
  package func text(_ count: Int) -> String {
    let events = count == 1 ? "1 event" : "\(count) events"
    let times = count == 1 ? "once" : "\(count) times"
    return switch self {
    case .restart:
      "the clock is set back \(times); the time before was added to the times that follow"
    case .stale: "\(events) at the beginning left over from before the recording; left out"
    case .stray: "\(events) with a time outside of the recording; left out"
    case .late: "\(events) not in the order of time; sorted in"
    case .unordered: "events in no order of time, which goes back \(times); sorted"
    case .jump: "the time jumps by more than ten times the length of the rest"
    case .nanoseconds:
      "times that are probably nanoseconds; they were taken for microseconds, divide them by 1000"
    case .otherStreams: "several streams of events; the first one is read"
    }
  }
}

/// How often each note applies to a recording.
package struct EventNotes: Sendable, Equatable {
  private var counts = [Int](repeating: 0, count: EventNote.allCases.count)

  package init() {}

  package subscript(note: EventNote) -> Int {
    get { counts[note.rawValue] }
    set { counts[note.rawValue] = newValue }
  }

  /// One text for each note that applies.
  package var texts: [String] {
    EventNote.allCases.filter { self[$0] > 0 }.map { $0.text(self[$0]) }
  }
}
