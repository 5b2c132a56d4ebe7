internal import ArgumentParser
internal import CLIDrawing
internal import Counterspike

struct RecipeKeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Explains the keys of a recipe: default, allowed values, meaning.",
    discussion: "Without a word: all keys. docs/recipe.md has the same as tables.")

  @Argument(
    help: ArgumentHelp(
      "A key, a section, or a word of what is said about it.", valueName: "word"))
  var word: String?

  @Flag(help: "Prints one JSON object a line instead of text.")
  var json = false

  func run() throws {
    let (keys, remark) = try Self.keys(word)
    guard !json else {
      for key in keys { Console.line(key.json.description) }
      return
    }
    if let remark { Console.line(remark) }
    // One key, or few, with all there is to say; many on a line each.
    let isBrief = keys.count > 12
    for key in keys {
      let value = key.defaultValue.map { " = \($0)" } ?? " (must be given)"
      Console.line(key.path + value)
      for line in key.summary.wrapped(to: Console.width, indentation: 4) { Console.line(line) }
      if isBrief { continue }
      let allowed = "allowed: \(key.allowed)"
      for line in allowed.wrapped(to: Console.width, indentation: 4) { Console.line(line) }
      let width = key.choices.map(\.name.count).max() ?? 0
      for choice in key.choices {
        let name = choice.name + String(repeating: " ", count: width - choice.name.count)
        let lines = choice.summary.wrapped(to: Console.width, indentation: 8 + width)
        for (number, line) in lines.enumerated() {
          Console.line(number == 0 ? "      \(name)  " + line.dropFirst(8 + width) : line)
        }
      }
    }
  }

  /// The key of this path, else those below it, else what a word of another framework means, else those
  /// that mention the word.
  private static func keys(
    _ word: String?
  ) throws(CounterspikeError) -> (keys: [RecipeKeyDescription], remark: String?) {
    let all = Recipe.keyDescriptions
    guard let word, !word.isEmpty else { return (all, nil) }
    for isWanted in [
      { (path: String) in path == word }, { (path: String) in path.hasPrefix(word + ".") },
    ] {
      let named = all.filter { isWanted($0.path) }
      if !named.isEmpty { return (named, nil) }
    }
    if let path = Recipe.keyPath(for: word) {
      return (
        all.filter { $0.path == path || $0.path.hasPrefix(path + ".") },
        "\(word.excerpt): a recipe says \(path)"
      )
    }
    let mentioning = all.filter { $0.mentions(word) }
    guard mentioning.isEmpty else { return (mentioning, nil) }
    throw CounterspikeError(
      .invalidRecipe,
      "there is no key “\(word.excerpt)”, and no key's description has the word; leave it out for all keys"
    )
  }
}

extension RecipeKeyDescription {
  fileprivate var json: JSONLine {
    [
      "key": .string(path), "default": defaultValue.map { .string($0) } ?? .null,
      "allowed": .string(allowed), "meaning": .string(summary),
      "choices": .object(JSONLine(choices.map { JSONLine.Member($0.name, .string($0.summary)) })),
    ]
  }
}

extension String {
  /// Lines of at most `width` characters, broken between words.
  func wrapped(to width: Int, indentation: Int) -> [String] {
    let margin = String(repeating: " ", count: indentation)
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ") {
      if !line.isEmpty, indentation + line.count + 1 + word.count > width {
        lines.append(margin + line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + (line.isEmpty ? [] : [margin + line])
  }
}
