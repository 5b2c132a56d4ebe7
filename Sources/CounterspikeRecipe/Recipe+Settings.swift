package import CounterspikeSystem
internal import Yams

extension Recipe {
  /// Every setting by its key path, in the order of ``yaml``, each with the text that YAML has for its
  /// value; a list is one setting, on one line.
  package var settings: [(key: String, value: String)] { tree.leaves(at: .root) }

  /// The text that ``settings`` has for a key path; `nil` where this recipe has no such setting.
  package func setting(_ key: String) -> String? { settings.first { $0.key == key }?.value }

  /// The recipe as JSON, every key spelled out; layers in the papers' notation where it can express
  /// them, else an array.
  package var json: JSONLine {
    guard case .object(let line) = tree.json else { return [:] }
    return line
  }
}

extension RecipeTree {
  fileprivate func leaves(at path: RecipePath) -> [(key: String, value: String)] {
    switch self {
    case .scalar, .list: [(path.description, inline)]
    case .section(let settings): settings.flatMap { $0.value.leaves(at: path + $0.key) }
    }
  }

  fileprivate var json: JSONLine.Value {
    switch self {
    case .section(let settings):
      .object(JSONLine(settings.map { JSONLine.Member($0.key, $0.value.json) }))
    case .list(let items): .array(items.map(\.json))
    case .scalar(let text): Self.json(of: text)
    }
  }

  /// The value of a scalar as ``RecipeValue/recipeText`` writes it.
  private static func json(of text: String) -> JSONLine.Value {
    switch text {
    case "null": return .null
    case "true", "false": return .boolean(text == "true")
    default: break
    }
    if let value = Int(text), "\(value)" == text { return .integer(value) }
    if let value = UInt64(text), "\(value)" == text { return .unsigned(value) }
    if text.isNumber, let value = Double(text) { return .number(value) }
    let unquoted = (try? Parser(yaml: text, encoding: .utf8).singleRoot())?.scalar?.string
    return .string(unquoted ?? text)
  }
}
