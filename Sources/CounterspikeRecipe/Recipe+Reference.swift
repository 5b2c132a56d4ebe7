internal import CounterspikeSettings

extension Recipe {
  /// Every key of a recipe with its default, the allowed values and its meaning, in Markdown.
  public static var reference: String {
    let recipe = RecipeEntry(
      name: "", summary: "Keys outside any section.", entries: keys.map(\.entry))
    return section(recipe, at: .root, defaults: Recipe().tree).joined(separator: "\n")
  }

  /// The lines of a section and those inside it.
  private static func section(
    _ entry: RecipeEntry, at path: RecipePath, defaults: RecipeTree
  ) -> [String] {
    guard case .section(let settings) = defaults else { return [] }
    var lines = ["## " + (path == .root ? "The recipe" : "`\(path)`"), "", entry.summary, ""]
    let values = entry.entries.map { entry in
      (entry, settings.first { $0.key == entry.name }?.value)
    }
    lines += table(
      ["key", "default", "allowed", "meaning"],
      rows: values.filter { $0.0.entries.isEmpty }.map { entry, value in
        let text = value?.inline ?? entry.unwrittenDefault ?? "null"
        return ["`\(path + entry.name)`", "`\(text)`", entry.allowed, meaning(entry)]
      })
    if path == RecipePath(components: ["network"]) { lines += layers }
    for (entry, value) in values where !entry.entries.isEmpty {
      guard let value else { continue }
      lines += section(entry, at: path + entry.name, defaults: value)
    }
    return lines
  }

  private static var layers: [String] {
    let kind = LayerSettings.kindKey.entry
    let rows = LayerSettings.keys.map { layerKey in
      let entry = layerKey.key.entry
      let plain = layerKey.key.write(LayerSettings(layerKey.kinds.first ?? .dense)).inline
      return [
        "`\(entry.name)`", layerKey.kinds.map(\.rawValue).joined(separator: ", "),
        layerKey.isRequired ? "must be given" : "`\(plain)`", entry.allowed, meaning(entry),
      ]
    }
    return ["### A layer in the list `network.layers`", ""]
      + table(
        ["key", "of", "default", "allowed", "meaning"],
        rows: [["`\(kind.name)`", "all", "must be given", kind.allowed, meaning(kind)]] + rows)
  }

  private static func meaning(_ entry: RecipeEntry) -> String {
    let choices = entry.choices.map { "`\($0.name)`: \($0.summary)" }
    return ([entry.summary] + choices).joined(separator: "<br>")
  }

  private static func table(_ heads: [String], rows: [[String]]) -> [String] {
    guard !rows.isEmpty else { return [] }
    return ([heads, heads.map { _ in "---" }] + rows).map {
      "| " + $0.joined(separator: " | ") + " |"
    } + [""]
  }
}
