internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Shows what runs differ in: settings and results.",
    discussion: """
      Results are those of the epoch that each run's own samples choose. Runs that differ in nothing \
      but their seed are summed up by mean and standard deviation (n − 1).
      """)

  @Argument(help: ArgumentHelp("Two or more run folders.", valueName: "run"))
  var runs: [String]

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func validate() throws {
    if runs.count < 2 { throw ValidationError("name two or more run folders to compare") }
  }

  func run() throws {
    let summaries = try runs.map { path throws(CounterspikeError) in
      let summary = RunSummary(path)
      guard let recipe = summary.recipe, !recipe.name.isEmpty else {
        throw CounterspikeError(
          .unreadableFile,
          "“\(path.excerpt)” holds no run to compare (\(summary.state.rawValue)"
            + (summary.problem.map { ": \($0)" } ?? "") + "); name a run folder")
      }
      return summary
    }
    let comparison = RunComparison(summaries)
    if json {
      Console.line(comparison.json)
    } else {
      show(comparison)
    }
  }

  private func show(_ comparison: RunComparison) {
    let letters = comparison.runs.indices.map { index in
      index < 26 ? String(UnicodeScalar(UInt8(65 + index))) : "\(index + 1)"
    }
    for (letter, run) in zip(letters, comparison.runs) {
      Console.line("\(letter)  \(run.path.excerpt.shortened(to: 60)) (\(run.state.rawValue))")
    }
    Console.line()
    let differences = comparison.differences
    if differences.isEmpty { Console.line("the recipes are the same") }
    show(
      [[differences.isEmpty ? "" : "recipe"] + letters]
        + differences.map { key, values in
          [key.shortened(to: 32)] + values.map { ($0 ?? "–").excerpt.shortened(to: 24) }
        }, isShown: !differences.isEmpty)
    Console.line()
    show(
      [["result"] + letters]
        + comparison.results.map { key, values in
          [key] + values.map { $0.map { Self.number($0, key) } ?? "–" }
        }, isShown: true)
    let groups = comparison.groups().filter { $0.runs.count > 1 }
    if !groups.isEmpty { Console.line() }
    for group in groups {
      let members = zip(letters, comparison.runs).filter { pair in
        group.runs.contains { $0.path == pair.1.path }
      }
      Console.line(
        "\(members.map(\.0).joined(separator: ", ")), by seed: \(group.measure.rawValue) "
          + group.result.text(group.measure))
    }
  }

  /// A table in portions of columns that fit 80 characters.
  private func show(_ rows: [[String]], isShown: Bool) {
    guard isShown else { return }
    var first = 1
    while first < rows[0].count {
      var width = rows.map { $0[0].count }.max() ?? 0
      var end = first
      while end < rows[0].count {
        width += 2 + (rows.map { $0[end].count }.max() ?? 0)
        if width > RunTable.columns && end > first { break }
        end += 1
      }
      for line in TextTable(rows: rows.map { [$0[0]] + $0[first..<end] }).lines {
        Console.line(line)
      }
      first = end
    }
  }

  private static func number(_ value: Double, _ key: String) -> String {
    if key.hasSuffix("Accuracy") { return value.percent }
    return value.rounded() == value && abs(value) < 1e15 ? Int(value).grouped : "\(Float(value))"
  }
}
