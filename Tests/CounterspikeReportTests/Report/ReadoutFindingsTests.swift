import Counterspike
import CounterspikeData
import CounterspikeTraining
import Foundation
import Testing

@testable import CounterspikeReport

@Suite("Findings of readouts, recurrent layers and regressions")
struct ReadoutFindingsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "samples are sorted by their errors, which make up the RMSE; outputs end as they are scored",
    arguments: Loss.Reduction.allCases, [false, true])
  func regression(reduction: Loss.Reduction, isReadout: Bool) throws {
    if isReadout && reduction == .rate { return }
    var recipe = try SmallRegression.recipe()
    recipe.network.layers = [.dense(20), isReadout ? .readout(2) : .dense(2)]
    recipe.loss = LossSettings(.squaredError(reduction))
    let trainer = try Trainer(recipe, training: SmallRegression.samples(40), workers: 1)
    try trainer.run()
    let findings = try NetworkFindings(trainer.checkpoint(), SmallRegression.data, workers: 1)
    let errors = findings.errors.map(\.rmse)
    #expect(errors.count == 10 && errors == errors.sorted(by: >))
    // The mean over time is not the mean of the squares over time.
    if reduction != .everyStep {
      let square = errors.reduce(0) { $0 + $1 * $1 } / 10
      let rmse = try #require(findings.evaluation.rmse)
      #expect(abs(square.squareRoot() - rmse) < 1e-5, "\(square.squareRoot()) \(rmse)")
    }
    #expect(findings.examples.count == 6)
    for example in findings.examples {
      #expect(example.targets.count == 2 && example.shownClasses == [0, 1])
      for (found, wanted) in zip(example.scores, example.prediction.scores) {
        #expect(try abs(#require(found.last) - wanted) < 1e-5 * max(1, abs(wanted)))
      }
    }
    let output = try #require(findings.layers.last)
    #expect((output.threshold == nil) == isReadout)
    guard isReadout else { return }
    #expect(output.silentCount == 0)
    let limits = try #require(output.spread?.limits)
    #expect(limits.allSatisfy { $0.isFinite })
  }

  /// Of classes, with a recurrent layer and a readout.
  private static func trainer(_ reduction: Loss.Reduction = .mean) throws -> Trainer {
    var recipe = try SmallTraining.recipe()
    recipe.network.layers = [.recurrent(20), .readout(3)]
    recipe.gradient = .surrogate()
    recipe.loss = LossSettings(.softmax(reduction))
    return try Trainer(recipe, training: SmallTraining.samples(32), workers: 1)
  }

  @Test(
    "a readout is not silent, and its classes' scores end as the loss reduces them",
    arguments: [Loss.Reduction.sum, .mean, .last, .largest])
  func classes(reduction: Loss.Reduction) throws {
    let trainer = try Self.trainer(reduction)
    try trainer.run()
    let data = DataSet(
      name: "classes", title: "Classes", classNames: ["0", "1", "2"],
      training: SmallTraining.samples(32), test: SmallTraining.samples(9))
    let findings = try NetworkFindings(trainer.checkpoint(), data, workers: 1)
    #expect(findings.layers.map { $0.threshold == nil } == [false, true])
    #expect(findings.layers[1].silentCount == 0)
    #expect(!findings.examples.isEmpty)
    for example in findings.examples {
      #expect(example.scoreCourse == .reduced(reduction) && !example.outputFires)
      for (found, wanted) in zip(example.scores, example.prediction.scores) {
        #expect(try abs(#require(found.last) - wanted) < 1e-5 * max(1, abs(wanted)))
      }
    }
    let text = findings.json.description
    #expect(text.contains(#""name":"output","neurons":3,"firingRate":null,"silent":null"#))
  }

  @Test("the log and the live page have neither rates nor spikes of a readout")
  func watching() throws {
    let trainer = try Self.trainer()
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: folder.file("a"), for: trainer.recipe))
    let writer = TensorBoardWriter(run, samples: SmallTraining.samples(4))
    writer.close(try run.run { writer.record($0) })
    let names = try FileManager.default.contentsOfDirectory(atPath: run.folder.path)
    let log = try #require(names.first { $0.hasPrefix(EventFile.prefix) })
    let tags = try EventReader("\(run.folder.path)/\(log)").tags
    #expect(tags.isSuperset(of: ["firingRate/recurrent_1", "spikeCount/recurrent_1"]))
    #expect(tags.contains("membrane/output"))
    #expect(tags.isDisjoint(with: ["firingRate/output", "spikeCount/output"]))

    var state = LiveState(
      name: "a", network: "R20-3", rule: "surrogate", folder: "a", measure: .accuracy, epoch: 1,
      epochs: 2, stepsPerEpoch: 5)
    let lines = MetricsFile(run.folder.metricsPath).epochs
    #expect(!lines.isEmpty)
    for line in lines { state.add(line) }
    #expect(state.rates.map(\.name) == ["recurrent_1"])
    let evaluation = try trainer.network().evaluate(
      SmallTraining.samples(4), loss: trainer.recipe.loss)
    #expect(evaluation.firingRates.map(\.layer) == ["recurrent_1"])
  }
}
