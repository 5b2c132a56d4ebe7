internal import Counterspike

/// What several runs differ in: the settings of their recipes, and their results.
package struct RunComparison: Sendable {
  package let runs: [RunSummary]

  package init(_ runs: [RunSummary]) { self.runs = runs }

  /// Settings whose values differ, in the recipes' order; a value is `nil` where a run has no such setting
  /// or no recipe. What a run is called is no difference.
  package var differences: [(key: String, values: [String?])] {
    var keys: [String] = []
    for run in runs {
      for setting in run.recipe?.settings ?? [] where !keys.contains(setting.key) {
        keys.append(setting.key)
      }
    }
    return keys.compactMap { key in
      let values = runs.map { $0.recipe?.setting(key) }
      return key != "name" && Set(values).count > 1 ? (key, values) : nil
    }
  }

  /// The number of each run's chosen epoch for every key of the metrics that any run has.
  package var results: [(key: String, values: [Double?])] {
    let lines = runs.map { run in
      let chosen = run.result()?.epoch
      return run.epochs.last { $0["epoch"]?.integerValue == chosen }
    }
    var keys: [String] = []
    for member in lines.flatMap({ $0?.members ?? [] })
    where member.value.doubleValue != nil && !keys.contains(member.key) {
      keys.append(member.key)
    }
    return keys.map { key in (key, lines.map { $0?[key]?.doubleValue }) }
  }

  /// Runs whose recipes differ in nothing but seed and name, and what their results say.
  package struct Group: Sendable {
    package var runs: [RunSummary]
    /// Of the runs that have a result, each until the same epoch.
    package var result: SampleStatistics
    package var measure: RunMeasure
  }

  /// The groups in the order of their first runs; a run without a recipe is a group of its own.
  ///
  /// - Parameter limit: results are those until this epoch.
  package func groups(until limit: Int = .max) -> [Group] {
    var groups: [(settings: [String], runs: [RunSummary])] = []
    for run in runs {
      let settings =
        run.recipe.map { recipe in
          recipe.settings.filter { $0.key != "seed" && $0.key != "name" }
            .map { "\($0.key): \($0.value)" }
        } ?? ["", run.path]
      if let index = groups.firstIndex(where: { $0.settings == settings }) {
        groups[index].runs.append(run)
      } else {
        groups.append((settings, [run]))
      }
    }
    return groups.map { group in
      Group(
        runs: group.runs,
        result: SampleStatistics(group.runs.compactMap { $0.result(until: limit)?.value }),
        measure: group.runs[0].measure)
    }
  }
}

/// The mean of some numbers and how far they scatter.
package struct SampleStatistics: Sendable, Equatable {
  package let count: Int
  /// `nil` of no numbers.
  package let mean: Double?
  /// Standard deviation with n − 1 in the denominator; `nil` of fewer than two numbers.
  package let standardDeviation: Double?

  package init(_ values: [Double]) {
    count = values.count
    guard !values.isEmpty else {
      (mean, standardDeviation) = (nil, nil)
      return
    }
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
  }
}
