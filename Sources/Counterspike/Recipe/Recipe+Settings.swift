extension Recipe {
  /// Every setting by its key path, in the order of ``yaml``, each with the text that YAML has for its
  /// value; a list is one setting, on one line.
  package var settings: [(key: String, value: String)] { tree.settings(under: "") }

  /// The text that ``settings`` has for a key path; `nil` where this recipe has no such setting.
  package func setting(_ key: String) -> String? { settings.first { $0.key == key }?.value }
}

extension RecipeTree {
  fileprivate func settings(under path: String) -> [(key: String, value: String)] {
    guard case .section(let members) = self else { return [(path, inline)] }
    return members.flatMap { key, value in
      value.settings(under: path.isEmpty ? key : "\(path).\(key)")
    }
  }
}
