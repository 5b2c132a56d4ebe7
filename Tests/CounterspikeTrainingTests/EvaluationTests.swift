import Counterspike
import CounterspikeData
import CounterspikeTraining
import Testing

@Suite("An evaluation")
struct EvaluationTests {
  /// A network that has learned a little, so that its predictions are worth counting.
  private func network() throws -> Network {
    let trainer = try TrainingCase.plain.trainer {
      $0.training.epochs = 12
      $0.optimizer.learningRate = 0.02
    }
    try trainer.run()
    return try trainer.network()
  }

  /// Every sample of `source` as a network's input.
  private func input(_ source: any SampleSource) -> Tensor {
    var scalars: [Float] = []
    for index in 0..<source.count {
      var values = [Float](repeating: 0, count: source.shape.reduce(1, *))
      var span = values.mutableSpan
      source.load(index, epoch: 0, into: &span)
      scalars += values
    }
    return Tensor(shape: [source.count] + source.shape, scalars: scalars)
  }

  @Test("counts what a plain count gives, with any number of workers", arguments: [1, 2, 3])
  func count(workers: Int) throws {
    let network = try network()
    let source = MadeUpImages.set(77, seed: 9)  // no multiple of a micro-batch
    let evaluation = try network.evaluate(source, workers: workers)
    let layers = try network.trace(input(source))
    let output = try #require(layers.last)
    var confusion = Array(repeating: [0, 0, 0, 0], count: 4)
    for sample in 0..<77 {
      let sums = (0..<4).map { neuron in
        (0..<4).reduce(Float(0)) { $0 + output.psc[$1, sample, neuron, 0, 0] }
      }
      let prediction = try #require(sums.firstIndex(of: sums.max() ?? 0))
      confusion[source.label(at: sample)][prediction] += 1
    }
    #expect(evaluation.samples == 77)
    #expect(evaluation.confusion == confusion)
    let correct = (0..<4).reduce(0) { $0 + confusion[$1][$1] }
    #expect(evaluation.accuracy == Double(correct) / 77)
    #expect(evaluation.accuracy > 0.4)
    let labels = (0..<77).map { source.label(at: $0) }
    for kind in LossSettings.Kind.ofClasses {
      var loss = LossSettings()
      loss.kind = kind
      let wanted = try network.lossGradient(
        input(source), labels: labels, gradient: .surrogate(), loss: loss
      ).loss
      let found = try network.evaluate(source, loss: loss, workers: workers).loss
      #expect(abs(found * 77 - wanted) < 1e-6 * wanted)
    }
    #expect(evaluation.firingRates.map(\.layer) == ["conv_1", "dense_1", "output"])
    for (rate, layer) in zip(evaluation.firingRates, layers) {
      let spikes = layer.spikes.scalars.reduce(0.0) { $0 + Double($1) }
      #expect(abs(rate.rate - spikes / Double(layer.spikes.count)) < 1e-12)
    }
  }

  @Test("is of the network alone: dropout and augmentation take no part in it")
  func dropout() throws {
    let trainer = try TrainingCase.dropout.trainer()
    let network = try trainer.network()
    var plain = network.settings
    plain.layers.removeAll { $0.kind == .dropout }
    var twin = try Network(plain, inputShape: [1, 12, 12])
    try twin.setWeights(network.weights)
    let source = MadeUpImages.set(30, seed: 9)
    let (one, two) = (try network.evaluate(source), try twin.evaluate(source))
    #expect(one.loss == two.loss && one.confusion == two.confusion)
  }

  @Test("takes spike trains, and refuses samples that do not fit")
  func shapes() throws {
    let network = try network()
    #expect(
      try network.evaluate(MadeUpImages.spikeTrains(9, timeSteps: 4, seed: 1)).samples == 9)
    let sources: [(any SampleSource, String)] = [
      (
        MadeUpImages.spikeTrains(9, timeSteps: 5, seed: 1),
        "the samples have 5 time steps, and the network 4; set network.timeSteps to 5"
      ),
      (
        MadeUpImages.set(9, size: 13, seed: 1),
        "the samples have 1 channel of 13×13, and the network takes 1 channel of 12×12; bring them"
      ),
      (
        TensorSource(samples: Tensor(zeros: [2, 1, 12, 12]), labels: [0, 1], classCount: 5),
        "the samples have 5 classes, and the network has 4; choose the data it was trained on"
      ),
      (MadeUpImages.set(0, seed: 1), "there are no samples"),
    ]
    for (source, text) in sources {
      let error = #expect(throws: CounterspikeError.self) { try network.evaluate(source) }
      #expect(error?.code == .mismatch)
      #expect(error?.message.hasPrefix(text) == true, "\(error?.message ?? "")")
    }
  }

  @Test("is written as one JSON object")
  func json() throws {
    let evaluation = try network().evaluate(MadeUpImages.set(8, seed: 9))
    let text = evaluation.json(["split": .string("test")])
    #expect(text.hasPrefix(#"{"split":"test","samples":8,"accuracy":"#))
    #expect(!text.contains("\n"))
    for key in ["split", "samples", "accuracy", "loss", "firingRates", "confusion"] {
      #expect(text.contains("\"\(key)\""))
    }
  }
}
