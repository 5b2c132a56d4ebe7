import Counterspike
import CounterspikeTraining
import Foundation
import Testing

@testable import CounterspikeReport

@Suite("What a run's folder says")
struct RunSummaryTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ name: String, _ files: [String: String] = [:]) throws -> String {
    let path = folder.file(name)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (file, text) in files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
    }
    return path
  }

  @Test("a run is running as long as somebody holds its folder")
  func running() throws {
    let run = try SmallTraining.run(in: folder.file("a"))
    #expect(RunSummary(folder.file("a")).state == .running)
    withExtendedLifetime(run) {}
  }

  @Test("a run is finished when nobody trains it and its epochs are over")
  func finished() throws {
    try SmallTraining.run(in: folder.file("a"))
    let summary = RunSummary(folder.file("a"))
    #expect(summary.state == .finished)
    #expect(summary.completedEpochs == 2 && summary.epochs.count == 2)
    #expect(summary.problem == nil)
    let result = try #require(summary.result())
    let chosen = try Checkpoint(contentsOf: folder.file("a/checkpoints/best.safetensors"))
    // Without validation samples nothing chooses: the last epoch counts.
    #expect(result.choice == (chosen.best == nil ? .last : .test))
    #expect(result.epoch == chosen.best?.epoch ?? chosen.completedEpochs)

    // More epochs are planned than were trained.
    var recipe = try Recipe(contentsOf: folder.file("a/recipe.yaml"))
    recipe.training.epochs = 5
    try Data(recipe.yaml.utf8).write(to: URL(fileURLWithPath: folder.file("a/recipe.yaml")))
    #expect(RunSummary(folder.file("a")).state == .interrupted)
  }

  @Test("empty, foreign, half-written and damaged folders are called so")
  func others() throws {
    #expect(RunSummary(try make("empty")).state == .empty)
    #expect(
      RunSummary(try make("foreign", ["recipe.yaml": "cake: 1", "notes": "x"])).state == .foreign)

    let halfWritten = try make("half/checkpoints")
    _ = try make("half", ["metrics.jsonl": ""])
    let half = RunSummary(String(halfWritten.dropLast("/checkpoints".count)))
    #expect(half.state == .damaged)
    #expect(half.problem?.contains("before anything was saved") == true)

    try SmallTraining.run(in: folder.file("cut"))
    let checkpoint = folder.file("cut/checkpoints/last.safetensors")
    let whole = try bytes(of: checkpoint)
    try Data(whole.dropLast(7)).write(to: URL(fileURLWithPath: checkpoint))
    #expect(RunSummary(folder.file("cut")).state == .damaged)
    #expect(RunSummary(folder.file("cut")).problem?.contains("last.safetensors") == true)

    try SmallTraining.run(in: folder.file("recipe"))
    try FileManager.default.removeItem(atPath: folder.file("recipe/recipe.yaml"))
    #expect(RunSummary(folder.file("recipe")).state == .damaged)
  }

  @Test("a line that is cut off, or no JSON, is lost alone")
  func lostLines() throws {
    try SmallTraining.run(in: folder.file("a"), epochs: 3)
    let metrics = folder.file("a/metrics.jsonl")
    var lines = try String(contentsOfFile: metrics, encoding: .utf8).split(separator: "\n")
    lines[1] = lines[1].prefix(20)
    lines[2] = lines[2].dropLast(3)
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: metrics))
    let summary = RunSummary(folder.file("a"))
    #expect(summary.epochs.map { $0["epoch"] } == [.integer(1)])
    #expect(summary.lostLines == 2)
    #expect(summary.state == .finished)
  }

  @Test("the result is by validation, by test or of the last epoch, as the run's own rule says")
  func results() throws {
    func summary(_ lines: [String]) throws -> RunSummary {
      RunSummary(
        try make(
          "run\(lines.count)\(lines[0].count)",
          [
            "metrics.jsonl": lines.map { $0 + "\n" }.joined()
          ]))
    }
    let validated = try summary([
      #"{"epoch":1,"trainAccuracy":0.5,"validationAccuracy":0.7}"#,
      #"{"epoch":2,"trainAccuracy":0.9,"validationAccuracy":0.6}"#,
      #"{"epoch":3,"trainAccuracy":0.9,"validationAccuracy":0.7}"#,
    ])
    #expect(
      validated.result() == .init(choice: .validation, epoch: 1, measure: .accuracy, value: 0.7))
    #expect(validated.result(until: 0) == nil)
    let last = try summary([
      #"{"epoch":1,"trainAccuracy":0.9}"#, #"{"epoch":2,"trainAccuracy":0.8}"#,
    ])
    #expect(last.result() == .init(choice: .last, epoch: 2, measure: .accuracy, value: 0.8))
  }

  @Test("runs are listed, those of a sweep too, filtered and sorted")
  func list() throws {
    for (name, seed) in [("b", 1), ("a", 3)] {
      try SmallTraining.run(in: folder.file(name), epochs: seed, seed: UInt64(seed))
    }
    _ = try make("sweep", ["sweep.yaml": ""])
    try SmallTraining.run(in: folder.file("sweep/1"), epochs: 2, seed: 2)
    let list = try RunList(in: folder.path)
    #expect(list.runs.map(\.name) == ["a", "b", "1"])
    #expect(try list.sorted(by: "seed").runs.map(\.name) == ["b", "1", "a"])
    #expect(try list.sorted(by: "epochs", isDescending: true).runs.map(\.name) == ["a", "1", "b"])
    #expect(try list.filtered(by: ["seed=2.0"]).runs.map(\.name) == ["1"])
    #expect(try list.filtered(by: ["state=finished", "rule=neighborhood"]).runs.count == 3)
    #expect(try RunList(in: folder.file("b")).runs.map(\.name) == ["b"])
    #expect(throws: CounterspikeError.self) { try list.filtered(by: ["seed"]) }
    let error = #expect(throws: CounterspikeError.self) { try list.sorted(by: "sed") }
    #expect(error?.message.contains("did you mean seed?") == true)
    #expect(throws: CounterspikeError.self) { try RunList(in: folder.file("none")) }
  }

  @Test("CSV has a line a run and epoch, and names that do no harm")
  func csv() throws {
    let lines = [
      #"{"epoch":1,"loss":0.5,"firingRates":{"conv,1":0.25}}"#,
      #"{"epoch":2,"loss":0.25,"note":"x\u001b[2Jy"}"#,
    ]
    let run = RunSummary(
      try make("=1+1\u{1B}[31m", ["metrics.jsonl": lines.joined(separator: "\n")]))
    let rows = RunList([run]).csv.components(separatedBy: "\r\n")
    #expect(
      rows == [
        "run,epoch,loss,\"firingRates.conv,1\",note", "'=1+1\\u{1B}[31m,1,0.5,0.25,",
        "'=1+1\\u{1B}[31m,2,0.25,,x\\u{1B}[2Jy", "",
      ])
  }

  @Test("runs that differ in the seed alone are one group, with mean and standard deviation")
  func comparison() throws {
    for seed in 1...3 {
      try SmallTraining.run(
        in: folder.file("\(seed)"), epochs: seed == 3 ? 1 : 2, seed: UInt64(seed))
    }
    let comparison = RunComparison((1...3).map { RunSummary(folder.file("\($0)")) })
    #expect(comparison.differences.map(\.key) == ["seed", "training.epochs"])
    #expect(comparison.differences[1].values == ["2", "2", "1"])
    #expect(comparison.groups().map(\.runs.count) == [2, 1])
    #expect(comparison.results.first { $0.key == "step" }?.values.last == .some(.some(4)))

    let statistics = SampleStatistics([1, 2, 4])
    #expect(statistics.mean == 7.0 / 3)
    #expect(abs((statistics.standardDeviation ?? 0) - (7.0 / 3).squareRoot()) < 1e-12)
    #expect(SampleStatistics([5]).standardDeviation == nil)
    #expect(SampleStatistics([]).mean == nil)
  }
}
