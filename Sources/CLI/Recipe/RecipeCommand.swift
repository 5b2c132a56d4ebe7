internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import Foundation

struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe",
    abstract: "Shows, explains, checks and compares recipes.",
    subcommands: [
      RecipeShowCommand.self, RecipeKeysCommand.self, RecipeCheckCommand.self,
      RecipeDiffCommand.self,
    ])
}

struct RecipeShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Prints a recipe with every setting spelled out.",
    discussion: "What it prints is a recipe itself, for a file of your own.")

  @OptionGroup var subject: SubjectOptions

  @Flag(help: "Prints one JSON object instead of YAML.")
  var json = false

  func run() throws {
    let (recipe, _) = try subject.load()
    Console.raw(json ? recipe.json.description + "\n" : recipe.yaml)
  }
}

struct RecipeCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract:
      "Checks a recipe without training: keys, values, and whether the network fits the data.",
    discussion: """
      The exit status is 0 for a recipe that can be trained by, and 78 for one that cannot. The data \
      themselves are looked at only where a folder of your own decides the input's shape.
      """)

  @Argument(
    help: ArgumentHelp("A recipe's file or name.", valueName: "recipe"),
    completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @OptionGroup var changes: RecipeChanges
  @OptionGroup var place: DataFolderOption
  @OptionGroup var output: QuietOption

  func run() throws {
    let recipe = try changes.recipe(recipe)
    let form: DataForm
    do {
      form = try DataSet.form(of: recipe, folder: place.data)
    } catch {
      guard error.code == .missingData, place.data == nil else { throw error }
      if !output.quiet {
        Console.line(
          "“\(recipe.name.excerpt)” is well-formed; whether the network fits the data is open, as "
            + "\(recipe.data.set) is not here (--data FOLDER)")
      }
      return
    }
    let plan = try form.plan(recipe)
    if !output.quiet {
      Console.line(
        "“\(recipe.name.excerpt)” can be trained: \(plan.weightCount.grouped) weights, input "
          + plan.inputShape.map { "\($0)" }.joined(separator: "×"))
    }
  }
}

struct RecipeDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares two recipes and prints the settings that differ.")

  @Argument(
    help: ArgumentHelp(
      "A recipe's file or name, a checkpoint or a run folder.", valueName: "recipe"),
    completion: .file())
  var first: String

  @Argument(help: ArgumentHelp("The other one.", valueName: "other recipe"), completion: .file())
  var second: String

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func run() throws {
    let pairs = zip(try Self.settings(of: first), try Self.settings(of: second))
      .filter { $0.0.value != $0.1.value }
    if json {
      let line = JSONLine(
        pairs.map { pair in
          JSONLine.Member(pair.0.key, .array([.string(pair.0.value), .string(pair.1.value)]))
        })
      Console.line(line.description)
      return
    }
    if pairs.isEmpty { Console.line("the recipes are equal") }
    for (one, other) in pairs {
      Console.line(one.key)
      Console.line("  < \(one.value)")
      Console.line("  > \(other.value)")
    }
  }

  private static func settings(of name: String) throws -> [(key: String, value: String)] {
    try SubjectOptions.load(name, .none).0.settings
  }
}
