public import Counterspike
internal import CounterspikeKernels

/// How well a network does on labelled samples.
public struct Evaluation: Sendable {
  public let samples: Int
  /// Mean loss a sample.
  public let loss: Double
  /// Fraction of samples that are predicted right.
  public let accuracy: Double
  /// In regression, the root of the samples' mean squared error; accuracy and confusion say nothing then.
  public let rmse: Double?
  /// Samples for which all classes have the same score, as those of a silent network; the first class is
  /// predicted then, and says nothing.
  public let ties: Int
  /// `confusion[label][prediction]`: how many samples of a class were predicted as which.
  public let confusion: [[Int]]
  /// Spikes a neuron and time step, one number for each layer whose neurons can fire;
  /// those of a readout cannot.
  public let firingRates: [FiringRate]
}

/// What a network says of one sample.
public struct SamplePrediction: Sendable, Equatable {
  /// Of the source, counted from 0.
  public let index: Int
  public let label: Int
  /// The class of the highest score, of equals the first.
  public let prediction: Int
  /// Post-synaptic current of each class's neuron, summed over time.
  public let scores: [Float]
  /// Spikes of each class's neuron.
  public let spikes: [Int]
}

extension Network {
  /// Predicts every sample of `source` and counts.
  ///
  /// - Parameters:
  ///   - loss: which loss to report; balanced class weights, which training makes numbers of, are those of
  ///     these samples.
  ///   - workers: threads; they change nothing but the speed.
  ///   - observe: told what is predicted for each sample, in their order.
  /// - Throws: `mismatch` when samples and network do not fit; `invalidRecipe` for settings that no
  ///   recipe could have or fewer than one worker; `libraryFailure`; what `observe` throws.
  public func evaluate(
    _ source: any SampleSource, loss: LossSettings = LossSettings(), workers: Int = 1,
    observe: (SamplePrediction) throws -> Void = { _ in }
  ) throws -> Evaluation {
    try check(source)
    let engine = try Engine(
      network: self, isStill: source.shape.count == 3, gradient: GradientSettings(),
      loss: loss.balanced(by: source),
      optimizer: OptimizerSettings(), batchSize: 64, seed: 0, workers: workers,
      targetShape: source.targetShape)
    var confusion = Array(
      repeating: [Int](repeating: 0, count: plan.classCount), count: plan.classCount)
    var index = 0
    func tell(_ output: OutputLoss.Output) throws {
      let best = output.scores.max() ?? 0
      try observe(
        SamplePrediction(
          index: index, label: loss.isRegression ? 0 : source.label(at: index),
          prediction: output.scores.firstIndex(of: best) ?? 0, scores: output.scores,
          spikes: output.spikes))
      index += 1
    }
    let result = try engine.evaluate(
      source: source, indices: Array(0..<source.count), observe: tell)
    guard let result else { throw CancellationError() }
    if !loss.isRegression {
      for (index, prediction) in result.predictions.enumerated() {
        confusion[source.label(at: index)][prediction] += 1
      }
    }
    return Evaluation(
      samples: source.count, loss: result.totals.meanLoss, accuracy: result.totals.accuracy,
      rmse: loss.isRegression ? result.totals.rmse : nil, ties: result.totals.ties,
      confusion: confusion, firingRates: result.totals.firingRates(plan))
  }
}

extension Network {
  /// Refuses samples that the network cannot take, saying what differs.
  package func check(_ source: any SampleSource) throws(CounterspikeError) {
    let shape = source.shape
    let frame = Array(shape.suffix(3))
    let problem: String?
    if source.count == 0 {
      problem = "there are no samples; choose others"
    } else if frame != plan.inputShape {
      problem =
        "the samples have \(frame.shapeWords), and the network takes \(plan.inputShape.shapeWords); "
        + "bring them to that form by data.images, data.events or data.encoding, or choose the data "
        + "it was trained on"
    } else if shape.count == 4, shape[0] != plan.timeSteps {
      problem =
        "the samples have \(shape[0]) time steps, and the network \(plan.timeSteps); set "
        + "network.timeSteps to \(shape[0]), or bin them anew"
    } else if source.classCount != plan.classCount {
      problem =
        "the samples have \(source.classCount) classes, and the network has \(plan.classCount); choose "
        + "the data it was trained on"
    } else {
      problem = nil
    }
    if let problem { throw CounterspikeError(.mismatch, problem) }
  }
}

extension [Int] {
  /// `[C, H, W]` in words.
  fileprivate var shapeWords: String {
    count == 3
      ? "\(self[0]) \(self[0] == 1 ? "channel" : "channels") of \(self[1])×\(self[2])"
      : "shape \(self)"
  }
}

/// How well a class is recognized.
public struct ClassScore: Sendable, Equatable {
  /// Of the samples that are predicted as the class, the share that is of it; `nil`: none are.
  public let precision: Double?
  /// Of the class's samples, the share that is predicted as it; `nil`: there are none.
  public let recall: Double?
  /// The harmonic mean of the two, 2·right/(predicted + samples); `nil` where there is neither.
  public let f1: Double?
}

extension Evaluation {
  /// Precision, recall and F1 of each class.
  public var classScores: [ClassScore] {
    confusion.indices.map { label in
      let right = Double(confusion[label][label])
      let samples = Double(confusion[label].reduce(0, +))
      let predicted = Double(confusion.reduce(0) { $0 + $1[label] })
      return ClassScore(
        precision: predicted > 0 ? right / predicted : nil,
        recall: samples > 0 ? right / samples : nil,
        f1: predicted + samples > 0 ? 2 * right / (predicted + samples) : nil)
    }
  }

  /// The mean F1 of all classes that occur, as labels or as predictions.
  public var macroF1: Double {
    let scores = classScores.compactMap(\.f1)
    return scores.reduce(0, +) / Double(max(scores.count, 1))
  }

  /// Whether most samples have no prediction that says anything.
  package var isUndecided: Bool { rmse == nil && 2 * ties > samples }

  package static let undecidedRemark =
    "most samples have the same score for all classes, as the output neurons are silent or all fire: "
    + "the accuracy is that of the first class"

  /// One JSON object: what `circumstances` says, `samples`, `accuracy`, `macroF1`, `rmse`, `loss`, `ties`,
  /// `firingRates`, `precision`, `recall` and `f1` of each class, `confusion`.
  package func json(_ circumstances: JSONLine) -> String {
    func column(_ value: (ClassScore) -> Double?) -> JSONLine.Value {
      .array(classScores.map { value($0).map { .number($0) } ?? .null })
    }
    let results: JSONLine = [
      "samples": .integer(samples), "accuracy": .number(accuracy), "macroF1": .number(macroF1),
      "rmse": rmse.map { .number($0) } ?? .null, "loss": .number(loss), "ties": .integer(ties),
      "firingRates": .object(
        JSONLine(firingRates.map { JSONLine.Member($0.layer, .number($0.rate)) })),
      "precision": column(\.precision), "recall": column(\.recall), "f1": column(\.f1),
      "confusion": .array(confusion.map { .array($0.map { .integer($0) }) }),
    ]
    return JSONLine(circumstances.members + results.members).description
  }
}
