internal import CounterspikeSystem
import Yams

/// Settings that are one section of a recipe.
protocol RecipeSection: Equatable, Sendable {
  /// Every key of the section, in the order in which they are written.
  static var keys: [RecipeKey<Self>] { get }

  /// Called when all keys of a node have been read.
  mutating func finishReading()

  /// Checks what concerns several keys at once; those that concern one are in ``keys``.
  func checkTogether(at path: RecipePath) throws(RecipeProblem)
}

/// A section that can be made from nothing.
protocol RecipeSectionWithDefaults: RecipeSection {
  init()
}

extension RecipeSection {
  func checkTogether(at path: RecipePath) throws(RecipeProblem) {}

  mutating func finishReading() {}

  /// Changes those settings that `node` names.
  mutating func read(_ node: Node, at path: RecipePath) throws(RecipeProblem) {
    for (name, value) in try node.settings(at: path, of: Self.keys.map(\.entry)) {
      guard let key = Self.keys.first(where: { $0.entry.name == name }) else {
        throw .unknown(name, at: path, known: Self.keys.map(\.entry))
      }
      try key.read(value, path + name, &self)
    }
    finishReading()
  }

  func check(at path: RecipePath) throws(RecipeProblem) {
    for key in Self.keys { try key.check(self, path + key.entry.name) }
    try checkTogether(at: path)
  }

  /// Every key and its value.
  var tree: RecipeTree {
    .section(Self.keys.filter { $0.isWritten(self) }.map { ($0.entry.name, $0.write(self)) })
  }
}

extension Node {
  /// The keys and values that stand in a section's node.
  ///
  /// - Parameter known: the section's keys, for the message when it is no section.
  func settings(
    at path: RecipePath, of known: [RecipeEntry]
  ) throws(RecipeProblem) -> [(name: String, value: Node)] {
    guard let mapping else { throw .noSection(self, at: path, known: known) }
    var settings: [(name: String, value: Node)] = []
    var names: Set<String> = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        throw RecipeProblem(path, "has \(key.found) for a key; known here: \(known.names)")
      }
      guard names.insert(name).inserted else {
        throw RecipeProblem(path + name, "stands twice in its section; keep one of them")
      }
      settings.append((name, value))
    }
    return settings
  }
}

extension [RecipeEntry] {
  /// The keys, for messages.
  var names: String { map(\.name).joined(separator: ", ") }

  /// The paths below `path` of all keys, those of sections inside included.
  fileprivate func paths(below path: RecipePath) -> [RecipePath] {
    flatMap { [path + $0.name] + $0.entries.paths(below: path + $0.name) }
  }
}

extension RecipeProblem {
  /// The section at `path` has no key of this name.
  static func unknown(
    _ name: String, at path: RecipePath, known: [RecipeEntry]
  ) -> RecipeProblem {
    RecipeProblem(
      path + name, "is no key\(hint(name, at: path, known: known)) (known here: \(known.names))")
  }

  /// What was probably meant by an unknown key: one of this section or, spelled right, of another; a word
  /// of another framework; a slip of the fingers.
  private static func hint(
    _ name: String, at path: RecipePath, known: [RecipeEntry]
  ) -> String {
    func question(_ meant: RecipePath) -> String { "; did you mean “\(meant)”?" }
    let word = name.plainWord
    if let entry = known.first(where: { $0.name.plainWord == word }) {
      return question(path + entry.name)
    }
    let isLayer = path.components.starts(with: ["network", "layers"])
    // Of several keys of this name, the one that is not in a section which few recipes have.
    let namesakes = Recipe.keys.map(\.entry).paths(below: .root).filter {
      $0.components.last?.plainWord == word
    }
    switch RecipeSynonym.answer(to: name) {
    case .layerKey(let key) where isLayer && known.contains { $0.name == key }:
      return question(path + key)
    case .key(let key) where !isLayer:
      return question(RecipePath(components: key.split(separator: ".").map(String.init)))
    case .advice(let advice) where !isLayer: return "; \(advice)"
    default: break
    }
    if let near = name.nearest(in: known.map(\.name)) { return question(path + near) }
    return (namesakes.first ?? misspelled(name)).map(question) ?? ""
  }

  /// The key of any section that this is most likely a misspelling of.
  private static func misspelled(_ name: String) -> RecipePath? {
    let paths = Recipe.keys.map(\.entry).paths(below: .root)
    let near = name.nearest(in: paths.compactMap(\.components.last).filter { $0.count > 4 })
    return near.flatMap { near in paths.first { $0.components.last == near } }
  }

  /// `node` stands where a section must be.
  static func noSection(
    _ node: Node, at path: RecipePath, known: [RecipeEntry]
  ) -> RecipeProblem {
    // `optimizer: adam`: the section has one key that chooses.
    var hint = ""
    if let word = node.scalar?.string,
      let chooser = known.first(where: { ["kind", "rule", "set"].contains($0.name) })
    {
      let values = chooser.choices.map(\.name)
      let value =
        values.first { $0.plainWord == word.plainWord }
        ?? RecipeSynonym.value(word, at: path + chooser.name) ?? word.nearest(in: values)
      if let value = value ?? (chooser.name == "set" && !word.isEmpty ? word.excerpt : nil) {
        let meant = path + chooser.name
        hint = "did you mean “\(meant): \(value)”? "
      }
    }
    return RecipeProblem(
      path, "is \(node.found); \(hint)allowed: a section with keys (\(known.names))")
  }
}
