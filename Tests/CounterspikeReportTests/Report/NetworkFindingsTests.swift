import Counterspike
import CounterspikeData
import CounterspikeTraining
import Foundation
import Testing

@testable import CounterspikeReport

@Suite("What a network does with test samples")
struct NetworkFindingsTests {
  private static func data(timeSteps: Int?) -> DataSet {
    DataSet(
      name: "made-up", title: "Made up", classNames: ["a", "b", "c"],
      training: SmallTraining.samples(32, timeSteps: timeSteps),
      test: SmallTraining.samples(9, timeSteps: timeSteps))
  }

  private static func findings(
    timeSteps: Int? = nil
  ) throws -> (NetworkFindings, Network, DataSet) {
    let trainer = try SmallTraining.trainer(timeSteps: timeSteps)
    try trainer.run()
    let checkpoint = trainer.checkpoint()
    let data = data(timeSteps: timeSteps)
    return (try NetworkFindings(checkpoint, data, workers: 1), try checkpoint.network(), data)
  }

  @Test("mistakes, spikes and gradients are the network's own", arguments: [nil, 3])
  func own(timeSteps: Int?) throws {
    let (findings, network, data) = try Self.findings(timeSteps: timeSteps)
    var wrong: Set<Int> = []
    let evaluation = try network.evaluate(data.test) {
      if $0.label != $0.prediction { wrong.insert($0.index) }
    }
    #expect(findings.evaluation.confusion == evaluation.confusion)
    #expect(Set(findings.wrong.map(\.index)) == wrong)
    #expect(findings.wrong.map(\.lead) == findings.wrong.map(\.lead).sorted(by: >))
    #expect(findings.tracedCount == 9)
    for (layer, rate) in zip(findings.layers, evaluation.firingRates) {
      #expect(layer.name == rate.layer)
      #expect(abs(layer.firingRate - rate.rate) < 1e-6, "\(layer.name)")
      let spread = try #require(layer.spread)
      #expect(abs(spread.shares.reduce(0, +) - 1) < 1e-9)
    }
    let batch = data.test.batch(Array(0..<9))
    let gradient = try network.lossGradient(
      batch, labels: (0..<9).map { data.test.label(at: $0) }, gradient: GradientSettings(),
      loss: LossSettings())
    for (layer, tensor) in zip(findings.layers, gradient.weights) {
      let norm = tensor.scalars.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() / 9
      #expect(abs(try #require(layer.gradientNorm) - norm) <= 1e-5 * max(norm, 1e-9))
    }
    for example in findings.examples {
      let scores = example.scores.map { $0[2] }
      for (found, wanted) in zip(scores, example.prediction.scores) {
        #expect(abs(found - wanted) < 1e-5)
      }
    }
    // A right sample comes last.
    let last = try #require(findings.examples.last?.prediction)
    #expect(last.label == last.prediction || wrong.count == 9)
  }

  @Test("the decision is the step from which the predicted class leads until the end")
  func decision() throws {
    let (findings, _, _) = try Self.findings()
    for example in findings.examples {
      guard let step = example.decision else { continue }
      for later in step...example.timeSteps {
        #expect(example.leadingClass(at: later) == example.prediction.prediction)
      }
      if step > 1 {
        #expect(example.leadingClass(at: step - 1) != example.prediction.prediction)
      }
    }
  }

  @Test("a bitmap has its pixels from the lowest row up, blue first")
  func bitmap() throws {
    var image = PixelImage(width: 3, height: 2)
    image[0, 1] = PixelImage.Colour(red: 1, green: 2, blue: 3)
    let bytes = PagePicture.bitmap(image)
    #expect(bytes.count == 54 + 2 * 12)
    #expect(Array(bytes[0..<6]) == [0x42, 0x4D, 78, 0, 0, 0])
    #expect(Array(bytes[54..<60]) == [3, 2, 1, 255, 255, 255])
    #expect(bytes[63] == 0)
    let text = try #require(PagePicture(image).address.split(separator: ",").last)
    #expect(Data(base64Encoded: String(text)) == Data(bytes))
  }

  @Test(
    "every form of sample has a picture",
    arguments: [
      ([1, 4, 5], 5, 4), ([3, 4, 5], 5, 4), ([2, 4, 5], 5, 8), ([6, 1, 1], 6, 1),
      ([7, 2, 4, 5], 5, 4), ([7, 3, 1, 1], 7, 3),
    ])
  func pictures(shape: [Int], width: Int, height: Int) {
    let count = shape.reduce(1, *)
    for values in [(0..<count).map { Float($0) }, Array(repeating: .nan, count: count)] {
      let image = PixelImage(sample: values, shape: shape)
      #expect(image.width == width && image.height == height)
    }
  }
}
