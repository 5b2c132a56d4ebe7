public import Counterspike
internal import CounterspikeKernels

/// What a network says of one sample, and when it came to say so.
public struct Prediction: Sendable, Equatable {
  /// The class of the largest score, of equals the first.
  public let prediction: Int
  /// The class of the next score.
  public let runnerUp: Int
  /// What the loss ranks classes by, one number a class: Σ_t a[t] unless it says otherwise.
  public let scores: [Float]
  /// Spikes of each class's neuron.
  public let spikes: [Int]
  /// The time step, counted from 1, from which on the class of the largest score no longer changed;
  /// `nil` where all scores are the same at the end, so that the class says nothing.
  public let decisionStep: Int?
}

/// Predicts samples by an `InferenceSession`, one after the other.
public final class Predictor {
  private let session: InferenceSession
  private let source: any SampleSource
  private let timeSteps: Int
  private let loss: OutputLoss
  /// What the output gave at each step, `[T, 1, classes]`.
  private let outputs: FloatBuffer
  /// Time that steps took, and how many there were.
  public private(set) var stepTime = Duration.zero
  public private(set) var steps = 0

  /// - Throws: `mismatch` for samples that the network cannot take; `libraryFailure`.
  public init(
    _ network: Network, _ source: any SampleSource, loss: LossSettings = LossSettings()
  ) throws(CounterspikeError) {
    try network.check(source)
    // Weights of classes are for training alone.
    var loss = loss
    for index in loss.terms.indices { loss.terms[index].classWeights = .equal }
    self.loss = try loss.kernel(plan: network.plan, batch: 1)
    outputs = FloatBuffer(count: network.plan.timeSteps * self.loss.channels)
    let isStill = source.shape.count == 3
    session = try InferenceSession(network, input: isStill ? .picture : .frames)
    self.source = source
    timeSteps = network.plan.timeSteps
    // The first step is slower than all others: libraries prepare themselves.
    let nothing = [Float](repeating: 0, count: network.plan.inputShape.reduce(1, *))
    if isStill {
      try session.show(nothing.span)
      try session.step()
    } else {
      try session.step(nothing.span)
    }
  }

  /// - Throws: `libraryFailure`.
  public func predict(_ index: Int) throws(CounterspikeError) -> Prediction {
    var sample = [Float](repeating: 0, count: source.shape.reduce(1, *))
    var values = sample.mutableSpan
    source.load(index, epoch: 0, into: &values)
    session.reset()
    let classes = session.plan.classCount
    var (leader, since) = (-1, 0)
    let size = sample.count / (session.input == .picture ? 1 : timeSteps)
    let start = ContinuousClock.now
    var elapsed = Duration.zero
    outputs.all.fill(0)
    if session.input == .picture { try session.show(sample.span) }
    elapsed += ContinuousClock.now - start
    for t in 0..<timeSteps {
      let begin = ContinuousClock.now
      if session.input == .picture {
        try session.step()
      } else {
        try session.step(sample.span.extracting(t * size..<(t + 1) * size))
      }
      elapsed += ContinuousClock.now - begin
      record(t, classes)
      let output = loss.output(psc: outputs.all, sample: 0)
      let best = output.isTie ? -1 : Self.best(output.scores)
      if best != leader { (leader, since) = (best, t + 1) }
    }
    stepTime += elapsed
    steps += timeSteps
    let output = loss.output(psc: outputs.all, sample: 0)
    let scores = output.scores
    let prediction = Self.best(scores)
    let others = scores.indices.filter { $0 != prediction }
    return Prediction(
      prediction: prediction,
      runnerUp: others.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? prediction,
      scores: scores, spikes: output.spikes, decisionStep: leader >= 0 || classes == 1 ? since : nil
    )
  }

  /// Keeps a step's output; where the last or the largest value counts, it stands for the steps behind it,
  /// too, until they are made.
  private func record(_ t: Int, _ classes: Int) {
    for later in t..<(loss.ranksByAllSteps ? t + 1 : timeSteps) {
      for index in 0..<classes { outputs.all[later * loss.channels + index] = session.psc(index) }
    }
  }

  private static func best(_ scores: [Float]) -> Int {
    scores.firstIndex(of: scores.max() ?? 0) ?? 0
  }
}
