package import Counterspike
internal import Foundation

/// The runs in a folder.
package struct RunList: Sendable {
  package private(set) var runs: [RunSummary]

  package init(_ runs: [RunSummary]) { self.runs = runs }

  /// The runs in the folders of `folder`, those of a sweep included, in the order of their names; or the
  /// run that `folder` itself is.
  ///
  /// - Throws: `unreadableFile` where there is no such folder.
  package init(in folder: String) throws(CounterspikeError) {
    guard let status = WholeFile.status(of: folder) else {
      throw CounterspikeError(
        .unreadableFile,
        "there is no folder “\(folder.excerpt)”; name one that holds runs, or train a network first"
      )
    }
    guard status.isFolder else {
      throw CounterspikeError(
        .unreadableFile, "“\(folder.excerpt)” is a file; name a folder that holds runs")
    }
    if WholeFile.status(of: folder + "/checkpoints")?.isFolder == true {
      self.init([RunSummary(folder)])
      return
    }
    var runs: [RunSummary] = []
    for path in try Self.folders(in: folder) {
      // A link may lead back to a folder above: a sweep's runs are looked for one level deep only.
      let isSweep = WholeFile.status(of: path + "/sweep.yaml") != nil
      runs += isSweep ? try Self.folders(in: path).map { RunSummary($0) } : [RunSummary(path)]
    }
    self.init(runs)
  }

  private static func folders(in folder: String) throws(CounterspikeError) -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw CounterspikeError(
        .unreadableFile,
        "the folder “\(folder.excerpt)” cannot be read; check its permissions", cause: error)
    }
    return names.filter { !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
      .filter { WholeFile.status(of: $0)?.isFolder == true }
  }

  /// The runs whose values are as the filters say.
  ///
  /// - Parameter filters: `key=value`; a key is a column or a key path of the recipe; numbers are
  ///   compared as numbers.
  /// - Throws: `invalidRecipe` for a filter of another form.
  package func filtered(by filters: [String]) throws(CounterspikeError) -> RunList {
    var runs = runs
    for filter in filters {
      let parts = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw CounterspikeError(
          .invalidRecipe,
          "“\(filter.excerpt)” is no filter; write key=value, as state=finished or seed=1")
      }
      let (key, wanted) = (String(parts[0]), String(parts[1]))
      try check(key)
      runs = runs.filter { run in
        guard let value = run.value(key) else { return wanted == "null" }
        if let number = Double(value), let other = Double(wanted) { return number == other }
        return value == wanted
      }
    }
    return RunList(runs)
  }

  /// The runs in the order of a value, the smallest first, those without it last.
  ///
  /// - Parameter key: a column or a key path of the recipe.
  /// - Throws: `invalidRecipe` where no run has the key.
  package func sorted(
    by key: String, isDescending: Bool = false
  ) throws(CounterspikeError) -> RunList {
    try check(key)
    let keyed = runs.enumerated().map { (place: $0, run: $1, value: $1.value(key)) }
    func precedes(_ left: String, _ right: String) -> Bool {
      if let left = Double(left), let right = Double(right) { return left < right }
      return left < right
    }
    return RunList(
      keyed.sorted { left, right in
        guard let first = left.value else { return right.value == nil && left.place < right.place }
        guard let second = right.value else { return true }
        if precedes(first, second) { return !isDescending }
        if precedes(second, first) { return isDescending }
        return left.place < right.place
      }.map(\.run))
  }

  private func check(_ key: String) throws(CounterspikeError) {
    guard !runs.isEmpty, !RunSummary.columns.contains(key),
      !runs.contains(where: { $0.recipe?.setting(key) != nil }),
      Recipe().setting(key) == nil
    else { return }
    let known = RunSummary.columns + Recipe().settings.map(\.key)
    let near = key.nearest(in: known).map { "did you mean \($0)? " } ?? ""
    throw CounterspikeError(
      .invalidRecipe,
      "no run has “\(key.excerpt)”; \(near)known are \(RunSummary.columns.joined(separator: ", ")) and "
        + "the recipe's key paths")
  }
}
