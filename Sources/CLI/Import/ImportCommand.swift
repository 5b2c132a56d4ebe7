internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeInterchange
internal import CounterspikeTraining
internal import Foundation

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "A network of another program, as a checkpoint to evaluate, train and trace.",
    discussion: """
      A graph of the Neuromorphic Intermediate Representation (.nir) says its network itself; of weights \
      of PyTorch (.safetensors) the recipe must. `train RECIPE --from CHECKPOINT` goes on training it. \
      docs/interoperability.md says what is exact from which program.
      """)

  @Argument(
    help: ArgumentHelp("A file .nir or .safetensors.", valueName: "file"),
    completion: .file(extensions: ["nir", "safetensors"]))
  var file: String

  @Option(
    help: ArgumentHelp(
      "The recipe, by file or name, of data, loss and training, and of the network where the file does "
        + "not say it.", valueName: "recipe"))
  var recipe: String?

  @OptionGroup var changes: SettingChanges

  @Option(
    help: ArgumentHelp(
      "Seconds of a time step in a .nir file, by which its time constants become numbers of steps.",
      valueName: "seconds"))
  var timeStep = 1e-4

  @Option(
    help: ArgumentHelp(
      "Shape of one time step of a sample, for .safetensors (default: as the recipe's data set has it).",
      valueName: "C,H,W"))
  var inputShape: String?

  @Option(
    help: ArgumentHelp(
      "The checkpoint to write (default: the file's name with .checkpoint.safetensors).",
      valueName: "file"))
  var output: String?

  @OptionGroup var overwrite: OverwriteOption
  @OptionGroup var quiet: QuietOption

  func validate() throws {
    let name = file.lowercased()
    guard name.hasSuffix(".nir") || name.hasSuffix(".safetensors") || name.hasSuffix(".h5") else {
      throw ValidationError("“\(file.excerpt)” must end in .nir or .safetensors")
    }
    guard timeStep > 0, timeStep <= 1e6 else {
      throw ValidationError("--time-step is \(timeStep); it must be above 0 and at most 1e6")
    }
    if inputShape != nil, shape == nil {
      throw ValidationError("--input-shape must be three numbers such as 1,28,28")
    }
  }

  private var shape: [Int]? {
    let numbers = (inputShape ?? "").split(separator: ",").compactMap { Int($0) }
    return numbers.count == 3 && numbers.allSatisfy { $0 > 0 } ? numbers : nil
  }

  func run() throws {
    let target = output ?? "\((file as NSString).deletingPathExtension).checkpoint.safetensors"
    try overwrite.check(target)
    var recipe = try RecipeChanges.none.recipe(recipe)
    recipe = try Recipe(
      yaml: recipe.yaml, source: "the recipe", overrides: changes.settings)
    let checkpoint: Checkpoint
    if file.lowercased().hasSuffix(".safetensors") {
      let input = try shape ?? inputShape(of: recipe)
      checkpoint = try Checkpoint(stateDictionary: file, recipe: recipe, inputShape: input)
    } else {
      checkpoint = try Checkpoint(nirFile: file, recipe: recipe, timeStep: timeStep)
    }
    try checkpoint.write(to: target)
    guard !quiet.quiet else { return }
    let plan = try checkpoint.network().plan
    Console.line("wrote \(target.excerpt)")
    Console.line(
      "input \(plan.inputShape.map { "\($0)" }.joined(separator: "×")), "
        + plan.stages.map { "\($0.name) \($0.neuronShape.map { "\($0)" }.joined(separator: "×"))" }
        .joined(separator: ", "))
  }

  private func inputShape(of recipe: Recipe) throws -> [Int] {
    do {
      return try DataSet.form(of: recipe).inputShape
    } catch {
      guard error.code == .missingData else { throw error }
      throw CounterspikeError(
        .mismatch,
        "the shape of the samples is not known, as the recipe's data are not here; name it",
        remedy: .nameInputShape, cause: error)
    }
  }
}
