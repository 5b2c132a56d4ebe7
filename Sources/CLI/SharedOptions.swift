internal import ArgumentParser
internal import Counterspike
internal import CounterspikeData
internal import Foundation

/// Threads and data, which no result depends on.
struct MachineOptions: ParsableArguments {
  @Option(help: "Folder with the data set's files; without it, the usual places are searched.")
  var data: String?

  @Option(help: "Worker threads (default: one a processor). They do not change the result.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); allowed are 1 to 1024")
    }
  }

  var workers: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// Loads the data of a recipe, telling of downloads on a terminal.
  func load(_ recipe: Recipe, quiet: Bool) throws(CounterspikeError) -> DataSet {
    let showsProgress = !quiet && Console.isTerminal
    return try DataSet.load(recipe.data, seed: recipe.seed, folder: data) { progress in
      guard showsProgress else { return }
      let total = progress.totalBytes.map { " of \(Int($0).megabytes)" } ?? ""
      Console.raw(
        "\r\u{1B}[Kdownloading \(progress.file): \(Int(progress.receivedBytes).megabytes)\(total)"
          + (progress.receivedBytes == progress.totalBytes ? "\n" : ""))
    }
  }
}

/// A recipe by file or name, and single settings that replace its own.
struct RecipeOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A recipe's file, or the name of one that comes with counterspike: "
        + BuiltInRecipes.names.joined(separator: ", ") + ".",
      valueName: "recipe"))
  var recipe: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Replaces one setting; can be given several times. docs/recipe.md lists all keys.",
      valueName: "key.path=value"))
  var settings: [String] = []

  @Option(help: "Passes over the training data; short for --set training.epochs=….")
  var epochs: Int?

  @Option(help: "Seed of weights, order and transforms; short for --set seed=….")
  var seed: UInt64?

  private var overrides: [String] {
    settings + (epochs.map { ["training.epochs=\($0)"] } ?? [])
      + (seed.map { ["seed=\($0)"] } ?? [])
  }

  /// The options that a resumed run cannot take.
  var givenForNewRun: [String] {
    (recipe.map { ["the recipe “\($0)”"] } ?? []) + settings.map { "--set \($0)" }
      + (seed.map { ["--seed \($0)"] } ?? [])
  }

  func load() throws(CounterspikeError) -> Recipe {
    guard let recipe else {
      return try Recipe(
        yaml: Recipe().yaml, source: "the default recipe", overrides: overrides)
    }
    if FileManager.default.fileExists(atPath: recipe) {
      return try Recipe(contentsOf: recipe, overrides: overrides)
    }
    if let text = BuiltInRecipes.text(recipe) {
      return try Recipe(yaml: text, source: "the recipe \(recipe)", overrides: overrides)
    }
    throw CounterspikeError(
      .unreadableFile,
      "there is no file “\(recipe)” and no recipe of that name; counterspike comes with "
        + BuiltInRecipes.names.joined(separator: ", "))
  }
}

/// The recipes that come with the command, so that they are there wherever it is copied.
enum BuiltInRecipes {
  private static let recipes: [(name: String, bytes: [UInt8])] = [
    ("fashion-mnist", PackageResources.fashion_mnist_yaml),
    ("mnist", PackageResources.mnist_yaml),
    ("kmnist", PackageResources.kmnist_yaml),
  ]

  static var names: [String] { recipes.map(\.name) }

  static func text(_ name: String) -> String? {
    recipes.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
