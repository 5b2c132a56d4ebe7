package import Counterspike
internal import CounterspikeTraining
internal import Foundation

/// What a folder of a run says about the run, read without changing anything and without believing that
/// the folder is whole.
package struct RunSummary: Sendable {
  package enum State: String, Sendable, CaseIterable {
    /// All epochs are done.
    case finished
    /// Epochs are left, and no process trains it.
    case interrupted
    /// A process holds the folder.
    case running
    /// A file of the run is missing or cannot be read.
    case damaged
    /// A folder without a run.
    case foreign
    /// A folder without a file.
    case empty
  }

  package let path: String
  package let state: State
  /// What is wrong with a damaged run, on one line.
  package let problem: String?
  package let recipe: Recipe?
  /// Epochs that were over at the last checkpoint.
  package let completedEpochs: Int
  /// The lines of the metrics that can be read, one an epoch, their epochs rising.
  package let epochs: [JSONLine]
  /// Lines of the metrics that cannot be read.
  package let lostLines: Int

  /// The folder's own name.
  package var name: String {
    URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
  }

  /// - Parameter path: a folder.
  package init(_ path: String) {
    self.path = path
    let isRun = RunFolder.isRun(path)
    let recipePath = path + "/recipe.yaml"
    let files = FileManager.default
    let names = (try? files.contentsOfDirectory(atPath: path)) ?? []
    let metrics = MetricsFile(path + "/metrics.jsonl")
    epochs = metrics.epochs
    lostLines = metrics.lostLines
    var problem: String?
    var recipe: Recipe?
    do {
      if isRun || names.contains("checkpoints") { recipe = try Recipe(contentsOf: recipePath) }
    } catch {
      // A run that was ended at once has a checkpoint and no recipe yet.
      problem = error.message
    }
    self.recipe = recipe
    var position: [String: String] = [:]
    if isRun {
      do {
        position = try SafeTensorsFile.metadata(of: path + "/checkpoints/last.safetensors")
      } catch {
        problem = problem ?? error.message
      }
    }
    completedEpochs = position["epoch"].flatMap { Int($0) } ?? 0
    if FolderHold.isHeld(path) {
      state = .running
      problem = nil
    } else if isRun {
      if let recipe, problem == nil {
        state = Self.isFinished(position, recipe) ? .finished : .interrupted
      } else {
        state = .damaged
      }
    } else if names.contains("checkpoints") && names.contains("metrics.jsonl") {
      state = .damaged
      problem =
        "the run has no checkpoints/last.safetensors; it was ended before anything was saved"
    } else {
      state = names.isEmpty ? .empty : .foreign
      problem = nil
    }
    self.problem = problem
  }

  /// Whether a checkpoint's position is the end of its run.
  private static func isFinished(_ position: [String: String], _ recipe: Recipe) -> Bool {
    func number(_ key: String) -> Int { position[key].flatMap { Int($0) } ?? 0 }
    if number("epoch") >= recipe.training.epochs { return true }
    // A run may end before, when the accuracy no longer rises.
    guard let patience = recipe.setting("training.patience").flatMap({ Int($0) }),
      number("stepInEpoch") == 0
    else { return false }
    return number("epoch") - number("bestEpoch") >= patience
  }
}

// MARK: Columns

extension RunSummary {
  /// The layers in the papers' notation, where it can express them.
  package var network: String? {
    recipe.map { LayerNotation.format($0.network.layers) ?? "a list of layers" }
  }

  /// What the run can be filtered and sorted by: a column's name or a key path of the recipe.
  package func value(_ key: String) -> String? {
    switch key {
    case "name": name
    case "state": state.rawValue
    case "network": network
    case "rule": recipe?.gradient.rule.rawValue
    case "accuracy": result()?.accuracy.map { "\($0)" }
    case "rmse": result()?.rmse.map { "\($0)" }
    case "epochs": "\(completedEpochs)"
    default: recipe?.setting(key)
    }
  }

  /// The keys that ``value(_:)`` knows besides those of a recipe.
  package static let columns = ["name", "network", "rule", "accuracy", "rmse", "epochs", "state"]
}
