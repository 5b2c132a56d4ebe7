internal import CounterspikeSystem

/// Where a setting stands in a recipe, `network.layers.0.size`.
struct RecipePath: Hashable, Sendable, CustomStringConvertible {
  /// Keys and list indices from the top of the recipe down.
  var components: [String]

  static let root = RecipePath(components: [])

  static func + (path: RecipePath, component: String) -> RecipePath {
    RecipePath(components: path.components + [component])
  }

  static func + (path: RecipePath, index: Int) -> RecipePath { path + String(index) }

  /// Whether this is `ancestor` or lies inside it.
  func isInside(_ ancestor: RecipePath) -> Bool {
    components.starts(with: ancestor.components)
  }

  var description: String { components.joined(separator: ".") }
}

/// What is wrong with a recipe, before it is known in which line of which file it stands.
struct RecipeProblem: Error {
  var path: RecipePath
  /// Continues the sentence that begins with the path: “is 0; allowed: …”.
  var text: String

  init(_ path: RecipePath, _ text: String) {
    self.path = path
    self.text = text
  }

  /// `value` stands where only `allowed` may.
  static func refused(_ value: String, at path: RecipePath, allowed: String) -> RecipeProblem {
    RecipeProblem(path, "is \(value); allowed: \(allowed)")
  }

  var message: String {
    let subject = path == .root ? "the recipe" : "“\(path.description.excerpt)”"
    return "\(subject) \(text)"
  }
}
