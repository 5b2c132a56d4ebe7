internal import CounterspikeSystem
import Yams

/// One key of a recipe's section: how it is read, checked, written and documented.
///
/// The tables of keys in the folder `Keys` are the only place that says what a recipe may hold.
struct RecipeKey<Section: Sendable>: Sendable {
  var entry: RecipeEntry
  /// Takes the setting from `node`, which stands at the path, or says why it is none. Ranges are
  /// ``check``'s business.
  let read: @Sendable (_ node: Node, RecipePath, inout Section) throws(RecipeProblem) -> Void
  /// Says whether the setting is one of the allowed values.
  let check: @Sendable (Section, RecipePath) throws(RecipeProblem) -> Void
  let write: @Sendable (Section) -> RecipeTree
  /// Whether it stands in a recipe that spells out all keys.
  var isWritten: @Sendable (Section) -> Bool = { _ in true }
}

/// The property that a key sets.
typealias RecipeProperty<Section, Value> = any WritableKeyPath<Section, Value> & Sendable

/// What a key's documentation says.
struct RecipeEntry: Sendable {
  /// The name of the Swift property.
  let name: String
  /// One sentence, with the unit.
  let summary: String
  /// Empty for a section.
  var allowed = ""
  /// The cases of an enumeration and what they mean.
  var choices: [(name: String, summary: String)] = []
  /// The keys of a section.
  var entries: [RecipeEntry] = []
  /// The default of a key that recipes without its piece do not write.
  var unwrittenDefault: String?
}

extension RecipeKey {
  /// A setting of one value.
  static func setting<Value: RecipeValue>(
    _ name: String, _ property: RecipeProperty<Section, Value>,
    _ allowed: AllowedValues<Value>, _ summary: String
  ) -> RecipeKey {
    RecipeKey(
      entry: RecipeEntry(name: name, summary: summary, allowed: allowed.description),
      read: { (node, path, section) throws(RecipeProblem) in
        guard let value = node.scalar.flatMap(Value.init(recipeScalar:)) else {
          throw .refused(node.found, at: path, allowed: allowed.description)
        }
        section[keyPath: property] = value
      },
      check: { (section, path) throws(RecipeProblem) in
        let value = section[keyPath: property]
        guard allowed.contains(value) else {
          throw .refused(value.recipeText.excerpt, at: path, allowed: allowed.description)
        }
      },
      write: { .scalar($0[keyPath: property].recipeText) })
  }

  /// A setting of one value or `null`.
  static func setting<Value: RecipeValue>(
    _ name: String, _ property: RecipeProperty<Section, Value?>,
    orNull allowed: AllowedValues<Value>, _ summary: String
  ) -> RecipeKey {
    let description = allowed.description + ", or null"
    return RecipeKey(
      entry: RecipeEntry(name: name, summary: summary, allowed: description),
      read: { (node, path, section) throws(RecipeProblem) in
        if node.scalar?.isNull == true {
          section[keyPath: property] = nil
        } else if let value = node.scalar.flatMap(Value.init(recipeScalar:)) {
          section[keyPath: property] = value
        } else {
          throw .refused(node.found, at: path, allowed: description)
        }
      },
      check: { (section, path) throws(RecipeProblem) in
        guard let value = section[keyPath: property], !allowed.contains(value) else { return }
        throw .refused(value.recipeText.excerpt, at: path, allowed: description)
      },
      write: { .scalar($0[keyPath: property]?.recipeText ?? "null") })
  }

  /// A setting that is one of an enumeration's cases.
  static func choice<Value: RecipeChoice>(
    _ name: String, _ property: RecipeProperty<Section, Value>, _ summary: String
  ) -> RecipeKey {
    let allowed = AllowedValues<Value>.cases.description
    return RecipeKey(
      entry: .choice(Value.self, name, summary, allowed),
      read: { (node, path, section) throws(RecipeProblem) in
        section[keyPath: property] = try node.choice(at: path, allowed: allowed)
      },
      check: { (_, _) throws(RecipeProblem) in },
      write: { .scalar($0[keyPath: property].recipeText) })
  }

  /// A setting that is one of an enumeration's cases or `null`.
  static func choice<Value: RecipeChoice>(
    _ name: String, orNull property: RecipeProperty<Section, Value?>, _ summary: String
  ) -> RecipeKey {
    let allowed = AllowedValues<Value>.cases.description + ", or null"
    return RecipeKey(
      entry: .choice(Value.self, name, summary, allowed),
      read: { (node, path, section) throws(RecipeProblem) in
        let isNull = node.scalar?.isNull == true
        section[keyPath: property] = isNull ? nil : try node.choice(at: path, allowed: allowed)
      },
      check: { (_, _) throws(RecipeProblem) in },
      write: { .scalar($0[keyPath: property]?.recipeText ?? "null") })
  }

  /// A section of its own.
  static func section<Inner: RecipeSection>(
    _ name: String, _ property: RecipeProperty<Section, Inner>, _ summary: String
  ) -> RecipeKey {
    RecipeKey(
      entry: RecipeEntry(name: name, summary: summary, entries: Inner.keys.map(\.entry)),
      read: { (node, path, section) throws(RecipeProblem) in
        try section[keyPath: property].read(node, at: path)
      },
      check: { (section, path) throws(RecipeProblem) in
        try section[keyPath: property].check(at: path)
      },
      write: { $0[keyPath: property].tree })
  }

  /// A section that may be missing, `null`; what one that is there leaves out has its default.
  static func section<Inner: RecipeSectionWithDefaults>(
    _ name: String, orNull property: RecipeProperty<Section, Inner?>, _ summary: String
  ) -> RecipeKey {
    RecipeKey(
      entry: RecipeEntry(
        name: name, summary: summary,
        allowed: "a section with keys \(Inner.keys.map(\.entry).names), or null"),
      read: { (node, path, section) throws(RecipeProblem) in
        guard node.scalar?.isNull != true else {
          section[keyPath: property] = nil
          return
        }
        var inner = Inner()
        try inner.read(node, at: path)
        section[keyPath: property] = inner
      },
      check: { (section, path) throws(RecipeProblem) in
        try section[keyPath: property]?.check(at: path)
      },
      write: { $0[keyPath: property]?.tree ?? .scalar("null") })
  }
}

extension RecipeEntry {
  fileprivate static func choice<Value: RecipeChoice>(
    _ type: Value.Type, _ name: String, _ summary: String, _ allowed: String
  ) -> RecipeEntry {
    RecipeEntry(
      name: name, summary: summary, allowed: allowed,
      choices: Value.allCases.map { ($0.rawValue, $0.summary) })
  }
}

extension Node {
  /// The case that stands here.
  fileprivate func choice<Value: RecipeChoice>(
    at path: RecipePath, allowed: String
  ) throws(RecipeProblem) -> Value {
    if let value = scalar.flatMap(Value.init(recipeScalar:)) { return value }
    let names = Value.allCases.map(\.rawValue)
    let near = scalar.flatMap { scalar in
      names.first { $0.plainWord == scalar.string.plainWord }
        ?? RecipeSynonym.value(scalar.string, at: path) ?? scalar.string.nearest(in: names)
    }
    let question = near.map { "did you mean \($0)? " } ?? ""
    let remark = near == nil ? Value.remark : ""
    throw RecipeProblem(path, "is \(found); \(question)allowed: \(allowed)\(remark)")
  }
}
