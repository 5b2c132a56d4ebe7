import Yams

/// Settings that are one section of a recipe.
protocol RecipeSection: Equatable, Sendable {
  /// Every key of the section, in the order in which they are written.
  static var keys: [RecipeKey<Self>] { get }

  /// Checks what concerns several keys at once; those that concern one are in ``keys``.
  func checkTogether(at path: RecipePath) throws(RecipeProblem)
}

/// A section that can be made from nothing.
protocol RecipeSectionWithDefaults: RecipeSection {
  init()
}

extension RecipeSection {
  func checkTogether(at path: RecipePath) throws(RecipeProblem) {}

  /// Changes those settings that `node` names.
  mutating func read(_ node: Node, at path: RecipePath) throws(RecipeProblem) {
    for (name, value) in try node.settings(at: path, of: Self.keys.map(\.entry)) {
      guard let key = Self.keys.first(where: { $0.entry.name == name }) else {
        throw .unknown(name, at: path, known: Self.keys.map(\.entry))
      }
      try key.read(value, path + name, &self)
    }
  }

  func check(at path: RecipePath) throws(RecipeProblem) {
    for key in Self.keys { try key.check(self, path + key.entry.name) }
    try checkTogether(at: path)
  }

  /// Every key and its value.
  var tree: RecipeTree {
    .section(Self.keys.map { ($0.entry.name, $0.write(self)) })
  }
}

extension Node {
  /// The keys and values that stand in a section's node.
  ///
  /// - Parameter known: the section's keys, for the message when it is no section.
  func settings(
    at path: RecipePath, of known: [RecipeEntry]
  ) throws(RecipeProblem) -> [(name: String, value: Node)] {
    guard let mapping else {
      throw .refused(found, at: path, allowed: "a section with keys (\(known.names))")
    }
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
    // A key that is spelled right may stand in the wrong section.
    let namesakes = Recipe.keys.map(\.entry).paths(below: .root).filter {
      $0.components.last?.lowercased() == name.lowercased()
    }
    let near = name.nearest(in: known.map(\.name)).map { path + $0 } ?? namesakes.first
    let question = near.map { "; did you mean “\($0)”?" } ?? ""
    return RecipeProblem(path + name, "is no key\(question) (known here: \(known.names))")
  }
}
