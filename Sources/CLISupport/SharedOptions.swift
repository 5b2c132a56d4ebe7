package import ArgumentParser
internal import CLIDrawing
package import Counterspike
package import CounterspikeData
package import CounterspikeTraining
internal import Foundation

/// Threads and data, which no result depends on.
package struct MachineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with the data set's files; without it, $COUNTERSPIKE_DATA, the system's data sets "
        + "and the cache are searched, and what is missing is downloaded.",
      valueName: "folder"))
  package var data: String?

  @Option(
    help: ArgumentHelp(
      "Worker threads (default: one a processor); they do not change the result.",
      valueName: "number"))
  package var threads: Int?

  package init() {}

  package func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); allowed are 1 to 1024")
    }
  }

  /// The options as they were given, for a command that is to find the same data again.
  package var given: [String] {
    (data.map { ["--data", $0] } ?? []) + (threads.map { ["--threads", "\($0)"] } ?? [])
  }

  package var workers: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// Loads the data of a recipe; shows downloads and unpacking on a terminal.
  ///
  /// - Parameter path: a run folder, or a checkpoint in one: what the run remembers of its data folder
  ///   counts where none is named.
  package func load(
    _ recipe: Recipe, quiet: Bool, rememberedBy path: String? = nil
  ) throws(CounterspikeError) -> DataSet {
    let folder = data == nil ? try Self.remembered(path) : data
    return try DataSet.load(recipe, folder: folder, progress: quiet ? nil : DownloadLine.show)
  }

  package static func remembered(_ path: String?) throws(CounterspikeError) -> String? {
    guard let path, let run = try? RunFolder(existing: path) else { return nil }
    return try run.rememberedDataFolder()
  }
}

/// Shows downloads and unpacking on a line that rewrites itself; nothing where there is no terminal.
package enum DownloadLine {
  package static func show(_ progress: DownloadProgress) {
    guard Console.isTerminal else { return }
    let total = progress.totalBytes.map { " of \(Int($0).megabytes)" } ?? ""
    Console.raw(
      "\r\u{1B}[K\(progress.activity.rawValue) \(progress.file.excerpt): "
        + "\(Int(progress.receivedBytes).megabytes)\(total)"
        + (progress.receivedBytes == progress.totalBytes ? "\n" : ""))
  }
}

/// Single settings that replace a recipe's own.
package struct SettingChanges: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Replaces one setting; can be given several times. `counterspike recipe keys` lists all keys.",
      valueName: "key.path=value"))
  package var settings: [String] = []

  package init() {}

  package func applied(to checkpoint: Checkpoint) throws(CounterspikeError) -> Checkpoint {
    try checkpoint.changed(by: settings)
  }
}

extension Checkpoint {
  /// The weights under the checkpoint's own recipe with some settings replaced.
  fileprivate func changed(by overrides: [String]) throws(CounterspikeError) -> Checkpoint {
    guard !overrides.isEmpty else { return self }
    return under(
      try Recipe(yaml: recipe.yaml, source: "the checkpoint's recipe", overrides: overrides))
  }
}

/// Settings that replace a recipe's own, the most frequent ones as options.
package struct RecipeChanges: ParsableArguments {
  @OptionGroup var single: SettingChanges

  @Option(
    help: ArgumentHelp(
      "Passes over the training data; short for --set training.epochs=….", valueName: "number"))
  package var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Seed of weights, order and transforms; short for --set seed=….", valueName: "number"))
  package var seed: UInt64?

  package init() {}

  /// No changes.
  package static var none: RecipeChanges {
    get throws { try RecipeChanges.parse([]) }
  }

  private var overrides: [String] {
    single.settings + (epochs.map { ["training.epochs=\($0)"] } ?? [])
      + (seed.map { ["seed=\($0)"] } ?? [])
  }

  /// The options as they were given, `--epochs` left out: a run that goes on can take that one.
  package var givenForNewRun: [String] {
    single.settings.map { "--set \($0)" } + (seed.map { ["--seed \($0)"] } ?? [])
  }

  package func applied(to checkpoint: Checkpoint) throws(CounterspikeError) -> Checkpoint {
    try checkpoint.changed(by: overrides)
  }

  /// The recipe of a checkpoint whose weights another training begins with, with the changes: without
  /// its classes, which the new data may have others of.
  package func recipe(of checkpoint: Checkpoint) throws(CounterspikeError) -> Recipe {
    var recipe = checkpoint.recipe
    recipe.data.classes = nil
    return try Recipe(yaml: recipe.yaml, source: "the checkpoint's recipe", overrides: overrides)
  }

  /// The recipe of a file or name, or the default one, with the changes.
  package func recipe(_ recipe: String?) throws(CounterspikeError) -> Recipe {
    guard let recipe else {
      // Without a name, so that it is called as its data set.
      return try Recipe(yaml: "seed: 1", source: "the default recipe", overrides: overrides)
    }
    if RunFolder.isRun(recipe) {
      throw CounterspikeError(
        .unreadableFile,
        "“\(recipe.excerpt)” is a run folder; name the recipe.yaml in it for the same settings, or resume "
          + "the run by train --resume")
    }
    // A folder may have a recipe's name by chance.
    if FileManager.default.fileExists(atPath: recipe),
      !recipe.isFolder || !Recipe.builtInNames.contains(recipe)
    {
      return try Recipe(contentsOf: recipe, overrides: overrides)
    }
    if Recipe.builtInNames.contains(recipe) {
      return try Recipe.named(recipe, overrides: overrides)
    }
    throw CounterspikeError(
      .unreadableFile,
      "there is no file “\(recipe.excerpt)” and no recipe of that name; "
        + Recipe.knownNames(near: recipe))
  }
}

/// What a command looks at: a recipe by file or name, with changes, or a checkpoint.
package struct SubjectOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A recipe's file, a recipe that comes with counterspike ("
        + Recipe.builtInNames.joined(separator: ", ")
        + "), a checkpoint, or a run folder, whose best.safetensors is then taken: the checkpoint that "
        + "training.modelSelection chooses.",
      valueName: "recipe or checkpoint"),
    completion: .file(extensions: ["yaml", "yml", "safetensors"]))
  package var subject: String?

  @OptionGroup package var changes: RecipeChanges

  package init() {}

  /// Which checkpoint is looked at; `nil`: a recipe is.
  package func checkpointPath() throws(CounterspikeError) -> String? {
    try Self.checkpointPath(of: subject)
  }

  private static func checkpointPath(of subject: String?) throws(CounterspikeError) -> String? {
    guard let path = subject,
      path.hasSuffix(".safetensors") || path.isFolder && !Recipe.builtInNames.contains(path)
    else { return nil }
    return path.isFolder ? try RunFolder(existing: path).chosenCheckpointPath : path
  }

  /// The recipe, and the checkpoint that it came with, of a run folder the chosen one.
  package func load() throws -> (Recipe, Checkpoint?) { try Self.load(subject, changes) }

  package static func load(_ subject: String?, _ changes: RecipeChanges) throws -> (
    Recipe, Checkpoint?
  ) {
    guard let file = try checkpointPath(of: subject) else {
      return (try changes.recipe(subject), nil)
    }
    let checkpoint = try changes.applied(to: Checkpoint(contentsOf: file))
    return (checkpoint.recipe, checkpoint)
  }
}
