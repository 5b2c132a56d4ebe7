public import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats

/// What a recipe's network is to take and to tell apart: the form of its samples, without the samples.
public struct DataForm: Sendable {
  /// The shape of one sample, `[C, H, W]` of static inputs, `[T, C, H, W]` of spike trains.
  public let sampleShape: [Int]
  /// One name per class, in the order of the labels.
  public let classNames: [String]
  /// `nil`: the catalog does not know the data set.
  private let entry: DataCatalog.Entry?

  /// The number of classes.
  public var classCount: Int { classNames.count }
  /// `[C, H, W]`
  public var inputShape: [Int] { Array(sampleShape.suffix(3)) }
  /// Whether the samples are static inputs.
  public var isStatic: Bool { sampleShape.count == 3 }

  public init(sampleShape: [Int], classNames: [String]) {
    self.init(sampleShape: sampleShape, classNames: classNames, entry: nil)
  }

  fileprivate init(sampleShape: [Int], classNames: [String], entry: DataCatalog.Entry?) {
    self.sampleShape = sampleShape
    self.classNames = classNames
    self.entry = entry
  }

  /// The network of a recipe for such samples.
  ///
  /// - Throws: `invalidRecipe` for a network that does not fit them, or has not an output neuron for each
  ///   class.
  public func plan(_ recipe: Recipe) throws(CounterspikeError) -> NetworkPlan {
    let plan = try NetworkPlan(recipe.network, inputShape: inputShape)
    try plan.check(classCount: classCount)
    return plan
  }

  /// Bytes that the samples take in memory while they are trained on; 0 for a data set that the catalog
  /// does not know.
  ///
  /// - Parameter folder: the folder that must hold the files; `nil`: the usual places are searched.
  /// - Throws: `invalidRecipe` for settings that cannot be used.
  public func residentBytes(
    _ recipe: Recipe, folder: String? = nil
  ) throws(CounterspikeError) -> Int {
    try entry?.residentBytes(
      recipe.data, timeSteps: recipe.network.timeSteps, folder: folder) ?? 0
  }
}

extension DataSet {
  /// The form of the samples that a recipe names, before they are loaded.
  ///
  /// Of a known data set the catalog says it, and of a folder of the user's own as few of its files as it
  /// takes. A data set of ``DataRegistry`` is made: only its closure knows.
  ///
  /// - Parameter folder: the folder that must hold the files; `nil`: the usual places are searched.
  /// - Throws: `invalidRecipe` for settings that cannot be used; `missingData`, `unreadableFile` or
  ///   `damagedFile` where a folder is not what it should be; what a registered closure throws.
  public static func form(
    of recipe: Recipe, folder: String? = nil
  ) throws(CounterspikeError) -> DataForm {
    let timeSteps = recipe.network.timeSteps
    if let data = try DataRegistry.load(
      recipe.data, timeSteps, seed: recipe.seed, folder: folder)
    {
      return DataForm(sampleShape: data.shape, classNames: data.classNames)
    }
    let entry = try DataCatalog.entry(named: recipe.data.set).described(
      recipe.data, folder: folder)
    return DataForm(
      sampleShape: try entry.sampleShape(recipe.data, timeSteps: timeSteps),
      classNames: entry.classNames, entry: entry)
  }
}
