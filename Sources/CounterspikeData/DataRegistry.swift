public import Counterspike
internal import CounterspikeCatalog
internal import Synchronization

/// Data sets of a program's own that recipes can name.
///
/// A program registers a name once; `data.set` with that name then loads what its closure makes:
///
///     try DataRegistry.register("gratings") { request in
///       DataSet(
///         name: "gratings", title: "Gratings", classNames: ["left", "right"],
///         training: Gratings(count: 1000, seed: request.seed),
///         test: Gratings(count: 200, seed: request.seed + 1))
///     }
///     let data = try DataSet.load(Recipe(yaml: "data: {set: gratings}", source: "my program"))
public enum DataRegistry {
  /// What a recipe asks for.
  public struct Request: Sendable {
    /// The recipe's section `data`. The limits, the validation share and the selection are applied to
    /// what the closure makes; encoding and transforms are the closure's to heed.
    public let settings: DataSettings
    /// T of what comes in time steps, `network.timeSteps`; `nil`: as many as are usual.
    public let timeSteps: Int?
    /// The recipe's seed.
    public let seed: UInt64
    /// The folder that the caller names for the data, if any.
    public let folder: String?
  }

  private typealias Maker = @Sendable (Request) throws -> DataSet

  private static let makers = Mutex<[String: Maker]>([:])

  /// Makes recipes know a data set; a name that is registered already gets another closure.
  ///
  /// - Parameters:
  ///   - name: what `data.set` is, of lower-case letters, digits, hyphens, dots and underscores.
  ///   - make: makes the data set; called from any thread, whenever it is loaded. Its errors reach the
  ///     caller: a `CounterspikeError` as it is, others as the cause of one of code `missingData`.
  /// - Throws: `invalidRecipe` for a name that is not allowed, or is that of a known data set.
  public static func register(
    _ name: String, _ make: @escaping @Sendable (Request) throws -> DataSet
  ) throws(CounterspikeError) {
    let isAllowed = name.utf8.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || [45, 46, 95].contains(byte)
    }
    guard isAllowed, !name.isEmpty, name.utf8.count <= 60 else {
      throw CounterspikeError(
        .invalidRecipe,
        "“\(name.excerpt)” cannot name a data set; use 1 to 60 lower-case letters, digits, hyphens, "
          + "dots and underscores")
    }
    guard !DataCatalog.names.contains(name) else {
      throw CounterspikeError(
        .invalidRecipe, "“\(name.excerpt)” is a known data set; register yours by another name")
    }
    makers.withLock { $0[name] = make }
  }

  /// The registered names, in the order of their letters.
  public static var names: [String] { makers.withLock { $0.keys.sorted() } }

  /// The data set that `settings` name, if it is registered.
  static func load(
    _ settings: DataSettings, _ timeSteps: Int?, seed: UInt64, folder: String?
  ) throws(CounterspikeError) -> DataSet? {
    guard let make = makers.withLock({ $0[settings.set] }) else { return nil }
    let data: DataSet
    do {
      data = try make(
        Request(settings: settings, timeSteps: timeSteps, seed: seed, folder: folder))
    } catch let error as CounterspikeError {
      throw error
    } catch {
      throw CounterspikeError(
        .missingData,
        "the data set “\(settings.set.excerpt)” cannot be made: \(String(describing: error).excerpt)",
        cause: error)
    }
    let parts = DataParts(
      training: data.training, plainTraining: data.training, test: data.test, settings: settings,
      validation: data.validation, folder: data.folder, remarks: data.remarks)
    // Of the kind nothing depends here: the closure has done what differs between kinds.
    let entry = DataCatalog.Entry(
      name: settings.set, title: data.title, classNames: data.classNames, shape: data.shape,
      trainingCount: data.training.count, testCount: data.test.count,
      kind: .generated(.yinYang), source: "your program", licence: "your own",
      citation: "none needed")
    return try parts.dataSet(entry, settings, seed: seed)
  }
}
