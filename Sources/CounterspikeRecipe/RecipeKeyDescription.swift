internal import CounterspikeSettings

/// What there is to know about a key of a recipe.
package struct RecipeKeyDescription: Sendable {
  /// `network.timeSteps`; of a layer in a list, `network.layers.N.kernel`.
  package let path: String
  /// In YAML; `nil`: the key must be given.
  package let defaultValue: String?
  package let allowed: String
  /// One sentence.
  package let summary: String
  /// The values of an enumeration, or the items of a notation, and what they mean.
  package let choices: [(name: String, summary: String)]

  /// Whether a word stands in the path or in what is said about the key, in whatever case.
  package func mentions(_ word: String) -> Bool {
    let word = word.lowercased()
    return ([path, summary] + choices.flatMap { [$0.name, $0.summary] })
      .contains { $0.lowercased().contains(word) }
  }
}

extension Recipe {
  /// Every key, in the order in which recipes are written; those of layers in a list after
  /// `network.layers`.
  package static var keyDescriptions: [RecipeKeyDescription] {
    descriptions(of: keys.map(\.entry), at: .root, defaults: Recipe().tree)
  }

  private static func descriptions(
    of entries: [RecipeEntry], at path: RecipePath, defaults: RecipeTree
  ) -> [RecipeKeyDescription] {
    guard case .section(let settings) = defaults else { return [] }
    return entries.flatMap { entry in
      let path = path + entry.name
      let setting = settings.first { $0.key == entry.name }
      guard entry.entries.isEmpty else {
        return setting.map { descriptions(of: entry.entries, at: path, defaults: $0.value) } ?? []
      }
      let description = entry.description(
        at: path, defaultValue: setting?.value.inline ?? entry.unwrittenDefault)
      return [description] + (path == layersPath ? layerDescriptions : [])
    }
  }

  private static let layersPath = RecipePath(components: ["network", "layers"])

  private static var layerDescriptions: [RecipeKeyDescription] {
    let path = layersPath + "N"
    let kind = LayerSettings.kindKey.entry
    return [kind.description(at: path + kind.name, defaultValue: nil)]
      + LayerSettings.keys.map { layerKey in
        let entry = layerKey.key.entry
        let plain = layerKey.key.write(LayerSettings(layerKey.kinds.first ?? .dense)).inline
        return entry.description(
          at: path + entry.name, defaultValue: layerKey.isRequired ? nil : plain)
      }
  }
}

extension RecipeEntry {
  fileprivate func description(
    at path: RecipePath, defaultValue: String?
  ) -> RecipeKeyDescription {
    RecipeKeyDescription(
      path: path.description, defaultValue: defaultValue, allowed: allowed.plainBars,
      summary: summary.plainBars, choices: choices.map { ($0.name, $0.summary.plainBars) })
  }
}

extension String {
  /// The text without the backslashes that a table of Markdown needs.
  fileprivate var plainBars: String { replacing("\\|", with: "|") }
}
