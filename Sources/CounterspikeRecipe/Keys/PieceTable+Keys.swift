internal import CounterspikeSettings
internal import CounterspikeSystem

extension PieceTable {
  /// What is wrong with the settings of a piece, if anything: the piece is not registered, or a value is not
  /// allowed.
  func problem(
    _ name: String, _ settings: [String: Double], key: String, at path: RecipePath
  ) -> RecipeProblem? {
    guard let entry = self[name] else {
      let others = entries.map(\.name)
      return RecipeProblem(
        path + key,
        "is \(name.excerpt), which is neither built in nor registered by this program; "
          + (others.isEmpty
            ? "no \(kind) is registered" : "registered: \(others.joined(separator: ", "))"))
    }
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      guard let setting = entry.settings.first(where: { $0.name == name }) else {
        let known = entry.settings.map(\.name).joined(separator: ", ")
        return RecipeProblem(
          path + name,
          "means nothing for the \(kind) \(entry.name); "
            + (known.isEmpty ? "it has no settings" : "known: \(known)"))
      }
      guard setting.range.contains(value) else {
        return .refused(value.recipeText, at: path + name, allowed: setting.allowed)
      }
    }
    return nil
  }

  /// The keys of all settings, each once.
  func keys<Section>(
    _ property: @Sendable (PieceSetting) -> RecipeProperty<Section, Double?>,
    chosen: @escaping @Sendable (Section) -> String
  ) -> [RecipeKey<Section>] {
    let all = entries.flatMap(\.settings)
    return owners.compactMap { name, pieces in
      guard let setting = all.first(where: { $0.name == name }) else { return nil }
      // Of several pieces each has a range of its own.
      let allowed =
        pieces.count > 1
        ? AllowedValues<Double>.any
        : AllowedValues(setting.allowed) { setting.range.contains($0) }
      var key = RecipeKey<Section>.setting(
        name, property(setting), orNull: allowed,
        "\(setting.summary) Of \(pieces.joined(separator: ", ")).")
      key.entry.unwrittenDefault = "\(setting.defaultValue)"
      // Recipes of other losses or rules are the same as where none is registered.
      key.isWritten = { pieces.contains(chosen($0)) }
      return key
    }
  }
}

extension PieceSetting {
  var allowed: String { "number from \(range.lowerBound) to \(range.upperBound)" }
}
