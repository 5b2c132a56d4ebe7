/// A recipe as it is written: sections, lists and the texts of values.
enum RecipeTree: Sendable {
  /// A value, as it stands in YAML.
  case scalar(String)
  case section([(key: String, value: RecipeTree)])
  case list([RecipeTree])

  /// This section as YAML, one key a line, indented by two spaces for each level; the sections in
  /// a list stand on one line each.
  func yaml(indentation: String = "") -> String {
    switch self {
    case .scalar(let text):
      return "\(indentation)\(text)\n"
    case .section(let settings):
      return settings.map { key, value in
        switch value {
        case .scalar(let text): "\(indentation)\(key): \(text)\n"
        case .section, .list:
          "\(indentation)\(key):\n" + value.yaml(indentation: indentation + "  ")
        }
      }.joined()
    case .list(let items):
      return items.map { "\(indentation)- \($0.inline)\n" }.joined()
    }
  }

  /// This on a single line.
  var inline: String {
    switch self {
    case .scalar(let text): text
    case .section(let settings):
      "{" + settings.map { "\($0.key): \($0.value.inline)" }.joined(separator: ", ") + "}"
    case .list(let items): "[" + items.map(\.inline).joined(separator: ", ") + "]"
    }
  }
}
