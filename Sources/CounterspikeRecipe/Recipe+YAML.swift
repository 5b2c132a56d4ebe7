public import CounterspikeSystem
import Foundation

extension Recipe {
  /// Reads a recipe from YAML; keys that it does not name keep their defaults.
  ///
  /// - Parameters:
  ///   - yaml: one document; its keys are described in ``reference``.
  ///   - source: what `yaml` is, the file's name, for messages.
  ///   - overrides: settings that replace those of `yaml`, each as `key.path=value` with the value
  ///     in YAML: `network.timeSteps=10`, `network.neuron.threshold=0.5`. The last one wins; a section
  ///     is replaced as a whole. One that changes nothing, as another rule, loss or kind is chosen
  ///     than it is a setting of, is refused.
  /// - Throws: `invalidRecipe` naming file, line, column and key path, or the override, what was
  ///   found there and what is allowed.
  public init(
    yaml: String, source: String, overrides: [String] = []
  ) throws(CounterspikeError) {
    self.init()
    var document = try RecipeDocument(yaml: yaml, source: source)
    for override in overrides { try document.apply(RecipeOverride(override)) }
    do {
      try read(document.root, at: .root)
      try check(at: .root)
      // A recipe without a name is called as its data.
      if !document.names("name") { name = data.set }
    } catch {
      throw document.error(error)
    }
    for override in document.overrides {
      if let problem = RecipeCondition.problem(override.path, in: self) {
        throw document.error(problem)
      }
    }
  }

  /// Reads the recipe in a file.
  ///
  /// - Parameters:
  ///   - path: a YAML file in UTF-8.
  ///   - overrides: as in ``init(yaml:source:overrides:)``.
  /// - Throws: `unreadableFile` when there is no such file, or none of text; else `invalidRecipe`.
  public init(contentsOf path: String, overrides: [String] = []) throws(CounterspikeError) {
    let data = try Self.bytes(of: path)
    guard let yaml = String(validating: data, as: UTF8.self) else {
      let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw CounterspikeError(
        .unreadableFile, "\(path.onOneLine):\(line + 1): no UTF-8 text; save the recipe in UTF-8")
    }
    try self.init(yaml: yaml, source: path, overrides: overrides)
  }

  /// The most bytes that a recipe may have; one that spells out all settings has a few thousand.
  static let sizeLimit = 1 << 20

  static let tooLarge = "the recipe is larger than 1 MiB; name a recipe's YAML file"

  private static func bytes(of path: String) throws(CounterspikeError) -> Data {
    func refused(_ what: String, cause: (any Error)? = nil) -> CounterspikeError {
      CounterspikeError(.unreadableFile, what, cause: cause)
    }
    // Standard input and what a shell names /dev/fd are streams that end.
    let isStream = path == "/dev/stdin" || path.hasPrefix("/dev/fd/")
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let type =
      try? FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
    guard isStream || type != nil else {
      throw refused("there is no recipe “\(path.excerpt)”; check the path")
    }
    guard isStream || type != .typeDirectory else {
      throw refused("“\(path.excerpt)” is a folder; name a recipe's YAML file")
    }
    guard isStream || type == .typeRegular else {
      throw refused("“\(path.excerpt)” is no plain file; name a recipe's YAML file")
    }
    let data: Data
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      data = try file.read(upToCount: sizeLimit + 1) ?? Data()
    } catch {
      throw refused(
        "the recipe “\(path.excerpt)” cannot be read; check its permissions", cause: error)
    }
    guard data.count <= sizeLimit else { throw refused("\(path.onOneLine): \(tooLarge)") }
    return data
  }

  /// The recipe in YAML with every key spelled out, always in the same order.
  ///
  /// Equal recipes have the same bytes, and what a valid recipe gives reads back as an equal one.
  /// The layers are in the papers' notation where it can express them, else a list in which the
  /// settings that a layer leaves to the network are left out.
  public var yaml: String { tree.yaml() }

  /// Checks every setting's range, and the settings that must fit together; what is read from
  /// YAML has been checked already.
  ///
  /// - Throws: `invalidRecipe` naming the key path, what was found and what is allowed.
  public func validate() throws(CounterspikeError) {
    do {
      try check(at: .root)
    } catch {
      throw CounterspikeError(.invalidRecipe, error.message)
    }
  }
}
