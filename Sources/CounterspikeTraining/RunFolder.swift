public import Counterspike
internal import Foundation

/// The folder of one run: its resolved recipe, its metrics and its checkpoints.
///
///     runs/<name>-<time>/recipe.yaml                       every key spelled out
///                        metrics.jsonl                     one line an epoch
///                        checkpoints/last.safetensors      everything needed to go on
///                        checkpoints/best.safetensors      after the best epoch
public struct RunFolder: Sendable {
  public let path: String

  public var recipePath: String { path + "/recipe.yaml" }
  public var metricsPath: String { path + "/metrics.jsonl" }
  public var lastCheckpointPath: String { path + "/checkpoints/last.safetensors" }
  public var bestCheckpointPath: String { path + "/checkpoints/best.safetensors" }

  /// A new folder for a run of `recipe`, which is yet to be written to it.
  ///
  /// - Parameter path: where; `nil`: `runs/<name>-<time>` in the current folder.
  /// - Throws: `unwritableFile`, also when the folder holds a run already.
  public init(creating path: String?, for recipe: Recipe) throws(CounterspikeError) {
    self.path = path ?? Self.freshPath(recipe.name)
    let files = FileManager.default
    if Self.isRun(self.path) {
      throw CounterspikeError(
        .unwritableFile,
        "“\(self.path)” holds a run already; go on with it by --resume \(self.path), or name "
          + "another folder with --output")
    }
    if files.fileExists(atPath: recipePath) {
      throw CounterspikeError(
        .unwritableFile,
        "“\(recipePath)” would be written over, and is no run's; name another folder with --output")
    }
    do {
      try files.createDirectory(
        atPath: self.path + "/checkpoints", withIntermediateDirectories: true)
    } catch {
      throw CounterspikeError(
        .unwritableFile,
        "the run folder “\(self.path)” cannot be created: \(error.localizedDescription); name another with "
          + "--output", cause: error)
    }
    try AtomicFile.write([], to: metricsPath)
  }

  /// The folder of a run that was begun before.
  ///
  /// - Parameter path: the folder, or a checkpoint in it.
  /// - Throws: `unreadableFile` when there is no run.
  public init(existing path: String) throws(CounterspikeError) {
    let folder = Self.folder(of: path)
    self.path = folder
    guard FileManager.default.fileExists(atPath: lastCheckpointPath) else {
      throw CounterspikeError(
        .unreadableFile,
        "there is no run to resume in “\(folder)”: it has no checkpoints/last.safetensors; name a folder "
          + "that `counterspike train` wrote")
    }
  }

  /// Whether `path` is a folder that a run was begun in.
  public static func isRun(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/checkpoints/last.safetensors")
  }

  /// The run's folder of a path to it, or to one of its checkpoints.
  private static func folder(of path: String) -> String {
    func parent(_ path: String) -> String {
      guard let slash = path.lastIndex(of: "/") else { return "." }
      return slash == path.startIndex ? "/" : String(path[..<slash])
    }
    guard path.hasSuffix(".safetensors") else {
      var trimmed = path
      while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed.removeLast() }
      return trimmed
    }
    let checkpoints = parent(path)
    return checkpoints == "." ? ".." : parent(checkpoints)
  }

  private static func freshPath(_ name: String) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    let base = "runs/\(name)-\(formatter.string(from: Date()))"
    var path = base
    var number = 2
    while FileManager.default.fileExists(atPath: path) {
      path = "\(base)-\(number)"
      number += 1
    }
    return path
  }

  /// Keeps other runs out of this folder.
  func hold() throws(CounterspikeError) -> FolderHold {
    try FolderHold(path, use: "trained in")
  }

  /// Writes the resolved recipe.
  ///
  /// - Throws: `unwritableFile`.
  public func write(_ recipe: Recipe) throws(CounterspikeError) {
    try AtomicFile.write(Array(recipe.yaml.utf8), to: recipePath)
  }

  /// Adds an epoch's line to the metrics.
  ///
  /// - Throws: `unwritableFile`.
  public func append(_ report: EpochReport) throws(CounterspikeError) {
    try report.metrics.appendLine(to: metricsPath)
  }

  /// Cuts the metrics off behind epoch `epoch`: what comes after is trained again.
  ///
  /// - Throws: `unreadableFile`, `damagedFile`, `unwritableFile`.
  public func keepMetrics(upTo epoch: Int) throws(CounterspikeError) {
    guard FileManager.default.fileExists(atPath: metricsPath) else { return }
    try JSONLine.keepLines(in: metricsPath) { line in
      (line["epoch"]?.integerValue ?? .max) <= epoch
    }
  }
}

extension EpochReport {
  /// The line of `metrics.jsonl`.
  package var metrics: JSONLine {
    [
      "epoch": .integer(epoch), "step": .integer(step), "loss": .number(loss),
      "trainAccuracy": .number(trainAccuracy), "\(split.rawValue)Loss": .number(evaluationLoss),
      "\(split.rawValue)Accuracy": .number(evaluationAccuracy),
      "learningRate": .number(Double("\(learningRate)") ?? Double(learningRate)),
      "firingRates": .object(
        JSONLine(firingRates.map { JSONLine.Member($0.layer, .number($0.rate)) })),
      "samplesPerSecond": .number(samplesPerSecond.rounded()),
      "seconds": .number((seconds * 1000).rounded() / 1000),
    ]
  }
}
