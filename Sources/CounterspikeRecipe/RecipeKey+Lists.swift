internal import CounterspikeSystem
import Yams

extension RecipeKey {
  /// One number for all channels or a list with one a channel, or `null`.
  ///
  /// A list of one number is written as the number.
  static func channelNumbers(
    _ name: String, _ property: RecipeProperty<Section, [Double]?>,
    _ allowed: AllowedValues<Double>, _ summary: String
  ) -> RecipeKey {
    let description = "\(allowed.description), a list with one a channel, or null"
    return RecipeKey(
      entry: RecipeEntry(name: name, summary: summary, allowed: description),
      read: { (node, path, section) throws(RecipeProblem) in
        if node.scalar?.isNull == true {
          section[keyPath: property] = nil
        } else if node.sequence != nil {
          section[keyPath: property] = try values(in: node, at: path, allowed: description)
        } else if let value = node.scalar.flatMap(Double.init(recipeScalar:)) {
          section[keyPath: property] = [value]
        } else {
          throw .refused(node.found, at: path, allowed: description)
        }
      },
      check: { (section, path) throws(RecipeProblem) in
        guard let values = section[keyPath: property] else { return }
        guard !values.isEmpty else {
          throw .refused("an empty list", at: path, allowed: description)
        }
        if let value = values.first(where: { !allowed.contains($0) }) {
          throw .refused(value.recipeText.excerpt, at: path, allowed: description)
        }
      },
      write: { section in
        guard let values = section[keyPath: property] else { return .scalar("null") }
        if values.count == 1 { return .scalar(values[0].recipeText) }
        return .list(values.map { .scalar($0.recipeText) })
      })
  }

  /// A list of different texts, or `null`.
  static func names(
    _ name: String, _ property: RecipeProperty<Section, [String]?>, _ summary: String
  ) -> RecipeKey {
    different(
      RecipeEntry(name: name, summary: summary, allowed: "a list of names, each once, or null"),
      property
    ) { "“\($0.excerpt)”" }
  }

  /// A list of an enumeration's cases, or `null`.
  static func choices<Value: RecipeChoice>(
    _ name: String, _ property: RecipeProperty<Section, [Value]?>, _ summary: String
  ) -> RecipeKey {
    let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
    return different(
      RecipeEntry(
        name: name, summary: summary, allowed: "a list of \(names), each once, or null",
        choices: Value.allCases.map { ($0.rawValue, $0.summary) }),
      property
    ) { $0.recipeText }
  }

  /// A list of different values, or `null`.
  private static func different<Value: RecipeValue & Equatable>(
    _ entry: RecipeEntry, _ property: RecipeProperty<Section, [Value]?>,
    _ quoted: @escaping @Sendable (Value) -> String
  ) -> RecipeKey {
    RecipeKey(
      entry: entry,
      read: { (node, path, section) throws(RecipeProblem) in
        if node.scalar?.isNull == true {
          section[keyPath: property] = nil
        } else {
          section[keyPath: property] = try values(in: node, at: path, allowed: entry.allowed)
        }
      },
      check: { (section, path) throws(RecipeProblem) in
        guard let values = section[keyPath: property] else { return }
        guard !values.isEmpty else {
          throw .refused("an empty list", at: path, allowed: entry.allowed)
        }
        for (index, value) in values.enumerated() where values[..<index].contains(value) {
          throw RecipeProblem(path, "has \(quoted(value)) twice; keep one of them")
        }
      },
      write: { section in
        guard let values = section[keyPath: property] else { return .scalar("null") }
        return .list(values.map { .scalar($0.recipeText) })
      })
  }

  static func values<Value: RecipeValue>(
    in node: Node, at path: RecipePath, allowed: String
  ) throws(RecipeProblem) -> [Value] {
    guard let items = node.sequence else { throw .refused(node.found, at: path, allowed: allowed) }
    var values: [Value] = []
    for (index, item) in items.enumerated() {
      guard let value = item.scalar.flatMap(Value.init(recipeScalar:)) else {
        throw .refused(item.found, at: path + index, allowed: allowed)
      }
      values.append(value)
    }
    return values
  }
}
