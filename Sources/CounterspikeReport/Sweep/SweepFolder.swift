package import Counterspike
internal import Foundation
internal import Yams

/// The folder of a sweep.
///
///     sweeps/<name>/sweep.yaml     which settings are varied, and how
///                   recipe.yaml    what all runs have in common, every key spelled out
///                   failures.jsonl a line a run that cannot be trained
///                   01, 02, …      the runs' folders
package struct SweepFolder: Sendable {
  package let path: String
  package let plan: SweepPlan
  private let hold: FolderHold

  package func path(of run: SweepPlan.Run) -> String { "\(path)/\(run.name)" }
  package var recipePath: String { path + "/recipe.yaml" }
  private static func planPath(_ path: String) -> String { path + "/sweep.yaml" }
  private var failuresPath: String { path + "/failures.jsonl" }

  /// A new folder for a sweep, held as long as this value exists.
  ///
  /// - Throws: `unwritableFile`, also when the folder holds something already; `unreadableFile`.
  package init(creating path: String, for plan: SweepPlan) throws(CounterspikeError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    guard names.isEmpty else {
      throw CounterspikeError(
        .unwritableFile,
        WholeFile.status(of: Self.planPath(path)) == nil
          ? "“\(path.excerpt)” holds files already; name another folder for the sweep"
          : "“\(path.excerpt)” holds a sweep already; go on with it, or name another folder",
        remedy: .resumeSweep)
    }
    do {
      try NewFolder.make(path)
    } catch {
      throw CounterspikeError(
        .unwritableFile,
        "the folder “\(path.excerpt)” cannot be created; check the permissions, or name another",
        cause: error)
    }
    hold = try FolderHold(path, use: "used", remedy: "name another folder")
    self.path = path
    self.plan = plan
    try AtomicFile.write(Array(plan.recipe.yaml.utf8), to: recipePath)
    try AtomicFile.write(Array(Self.yaml(plan).utf8), to: Self.planPath(path))
  }

  /// The folder of a sweep that was begun before, held as long as this value exists.
  ///
  /// - Throws: `unreadableFile` when there is no sweep; `unwritableFile` when another process works on it;
  ///   `invalidRecipe`.
  package init(resuming path: String) throws(CounterspikeError) {
    guard WholeFile.status(of: Self.planPath(path)) != nil else {
      throw CounterspikeError(
        .unreadableFile,
        "there is no sweep in “\(path.excerpt)”: it has no sweep.yaml; name a sweep's folder")
    }
    hold = try FolderHold(path, use: "used", remedy: "wait until it ends, or stop it")
    self.path = path
    plan = try Self.plan(in: path)
  }

  // MARK: sweep.yaml

  private static func yaml(_ plan: SweepPlan) -> String {
    let axes = plan.axes.map { axis in
      "  - '\(axis.text.replacing("'", with: "''"))'\n"
    }
    return """
      over:
      \(axes.joined())random: \(plan.drawnCount.map { "\($0)" } ?? "null")
      halving: \(plan.isHalving)

      """
  }

  private static func plan(in path: String) throws(CounterspikeError) -> SweepPlan {
    let file = planPath(path)
    func damaged(_ what: String) -> CounterspikeError {
      CounterspikeError(
        .damagedFile, "“\(file.excerpt)” \(what); begin a new sweep, or put the file right")
    }
    let text = String(decoding: try WholeFile.bytes(of: file), as: UTF8.self)
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw damaged("is no YAML: \("\(error)".excerpt)")
    }
    guard let root, let items = root["over"]?.sequence else { throw damaged("has no list “over”") }
    var axes: [SweepAxis] = []
    for item in items {
      guard let axis = item.scalar?.string else { throw damaged("has an axis that is no text") }
      axes.append(try SweepAxis(axis))
    }
    let random = root["random"]?.scalar?.string ?? "null"
    guard random == "null" || Int(random) != nil else { throw damaged("has no number “random”") }
    let halving = root["halving"]?.scalar?.string ?? "false"
    guard ["true", "false"].contains(halving) else {
      throw damaged("has neither true nor false for “halving”")
    }
    return try SweepPlan(
      Recipe(contentsOf: path + "/recipe.yaml"), axes: axes, drawnCount: Int(random),
      isHalving: halving == "true")
  }

  // MARK: Runs

  /// Notes that a run cannot be trained, so that it is not tried again.
  ///
  /// - Throws: `unwritableFile`.
  package func note(
    failureOf run: SweepPlan.Run, _ message: String
  ) throws(CounterspikeError) {
    let line: JSONLine = ["run": .string(run.name), "message": .string(message)]
    try line.appendLine(to: failuresPath)
  }

  /// The runs that cannot be trained, by name, and why.
  package var failures: [String: String] {
    let lines = (try? JSONLine.lines(in: failuresPath)) ?? []
    return Dictionary(
      lines.compactMap { line in
        line["run"]?.stringValue.map { ($0, line["message"]?.stringValue ?? "") }
      }, uniquingKeysWith: { $1 })
  }

  /// What the folders say now.
  package var summaries: [String: RunSummary] {
    Dictionary(
      plan.runs.filter { WholeFile.status(of: path(of: $0)) != nil }
        .map { ($0.name, RunSummary(path(of: $0))) }, uniquingKeysWith: { $1 })
  }
}
