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

extension String {
  /// A text from a user's file, or a path, fit for a message of one line: of a long one the beginning
  /// and the end, where a path has its file's name.
  package var excerpt: String {
    let scalars = unicodeScalars
    guard !scalars.dropFirst(160).isEmpty else { return onOneLine }
    return String(scalars.prefix(80)).onOneLine + "…" + String(scalars.suffix(79)).onOneLine
  }

  /// The text with line breaks and other control characters escaped.
  var onOneLine: String {
    var line = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        line += scalar.escaped(asASCII: true)
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
