internal import CounterspikeSystem
import Foundation
import Yams

/// The YAML of a recipe and the settings that replace some of it, with what it takes to say where
/// a problem stands.
struct RecipeDocument {
  /// The file's name, for messages.
  let source: String
  private(set) var root: Node
  private(set) var overrides: [RecipeOverride] = []

  /// - Throws: `invalidRecipe` when `yaml` is no YAML, or not exactly one document.
  init(yaml: String, source: String) throws(CounterspikeError) {
    let source = source.onOneLine
    self.source = source
    guard let root = try Node.parse(yaml, source: source), root.scalar?.isNull != true else {
      let names = Recipe.keys.map(\.entry).names
      throw CounterspikeError(
        .invalidRecipe, "\(source): the recipe is empty; give at least one of its keys: \(names)")
    }
    self.root = root
  }

  /// Whether the recipe has this key at its top.
  func names(_ key: String) -> Bool {
    root.mapping?.contains { $0.key.scalar?.string == key } == true
  }

  /// Puts the override's value in its place.
  mutating func apply(_ override: RecipeOverride) throws(CounterspikeError) {
    overrides.append(override)
    do {
      root = try root.replacing(override.path, at: .root, with: override.value)
    } catch {
      throw CounterspikeError(.invalidRecipe, "\(override.title): \(error.message)")
    }
  }

  /// `problem` with the place where it stands: an override, or a line of the file.
  func error(_ problem: RecipeProblem) -> CounterspikeError {
    CounterspikeError(.invalidRecipe, "\(place(of: problem.path)): \(problem.message)")
  }

  private func place(of path: RecipePath) -> String {
    if let override = overrides.last(where: { path.isInside($0.path) }) { return override.title }
    // The key itself or, for one that is not in the file, the nearest section around it.
    var node = root
    var mark = root.mark
    for component in path.components {
      if let pair = node.mapping?.first(where: { $0.key.scalar?.string == component }) {
        // Only overrides make keys that have no place in the file.
        if pair.key.mark == nil, let override = overrides.last(where: { $0.path.isInside(path) }) {
          return override.title
        }
        mark = pair.key.mark ?? mark
        node = pair.value
      } else if let items = node.sequence, let index = Int(component), items.indices ~= index {
        mark = items[index].mark ?? mark
        node = items[index]
      } else {
        break
      }
    }
    return mark.map { "\(source):\($0)" } ?? source
  }
}

/// A setting that replaces the file's, `network.timeSteps=10`.
struct RecipeOverride {
  /// The text as the user wrote it.
  let text: String
  let path: RecipePath
  /// The value; no part of it has a place in the file.
  let value: Node

  /// - Parameter text: `key.path=value`, the value in YAML; the components of the path are keys,
  ///   or an item's index in a list.
  init(_ text: String) throws(CounterspikeError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let components = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, !components.contains("") else {
      throw CounterspikeError(
        .invalidRecipe,
        "override \(text.excerpt): no key and value; write them like network.timeSteps=10")
    }
    self.text = text
    self.path = RecipePath(components: components.map(String.init))
    let value = try Node.parse(
      String(parts[1]), source: "override \(text.excerpt)", hasLines: false)
    self.value = (value ?? Node("", .implicit, .plain)).withoutMarks
  }

  /// What messages call it.
  var title: String { "override \(text.excerpt)" }
}

extension Node {
  private static var emptySection: Node { .mapping(Mapping([])) }

  /// This tree with `value` at `path`; sections that are not there yet are made.
  ///
  /// - Parameters:
  ///   - path: the rest of the way, from this node.
  ///   - position: where this node stands.
  fileprivate func replacing(
    _ path: RecipePath, at position: RecipePath, with value: Node
  ) throws(RecipeProblem) -> Node {
    guard let component = path.components.first else { return value }
    let rest = RecipePath(components: Array(path.components.dropFirst()))
    switch self {
    case .mapping(var mapping):
      if let index = mapping.firstIndex(where: { $0.key.scalar?.string == component }) {
        let pair = mapping[index]
        mapping[index].value = try pair.value.replacing(
          rest, at: position + component, with: value)
      } else {
        mapping[Node(component)] = try Node.emptySection.replacing(
          rest, at: position + component, with: value)
      }
      return .mapping(mapping)
    case .sequence(var items):
      guard let index = Int(component), items.indices ~= index else {
        throw RecipeProblem(
          position,
          items.isEmpty
            ? "is an empty list" : "is a list; its items are numbered 0 … \(items.count - 1)")
      }
      items[index] = try items[index].replacing(rest, at: position + index, with: value)
      return .sequence(items)
    case .scalar(let scalar) where scalar.isNull:
      return try Node.emptySection.replacing(path, at: position, with: value)
    case .scalar, .alias:
      throw RecipeProblem(
        position,
        "is \(found), with nothing inside it that “\(component.excerpt)” could name; set it itself")
    }
  }

  /// The same tree without places in a text.
  fileprivate var withoutMarks: Node {
    switch self {
    case .scalar(var scalar):
      scalar.mark = nil
      return .scalar(scalar)
    case .mapping(let mapping):
      return .mapping(Mapping(mapping.map { ($0.key.withoutMarks, $0.value.withoutMarks) }))
    case .sequence(let items):
      return .sequence(Node.Sequence(items.map(\.withoutMarks)))
    case .alias:
      return self
    }
  }

  /// The only document of `yaml`, or `nil` when there is none.
  ///
  /// - Parameters:
  ///   - source: what `yaml` is, for messages.
  ///   - hasLines: whether messages name line and column.
  fileprivate static func parse(
    _ yaml: String, source: String, hasLines: Bool = true
  ) throws(CounterspikeError) -> Node? {
    // Editors may begin a file with a byte order mark, for which YAML's parser has no use.
    let hasMark = yaml.unicodeScalars.first == "\u{FEFF}"
    let yaml = hasMark ? String(yaml.unicodeScalars.dropFirst()) : yaml
    guard yaml.utf8.count <= Recipe.sizeLimit else {
      throw CounterspikeError(.invalidRecipe, "\(source): \(Recipe.tooLarge)")
    }
    if let mark = yaml.firstAlias {
      throw CounterspikeError(
        .invalidRecipe,
        "\(hasLines ? "\(source):\(mark)" : source): YAML aliases (*name) are not allowed in a recipe; "
          + "write the value itself")
    }
    do {
      return try Parser(yaml: yaml, encoding: .utf8).singleRoot()
    } catch {
      let (line, text) = explanation(of: error, in: yaml)
      let place = hasLines ? line.map { "\(source):\($0)" } ?? source : source
      throw CounterspikeError(.invalidRecipe, "\(place): \(text)", cause: error)
    }
  }

  /// Line and column, where known, and what is wrong there.
  private static func explanation(of error: any Error, in yaml: String) -> (String?, String) {
    switch error as? YamlError {
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "“\($0.excerpt)”" }.joined(separator: ", ")
      return ("\(context.mark)", "\(names) stands twice in the same section; keep one of them")
    case .composer(_, let problem, let mark, _) where problem.contains("another document"):
      return ("\(mark)", "a second YAML document begins here; a recipe is a single one")
    case .scanner(_, _, let mark, _) where yaml.character(at: mark) == "\t":
      return ("\(mark)", "a tab cannot indent YAML; use spaces")
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let doing = context.map { " (\($0.text), from line \($0.mark.line))" } ?? ""
      return ("\(mark)", "no valid YAML: \(problem)\(doing)")
    case .reader(let problem, let offset, _, _):
      let before = yaml.prefix(offset ?? 0)
      let line = before.count(where: \.isNewline) + 1
      let column = before.reversed().prefix { !$0.isNewline }.count + 1
      let place = offset.map { _ in "\(line):\(column)" }
      return (place, "no valid YAML: \(problem); remove this character")
    default:
      return (nil, "no valid YAML: \("\(error)".excerpt)")
    }
  }
}

extension String {
  /// The character at a place that Yams names.
  fileprivate func character(at mark: Mark) -> Unicode.Scalar? {
    let lines = split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.indices ~= mark.line - 1 else { return nil }
    return lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).first
  }
}
