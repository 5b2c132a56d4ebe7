internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeReport
internal import CounterspikeTraining
internal import Foundation

/// What a training shows and logs besides its metrics; no result depends on it.
struct ObservationOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Draws the curves of loss, accuracy and firing rates on a terminal; elsewhere plain lines."))
  var watch = false

  @Flag(
    name: .customLong("tensorboard"), inversion: .prefixedNo,
    help: ArgumentHelp("Logs into the run folder for TensorBoard: tensorboard --logdir runs."))
  var tensorBoard = true

  @Option(
    name: .customLong("live"), defaultAsFlag: LivePort.usual, parsing: .next,
    help: ArgumentHelp(
      "Shows the training on a page of this machine that can pause, save and stop it; --live=0 takes any "
        + "free port.", valueName: "port"))
  var live: LivePort?

  @Option(
    help: ArgumentHelp(
      "Serves that page at this address, such as 0.0.0.0, so that other machines can look; its URL then "
        + "has a token (default: \(LiveView.loopback)).", valueName: "address"))
  var liveAddress: String?

  /// For a sweep that stops runs early; the schedule stays that of all epochs.
  @Option(
    help: ArgumentHelp(
      "Stops after this epoch and saves; --resume goes on.", valueName: "epoch",
      visibility: .hidden))
  var pauseAfter: Int?

  func validate() throws {
    if let live, live.number == nil {
      throw ValidationError(
        "--live is “\(live.text.excerpt)”; a port is 0 to 65535, and a recipe stands before --live")
    }
    if let liveAddress, live == nil {
      throw ValidationError("--live-address \(liveAddress) is for --live; give that, too")
    }
  }

  func isPaused(_ trainer: Trainer) -> Bool {
    pauseAfter.map { trainer.completedEpochs >= $0 } ?? false
  }

  /// The page of the run; `nil`: none is asked for.
  func liveView(_ run: TrainingRun, _ data: DataSet) throws(CounterspikeError) -> LiveView? {
    guard live != nil else { return nil }
    return try LiveView(run, samples: data.test, address: address, port: port)
  }

  /// Refuses a page that cannot be served, before there is a run.
  func checkLive() throws(CounterspikeError) {
    if live != nil { try LiveView.check(address: address, port: port) }
  }

  private var address: String { liveAddress ?? LiveView.loopback }
  /// The usual port is no wish: another does as well.
  private var port: UInt16? { live == .usual ? nil : live?.number }

  func display(_ line: ProgressLine, quiet: Bool) -> WatchDisplay {
    WatchDisplay(line, isDrawing: watch && !quiet && Console.isTerminal)
  }

  /// Runs `body`, which tells of its events for the log.
  func observing(
    _ run: TrainingRun, _ data: DataSet,
    _ body: ((TrainingEvent) -> Void) throws -> TrainingOutcome
  ) throws -> TrainingOutcome {
    guard tensorBoard else { return try body { _ in } }
    let writer = TensorBoardWriter(run, samples: data.test) { failure in
      Console.error(
        "counterspike: \(failure.message); the training goes on without the log for TensorBoard")
    }
    do {
      let outcome = try body { writer.record($0) }
      writer.close(outcome)
      return outcome
    } catch {
      writer.close(nil)
      throw error
    }
  }
}

/// The port of the live page, as it was written.
struct LivePort: ExpressibleByArgument, Equatable {
  let text: String

  /// Never `nil`: what is no number would be taken for a flag without a value.
  init?(argument: String) { text = argument }

  private init(_ number: UInt16) { text = "\(number)" }

  static let usual = LivePort(LiveView.defaultPort)

  var number: UInt16? { UInt16(text) }
  var defaultValueDescription: String { text }
}

/// A progress line, on a terminal with the curves of the epochs above it.
final class WatchDisplay {
  private let line: ProgressLine
  private let isDrawing: Bool
  private var curves: [(name: String, values: [Double])] = []
  private var drawnLines = 0

  init(_ line: ProgressLine, isDrawing: Bool) {
    self.line = line
    self.isDrawing = isDrawing
  }

  func show(_ event: TrainingEvent) {
    guard isDrawing, case .epochEnded(let report) = event else { return line.show(event) }
    line.clear()
    if drawnLines > 0 { Console.raw("\u{1B}[\(drawnLines)A\u{1B}[J") }
    line.show(event)
    note(report.metrics)
    let lines = Self.lines(curves)
    // What is longer than the terminal is wide is cut off: it would be two lines to move up by.
    for text in lines { Console.raw("\u{1B}[?7l\(text)\u{1B}[?7h\n") }
    drawnLines = lines.count
  }

  func clear() { line.clear() }

  /// Takes up an epoch's numbers.
  private func note(_ metrics: JSONLine) {
    func add(_ name: String, _ value: Double) {
      if let index = curves.firstIndex(where: { $0.name == name }) {
        curves[index].values.append(value)
      } else {
        curves.append((name, [value]))
      }
    }
    for member in metrics.members {
      if case .object(let rates) = member.value {
        for rate in rates.members {
          if let value = rate.value.doubleValue { add("rate \(rate.key)", value) }
        }
      } else if let value = member.value.doubleValue,
        member.key.lowercased().hasSuffix("loss")
          || ["Accuracy", "RMSE"].contains(where: member.key.hasSuffix)
      {
        add(member.key, value)
      }
    }
  }

  /// A line a curve, of at most 80 columns: name, curve, the last value.
  static func lines(_ curves: [(name: String, values: [Double])]) -> [String] {
    let width = curves.map(\.name.count).max() ?? 0
    return curves.map { name, values in
      let space = String(repeating: " ", count: width - name.count)
      let last = values.last.map { $0.fixed(4) } ?? ""
      return String("\(name)\(space)  \(Sparkline.text(values, columns: 40))  \(last)".prefix(80))
    }
  }
}

/// A curve as a line of text.
enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// The values from the smallest, a low block, to the largest, a full one; a value that is no finite
  /// number is a gap.
  ///
  /// - Parameter columns: the most characters; of more values, each character is the mean of several.
  static func text(_ values: [Double], columns: Int) -> String {
    let group = max(1, (values.count + columns - 1) / columns)
    let means = stride(from: 0, to: values.count, by: group).map { first in
      let part = values[first..<min(first + group, values.count)]
      return part.reduce(0, +) / Double(part.count)
    }
    let finite = means.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else {
      return String(repeating: " ", count: means.count)
    }
    return String(
      means.map { value in
        guard value.isFinite else { return " " }
        guard high > low else { return blocks[3] }
        return blocks[min(7, Int(8 * (value - low) / (high - low)))]
      })
  }
}
