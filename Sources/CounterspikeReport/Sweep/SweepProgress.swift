internal import Counterspike

/// Where a sweep stands by what its folders say.
package struct SweepProgress: Sendable {
  /// A setting and its runs over the seeds.
  package struct Group: Sendable {
    package var runs: [SweepPlan.Run]
    /// Without `seed`.
    package var settings: [String]
    /// Of all its runs, until `epochs`; of none where one has failed.
    package var result: SampleStatistics
    package var measure: RunMeasure
    /// The rung that the setting reached.
    package var epochs: Int
    /// Why one of its runs cannot be trained.
    package var failure: String?
  }

  /// The runs that the present rung still needs, and until which epoch; empty: the sweep is over.
  package let pending: [SweepPlan.Run]
  package let epochs: Int
  /// The settings, the best first: those of a later rung before those of an earlier one, the failed last.
  package let groups: [Group]

  /// - Parameters:
  ///   - summaries, failures: by the runs' names.
  package init(
    _ plan: SweepPlan, summaries: [String: RunSummary], failures: [String: String]
  ) {
    func isDone(_ run: SweepPlan.Run, _ epochs: Int) -> Bool {
      guard failures[run.name] == nil else { return true }
      guard let summary = summaries[run.name] else { return false }
      let goal = plan.isHalving ? epochs : run.recipe.training.epochs
      // A run may end before its last epoch, when the accuracy no longer rises.
      return summary.completedEpochs >= goal || summary.state == .finished
    }
    func judged(_ runs: [SweepPlan.Run], _ epochs: Int) -> Group {
      let failed = runs.compactMap { failures[$0.name] }.first
      let limit = plan.isHalving ? epochs : Int.max
      let results = runs.compactMap { summaries[$0.name]?.result(until: limit)?.value }
      return Group(
        runs: runs, settings: runs[0].settings.filter { !$0.hasPrefix("seed=") },
        result: SampleStatistics(failed == nil ? results : []),
        measure: RunMeasure(isRegression: runs[0].recipe.loss.isRegression), epochs: epochs,
        failure: failed)
    }
    func isBetter(_ left: Group, _ right: Group) -> Bool {
      if (left.failure == nil) != (right.failure == nil) { return left.failure == nil }
      guard let value = left.result.mean, let other = right.result.mean else {
        return left.result.mean != nil && right.result.mean == nil
      }
      // Accuracies and errors cannot be compared.
      return left.measure == right.measure
        ? left.measure.isBetter(value, than: other) : left.measure == .accuracy
    }
    var candidates = plan.groups
    var ended: [Group] = []
    for (index, epochs) in plan.rungs.enumerated() {
      let pending = candidates.flatMap { $0 }.filter { !isDone($0, epochs) }
      // Sorting is stable: of equals the earlier one goes on.
      let judged = candidates.map { judged($0, epochs) }.enumerated().sorted {
        isBetter($0.element, $1.element)
          || !isBetter($1.element, $0.element) && $0.offset < $1.offset
      }.map(\.element)
      if !pending.isEmpty || index == plan.rungs.count - 1 {
        self.pending = pending
        self.epochs = epochs
        groups = judged + ended
        return
      }
      let survivors = SweepPlan.survivors(of: candidates.count)
      ended = Array(judged[survivors...]) + ended
      candidates = judged[..<survivors].map(\.runs)
    }
    // A plan has at least one rung.
    (pending, epochs, groups) = ([], plan.recipe.training.epochs, ended)
  }
}
