import Counterspike
import CounterspikeData
import CounterspikeTraining
import Foundation
import Testing

@testable import CounterspikeReport

@Suite("Runs whose targets are numbers")
struct RegressionRunTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("the lowest error is the result, in lists, sorts, comparisons and JSON")
  func result() throws {
    for seed in 1...2 { try SmallRegression.run(in: folder.file("\(seed)"), seed: UInt64(seed)) }
    try SmallTraining.run(in: folder.file("3"))
    let list = try RunList(in: folder.path)
    let run = list.runs[0]
    let errors = run.epochs.compactMap { $0["validationRMSE"]?.doubleValue }
    let lowest = try #require(errors.min())
    let epoch = try #require(errors.firstIndex(of: lowest)) + 1
    #expect(errors.count == 3)
    #expect(
      run.result()
        == .init(choice: .validation, epoch: epoch, measure: .rmse, value: lowest))
    #expect(run.result()?.accuracy == nil && run.value("accuracy") == nil)
    #expect(run.value("rmse") == "\(lowest)" && list.runs[2].value("rmse") == nil)

    let sorted = try list.sorted(by: "rmse").runs.compactMap { $0.result()?.rmse }
    #expect(sorted.count == 2 && sorted[0] < sorted[1])
    #expect(try list.sorted(by: "rmse", isDescending: true).runs.last?.name == "3")

    let comparison = RunComparison(Array(list.runs[0...1]))
    let group = try #require(comparison.groups().first)
    #expect(group.measure == .rmse && group.result.mean == (sorted[0] + sorted[1]) / 2)
    let json = try JSONParser.object(Array(comparison.json.utf8)[...])
    guard case .array(let groups) = json["groups"], case .object(let first) = groups[0] else {
      Issue.record("\(json)")
      return
    }
    #expect(first["meanRMSE"]?.doubleValue == group.result.mean)
    #expect(first["meanAccuracy"] == .null)
  }

  @Test("without a recipe the metrics say that a run is one")
  func noRecipe() throws {
    let path = folder.file("a")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let lines = [
      #"{"epoch":1,"trainRMSE":0.4,"testRMSE":0.3}"#,
      #"{"epoch":2,"trainRMSE":0.2,"testRMSE":0.5}"#,
    ]
    try Data(lines.joined(separator: "\n").utf8).write(
      to: URL(fileURLWithPath: path + "/metrics.jsonl"))
    // Nothing chooses an epoch, as the default is to choose by validation samples.
    #expect(
      RunSummary(path).result() == .init(choice: .last, epoch: 2, measure: .rmse, value: 0.5))
  }

  @Test("a sweep puts the lowest mean error first")
  func sweep() throws {
    var recipe = try SmallRegression.recipe()
    recipe.data.validation = 0.2
    let plan = try SweepPlan(recipe, axes: [SweepAxis("training.batchSize=4,8,16")])
    var summaries: [String: RunSummary] = [:]
    for (run, error) in zip(plan.runs, [0.3, 0.1, 0.2]) {
      let path = folder.file(run.name)
      try SmallRegression.run(in: path, epochs: 1)
      try Data("{\"epoch\":1,\"validationRMSE\":\(error)}\n".utf8).write(
        to: URL(fileURLWithPath: path + "/metrics.jsonl"))
      summaries[run.name] = RunSummary(path)
    }
    let progress = SweepProgress(plan, summaries: summaries, failures: ["3": "diverged"])
    #expect(progress.groups.map { $0.runs[0].name } == ["2", "1", "3"])
    #expect(progress.groups.map(\.measure) == [.rmse, .rmse, .rmse])
    #expect(progress.groups.map(\.result.mean) == [0.1, 0.3, nil])
  }

  @Test("TensorBoard's log has errors in the place of accuracies, whose points make the epoch's")
  func tensorBoard() throws {
    let trainer = try SmallRegression.trainer(epochs: 1)
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: folder.file("a"), for: trainer.recipe))
    let writer = TensorBoardWriter(run, samples: SmallRegression.samples(4))
    writer.close(try run.run { writer.record($0) })
    let names = try FileManager.default.contentsOfDirectory(atPath: run.folder.path)
    let log = try #require(names.first { $0.hasPrefix(EventFile.prefix) })
    let reader = try EventReader("\(run.folder.path)/\(log)")
    #expect(reader.tags.isSuperset(of: ["rmse/training", "rmse/validation", "step/rmse"]))
    #expect(!reader.tags.contains { $0.contains("ccuracy") })
    let points = reader.points("step/rmse").map { Double($0.value) }
    let epoch = try #require(reader.points("rmse/training").first).value
    #expect(points.count == 5)
    let mean = points.reduce(0) { $0 + $1 * $1 } / 5
    #expect(abs(mean.squareRoot() - Double(epoch)) < 1e-5)
  }

  @Test("the live page's curves are errors")
  func live() throws {
    var state = LiveState(
      name: "a", network: "20-2", rule: "surrogate", folder: "a", measure: .rmse,
      epoch: 1, epochs: 2, stepsPerEpoch: 5)
    state.add(["epoch": .integer(1), "trainRMSE": .number(0.5), "validationRMSE": .number(0.25)])
    #expect(state.quality.map(\.name) == ["training, epoch", "validation"])
    #expect(state.quality.map { $0.points[0].y } == [0.5, 0.25])
    #expect(state.json.contains(#""measure":"RMSE""#))
  }

  @Test("a report has the error on test samples, layers and no classes")
  func findings() throws {
    let trainer = try SmallRegression.trainer()
    try trainer.run()
    let data = SmallRegression.data
    let findings = try NetworkFindings(trainer.checkpoint(), data, workers: 1)
    let wanted = try trainer.checkpoint().network().evaluate(data.test, loss: trainer.recipe.loss)
    #expect(findings.evaluation.rmse == wanted.rmse && findings.evaluation.rmse != nil)
    #expect(findings.wrong.isEmpty && findings.confusions.isEmpty)
    #expect(findings.layers.allSatisfy { ($0.gradientNorm ?? 0) > 0 })
  }
}
