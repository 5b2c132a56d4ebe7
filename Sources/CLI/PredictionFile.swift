internal import Counterspike
internal import CounterspikeTraining

/// What a network says of each sample, as JSON lines or as a table of comma-separated values.
struct PredictionFile {
  private let classNames: [String]
  /// The names of the samples' files, if they have any.
  private let names: [String]?
  private let isTable: Bool
  private var bytes: [UInt8] = []

  static let endings = [".jsonl", ".csv"]

  /// - Parameter path: decides the form by its ending.
  init(_ path: String, classNames: [String], names: [String]?) {
    self.classNames = classNames
    self.names = names
    isTable = path.lowercased().hasSuffix(".csv")
    if isTable {
      let columns =
        ["sample"] + (names == nil ? [] : ["name"]) + ["label", "prediction"]
        + classNames.map { "score \($0)" } + classNames.map { "spikes \($0)" }
      append(columns)
    }
  }

  mutating func append(_ sample: SamplePrediction) {
    let label = classNames[sample.label]
    let prediction = classNames[sample.prediction]
    if isTable {
      append(
        ["\(sample.index)"] + (names.map { [$0[sample.index]] } ?? []) + [label, prediction]
          + sample.scores.map { "\($0)" } + sample.spikes.map { "\($0)" })
      return
    }
    var line: JSONLine = ["sample": .integer(sample.index)]
    if let names {
      line = JSONLine(line.members + [JSONLine.Member("name", .string(names[sample.index]))])
    }
    let rest: JSONLine = [
      "label": .string(label), "prediction": .string(prediction),
      "scores": .array(sample.scores.map { .number(Double("\($0)") ?? Double($0)) }),
      "spikes": .array(sample.spikes.map { .integer($0) }),
    ]
    bytes += JSONLine(line.members + rest.members).encoded() + [UInt8(ascii: "\n")]
  }

  private mutating func append(_ row: [String]) {
    bytes += row.map(\.tableField).joined(separator: ",").utf8
    bytes.append(UInt8(ascii: "\n"))
  }

  /// - Throws: `unwritableFile`.
  func write(to path: String) throws(CounterspikeError) {
    try AtomicFile.write(bytes, to: path)
  }
}

extension String {
  /// The text as a field of comma-separated values, in quotes where it must be (RFC 4180).
  var tableField: String {
    guard utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return self }
    return "\"" + replacing("\"", with: "\"\"") + "\""
  }
}
