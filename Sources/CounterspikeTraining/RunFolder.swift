public import Counterspike
internal import Foundation

/// The folder of one run: its resolved recipe, its metrics and its checkpoints.
///
///     runs/<name>-<time>/recipe.yaml                       every key spelled out
///                        metrics.jsonl                     one line an epoch
///                        checkpoints/last.safetensors      everything needed to go on
///                        checkpoints/best.safetensors      after the epoch that the recipe's
///                                                          training.modelSelection chooses
///                        checkpoints/epoch-N.safetensors   after others of the best epochs, if any are kept
public struct RunFolder: Sendable {
  public let path: String
  /// Keeps other runs out for as long as a copy of this value exists.
  private let hold: FolderHold?

  public var recipePath: String { path + "/recipe.yaml" }
  public var metricsPath: String { path + "/metrics.jsonl" }
  public var lastCheckpointPath: String { path + "/checkpoints/last.safetensors" }
  public var bestCheckpointPath: String { path + "/checkpoints/best.safetensors" }

  /// Where the checkpoint after an epoch, counted from 1, is kept if it is one of the best.
  public func checkpointPath(epoch: Int) -> String {
    "\(path)/checkpoints/epoch-\(epoch).safetensors"
  }

  /// The checkpoint that speaks for the run: that of the epoch which `training.modelSelection` chooses or,
  /// before the first one is over, the last one.
  public var chosenCheckpointPath: String {
    let hasBest = FileManager.default.fileExists(atPath: bestCheckpointPath)
    return hasBest ? bestCheckpointPath : lastCheckpointPath
  }

  /// Removes the checkpoints that are kept by their epoch, but for some.
  func removeCheckpoints(but epochs: [Int]) {
    let folder = path + "/checkpoints"
    let kept = Set(epochs.map { "epoch-\($0).safetensors" })
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.wholeMatch(of: /epoch-[0-9]+\.safetensors/) != nil && !kept.contains(name) {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// A new folder for a run of `recipe`, which is yet to be written to it. No other run gets it, in
  /// this or another process, for as long as a copy of this value exists.
  ///
  /// - Parameter path: where; `nil`: `runs/<name>-<time>` in the current folder.
  /// - Throws: `unwritableFile`, also when the folder holds a run already; `unreadableFile`.
  public init(creating path: String?, for recipe: Recipe) throws(CounterspikeError) {
    let path = path ?? Self.freshPath(recipe.name)
    self.path = path
    guard !path.isEmpty else {
      throw CounterspikeError(
        .unwritableFile, "the run folder has no name; name one", remedy: .nameRunFolder)
    }
    try Self.refuseWritingOver(path)
    try Self.refuseLinks(in: path)
    do {
      try NewFolder.make(path + "/checkpoints")
    } catch {
      throw CounterspikeError(
        .unwritableFile,
        "the run folder “\(path.excerpt)” cannot be created: \(Self.reason(error, path)); name another",
        remedy: .nameRunFolder, cause: error)
    }
    hold = try FolderHold(
      path, use: "trained in", remedy: "name another folder")
    Self.clearLeftovers(in: path)
    // Another run may have begun and ended here meanwhile.
    try Self.refuseWritingOver(path)
    try AtomicFile.write([], to: metricsPath)
  }

  /// - Throws: `unwritableFile` when the folder holds a run already, or another recipe.
  private static func refuseWritingOver(_ path: String) throws(CounterspikeError) {
    if isRun(path) {
      throw CounterspikeError(
        .unwritableFile,
        "“\(path.excerpt)” holds a run already; go on with it, or name another folder",
        remedy: .resumeRun)
    }
    let recipe = path + "/recipe.yaml"
    if FileManager.default.fileExists(atPath: recipe) {
      throw CounterspikeError(
        .unwritableFile,
        "“\(recipe.excerpt)” would be written over, and is no run's; name another folder",
        remedy: .nameRunFolder)
    }
  }

  /// The folder of a run that was begun before, to look at.
  ///
  /// - Parameter path: the folder, or a checkpoint in it.
  /// - Throws: `unreadableFile` when there is no run.
  public init(existing path: String) throws(CounterspikeError) {
    self.path = Self.folder(of: path)
    hold = nil
    guard !path.isEmpty, FileManager.default.fileExists(atPath: lastCheckpointPath) else {
      throw CounterspikeError(
        .unreadableFile,
        "there is no run in “\(self.path.excerpt)”: it has no checkpoints/last.safetensors; name a run's "
          + "folder")
    }
  }

  /// The folder of a run that was begun before, to go on with. No other run gets it for as long as a
  /// copy of this value exists; read the checkpoint only now, as another run may have gone on before.
  ///
  /// - Parameter path: the folder, or a checkpoint in it.
  /// - Throws: `unreadableFile` when there is no run; `unwritableFile` when another run has it.
  public init(resuming path: String) throws(CounterspikeError) {
    self = try RunFolder(existing: path).held()
  }

  /// Refuses to write on where the folder was removed, or replaced by another of the same name.
  ///
  /// - Throws: `unwritableFile`.
  func checkInPlace() throws(CounterspikeError) {
    guard let hold, !hold.isInPlace else { return }
    let isThere = FileManager.default.fileExists(atPath: path)
    throw CounterspikeError(
      .unwritableFile,
      "the run folder “\(path.excerpt)” was \(isThere ? "replaced by another" : "removed") while the run "
        + "trained in it; the run ends, as it would write into what is not its own: begin a new run"
    )
  }

  /// Refuses a run folder whose parts are links: what is written would land elsewhere.
  ///
  /// - Throws: `unwritableFile`.
  private static func refuseLinks(in path: String) throws(CounterspikeError) {
    for part in ["checkpoints", "metrics.jsonl", "recipe.yaml", "run.json"] {
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(part)")
      guard attributes?[.type] as? FileAttributeType == .typeSymbolicLink else { continue }
      throw CounterspikeError(
        .unwritableFile,
        "“\("\(path)/\(part)".excerpt)” is a link, and a run writes into its own folder only; put what it "
          + "leads to in its place")
    }
  }

  /// The folder, with other runs kept out.
  ///
  /// - Throws: `unwritableFile` when another run has it, or parts of it are links; `unreadableFile`.
  func held() throws(CounterspikeError) -> RunFolder {
    if hold != nil { return self }
    try Self.refuseLinks(in: path)
    defer { Self.clearLeftovers(in: path) }
    return RunFolder(
      path: path,
      hold: try FolderHold(
        path, use: "trained in", remedy: "wait until it ends, or stop it"))
  }

  /// Removes what a run that was killed while it wrote left behind.
  private static func clearLeftovers(in path: String) {
    for folder in [path, path + "/checkpoints"] { AtomicFile.clearLeftovers(in: folder) }
  }

  private init(path: String, hold: FolderHold) {
    self.path = path
    self.hold = hold
  }

  /// Whether `path` is a folder that a run was begun in.
  public static func isRun(_ path: String) -> Bool {
    !path.isEmpty
      && FileManager.default.fileExists(atPath: path + "/checkpoints/last.safetensors")
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

  /// Why the folder could not be created. Foundation has no words for a file that stands where a folder
  /// is to be, and puts a sentence of its own before the operating system's.
  private static func reason(_ error: any Error, _ path: String) -> String {
    let files = FileManager.default
    var ancestor = URL(fileURLWithPath: path)
    while !files.fileExists(atPath: ancestor.path) { ancestor.deleteLastPathComponent() }
    if !files.fileExists(atPath: ancestor.path + "/.") {
      return "“\(ancestor.path.excerpt)” is a file"
    }
    let words = (error as NSError).localizedFailureReason ?? error.localizedDescription
    return words.hasSuffix(".") ? String(words.dropLast()) : words
  }

  /// A folder `runs/<name>-<time>` that does not exist yet.
  package static func freshPath(_ name: String) -> String {
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

  /// Refuses to go on by another recipe than the one in the folder: who edited it expects it to count.
  ///
  /// - Throws: `mismatch`.
  public func checkRecipe(of checkpoint: Checkpoint) throws(CounterspikeError) {
    guard FileManager.default.fileExists(atPath: recipePath) else { return }
    var written = try? Recipe(contentsOf: recipePath)
    // A run that was killed while it was made longer.
    written?.training.epochs = checkpoint.recipe.training.epochs
    guard written != checkpoint.recipe else { return }
    throw CounterspikeError(
      .mismatch,
      "“\(recipePath.excerpt)” is no longer the recipe that the run began with, and a run goes on as it began; "
        + "delete the file to go on, or begin a new run with a copy of it")
  }

  /// Writes the resolved recipe.
  ///
  /// - Throws: `unwritableFile`.
  public func write(_ recipe: Recipe) throws(CounterspikeError) {
    try checkInPlace()
    try AtomicFile.write(Array(recipe.yaml.utf8), to: recipePath)
  }

  /// Adds an epoch's line to the metrics.
  ///
  /// - Throws: `unwritableFile`.
  public func append(_ report: EpochReport) throws(CounterspikeError) {
    try checkInPlace()
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

  /// The epochs up to `epoch` that the metrics have no line of, as a file that was cut or edited.
  ///
  /// - Throws: `unreadableFile`, `damagedFile`.
  func missingMetrics(upTo epoch: Int) throws(CounterspikeError) -> [Int] {
    var missing = Set(1..<(max(epoch, 0) + 1))
    guard FileManager.default.fileExists(atPath: metricsPath) else { return missing.sorted() }
    for line in try JSONLine.lines(in: metricsPath) {
      if let epoch = line["epoch"]?.integerValue { missing.remove(epoch) }
    }
    return missing.sorted()
  }
}

extension EpochReport {
  /// The line of `metrics.jsonl`.
  package var metrics: JSONLine {
    var members: JSONLine = [
      "epoch": .integer(epoch), "step": .integer(step), "loss": .number(loss),
      trainRMSE == nil ? "trainAccuracy" : "trainRMSE": .number(trainRMSE ?? trainAccuracy),
    ]
    if let split, let evaluationLoss, let evaluationAccuracy {
      let name = evaluationRMSE == nil ? "Accuracy" : "RMSE"
      let judged: JSONLine = [
        "\(split.rawValue)Loss": .number(evaluationLoss),
        "\(split.rawValue)\(name)": .number(evaluationRMSE ?? evaluationAccuracy),
      ]
      members = JSONLine(members.members + judged.members)
    }
    let rest: JSONLine = [
      "learningRate": .number(Double("\(learningRate)") ?? Double(learningRate)),
      "firingRates": .object(
        JSONLine(firingRates.map { JSONLine.Member($0.layer, .number($0.rate)) })),
      "samplesPerSecond": .number(samplesPerSecond.rounded()),
      "seconds": .number((seconds * 1000).rounded() / 1000),
    ]
    return JSONLine(members.members + rest.members)
  }
}
