import Counterspike
import CounterspikeTraining
import Foundation
import Testing

@testable import CounterspikeReport

@Suite("The log for TensorBoard")
struct TensorBoardWriterTests {
  private func eventFiles(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasPrefix(EventFile.prefix) }.map { "\(folder)/\($0)" }
  }

  @Test("has scalars, histograms, images, texts and hyper-parameters", arguments: [nil, 3])
  func content(timeSteps: Int?) throws {
    let folder = try TemporaryFolder()
    let trainer = try SmallTraining.trainer(timeSteps: timeSteps)
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: folder.path + "/run", for: trainer.recipe))
    let writer = TensorBoardWriter(run, samples: SmallTraining.samples(5, timeSteps: timeSteps))
    let outcome = try run.run { writer.record($0) }
    writer.close(outcome)
    #expect(writer.failure == nil)

    let files = try eventFiles(run.folder.path)
    #expect(files.count == 1)
    let reader = try EventReader(files[0])
    #expect(reader.events[0].version == "brain.Event:2")
    #expect(reader.events[1].isBegin && reader.events[1].step == 1)
    let layers = ["conv_1", "dense_1", "output"]
    var tags: Set = [
      "recipe", "network", "_hparams_/experiment", "_hparams_/session_start_info",
      "_hparams_/session_end_info", "loss/training", "loss/test", "accuracy/training",
      "accuracy/test", "epoch/learningRate", "epoch/samplesPerSecond", "epoch/seconds",
      "epoch/epoch", "step/loss", "step/accuracy", "step/learningRate", "step/samplesPerSecond",
    ]
    for layer in layers {
      for kind in [
        "weights", "gradients", "membrane", "spikeCount", "firingRate", "gradientNorm",
      ] { tags.insert("\(kind)/\(layer)") }
    }
    #if ImageFiles
      tags.formUnion(["confusion", "raster", "kernels/conv_1"])
    #endif
    #expect(reader.tags == tags)
    #expect(reader.points("loss/training").map(\.step) == [4, 8])
    #expect(reader.points("step/loss").map(\.step) == Array(1...8))

    // An epoch's loss is the mean of its points, which stand for eight samples each.
    let points = reader.points("step/loss").prefix(4).map { Double($0.value) }
    let epoch = try #require(reader.points("loss/training").first)
    #expect(abs(points.reduce(0, +) / 4 - Double(epoch.value)) < 1e-5)
  }

  @Test("a run that goes on gets a further file, in which no step stands twice")
  func resumed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/run"
    let whole = try SmallTraining.run(in: folder.path + "/whole")
    do {
      let trainer = try SmallTraining.trainer()
      let run = try TrainingRun(
        starting: trainer, folder: RunFolder(creating: path, for: trainer.recipe))
      let writer = TensorBoardWriter(run, samples: SmallTraining.samples(2))
      let outcome = try run.run(
        shouldStop: { trainer.completedSteps == 6 }, observe: { writer.record($0) })
      #expect(outcome == .stopped)
      writer.close(outcome)
    }
    let runFolder = try RunFolder(resuming: path)
    let run = try TrainingRun(
      resuming: Checkpoint(contentsOf: runFolder.lastCheckpointPath),
      trainer: SmallTraining.trainer(), folder: runFolder)
    let writer = TensorBoardWriter(run, samples: SmallTraining.samples(2))
    writer.close(try run.run { writer.record($0) })

    let readers = try eventFiles(path).map { try EventReader($0) }
    #expect(readers.count == 2)
    #expect(readers[1].events[1].isBegin && readers[1].events[1].step == 7)
    #expect(readers[0].points("loss/training").map(\.step) == [4])
    #expect(readers[1].points("loss/training").map(\.step) == [8])
    #expect(readers[0].points("step/loss").map(\.step) == Array(1...6))
    // What the interrupted epoch's first point here would stand for, this process has not seen.
    #expect(readers[1].points("step/loss").map(\.step) == [8])
    // The log changes no result.
    #expect(
      try WholeFile.bytes(of: whole.folder.lastCheckpointPath)
        == WholeFile.bytes(of: runFolder.lastCheckpointPath))
  }

  @Test("gradients are those of the last step, summed over its batch")
  func gradients() throws {
    // One step of all samples: their order does not matter.
    var recipe = try SmallTraining.recipe(epochs: 1)
    recipe.training.batchSize = 32
    recipe.gradient = .surrogate()
    // So that every layer fires.
    recipe.network.neuron.threshold = 0.2
    let samples = SmallTraining.samples(32)
    let trainer = try Trainer(recipe, training: samples, evaluation: samples, workers: 1)
    let wanted = try trainer.network().lossGradient(
      samples.samples, labels: samples.labels, gradient: recipe.gradient, loss: recipe.loss)
    try trainer.run()
    for (found, wanted) in zip(trainer.lastGradients(), wanted.weights) {
      #expect(found.shape == wanted.shape)
      let largest = wanted.scalars.map(abs).max() ?? 0
      #expect(largest > 0)
      for (left, right) in zip(found.scalars, wanted.scalars) {
        #expect(abs(left - right) <= 1e-4 * largest)
      }
    }
  }

  @Test("the confusion matrix is that of an evaluation")
  func confusion() throws {
    let trainer = try SmallTraining.trainer()
    #expect(trainer.confusion == nil)
    try trainer.run()
    let evaluation = try trainer.network().evaluate(SmallTraining.samples(9))
    #expect(trainer.confusion == evaluation.confusion)
  }

  @Test("a file that cannot be made is an error that names it")
  func failure() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: CounterspikeError.self) {
      try EventFile(in: folder.file("missing"))
    }
    #expect(error?.code == .unwritableFile)
    #expect(error?.message.contains("missing/events.out.tfevents.0000000001.counterspike") == true)
  }
}
