internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeTraining

/// Predictions as text, which appear one by one, as a table of comma-separated values, or as JSON.
struct PredictionListing {
  enum Form { case text, table, json }

  let classNames: [String]
  let form: Form
  let timeSteps: Int
  private var objects: [JSONLine.Value] = []

  init(classNames: [String], form: Form, timeSteps: Int) {
    self.classNames = classNames
    self.form = form
    self.timeSteps = timeSteps
  }

  func begin() {
    guard form == .table else { return }
    let columns =
      ["file", "sample", "class", "score", "runner-up", "runner-up score", "decided at"]
      + classNames.map { "score \($0)" } + classNames.map { "spikes \($0)" }
    Console.line(columns.map(\.tableField).joined(separator: ","))
  }

  /// - Parameter index: the sample's place in a file that holds several.
  mutating func add(_ sample: Prediction, of file: String, index: Int?) {
    let name = classNames[sample.prediction]
    let other = classNames[sample.runnerUp]
    let (score, next) = (sample.scores[sample.prediction], sample.scores[sample.runnerUp])
    switch form {
    case .text:
      let place = file.excerpt + (index.map { " [\($0)]" } ?? "")
      let decided =
        sample.decisionStep.map { "decided at step \($0) of \(timeSteps)" }
        ?? "undecided: all scores are the same"
      Console.line(
        "\(place): \(name.excerpt)  score \(Double(score).fixed(4)), then \(other.excerpt) "
          + "\(Double(next).fixed(4)); \(decided)")
    case .table:
      let fields =
        [file, "\(index ?? 0)", name, "\(score)", other, "\(next)"]
        + [sample.decisionStep.map { "\($0)" } ?? ""]
        + sample.scores.map { "\($0)" } + sample.spikes.map { "\($0)" }
      Console.line(fields.map(\.tableField).joined(separator: ","))
    case .json:
      func number(_ value: Float) -> JSONLine.Value { .number(Double("\(value)") ?? Double(value)) }
      objects.append(
        .object([
          "file": .string(file), "sample": .integer(index ?? 0), "class": .string(name),
          "score": number(score), "runnerUp": .string(other), "runnerUpScore": number(next),
          "decidedAt": sample.decisionStep.map { .integer($0) } ?? .null,
          "scores": .array(sample.scores.map(number)),
          "spikes": .array(sample.spikes.map { .integer($0) }),
        ]))
    }
  }

  func end(checkpoint: String, microsecondsPerStep: Double, isQuiet: Bool) {
    switch form {
    case .text:
      if !isQuiet { Console.line("\(microsecondsPerStep.fixed(1)) µs a time step") }
    case .table: break
    case .json:
      let line: JSONLine = [
        "checkpoint": .string(checkpoint), "classes": .array(classNames.map { .string($0) }),
        "timeSteps": .integer(timeSteps), "microsecondsPerStep": .number(microsecondsPerStep),
        "predictions": .array(objects),
      ]
      Console.line(line.description)
    }
  }
}
