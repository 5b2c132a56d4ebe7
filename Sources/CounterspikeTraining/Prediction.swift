public import Counterspike

/// What a network says of one sample, and when it came to say so.
public struct Prediction: Sendable, Equatable {
  /// The class of the largest score, of equals the first.
  public let prediction: Int
  /// The class of the next score.
  public let runnerUp: Int
  /// Σ_t a[t] of each class's neuron.
  public let scores: [Float]
  /// Spikes of each class's neuron.
  public let spikes: [Int]
  /// The time step, counted from 1, from which on the class of the largest score no longer changed;
  /// `nil` where all scores are the same at the end, so that the class says nothing.
  public let decisionStep: Int?
}

/// Predicts samples by an ``InferenceSession``, one after the other.
public final class Predictor {
  private let session: InferenceSession
  private let source: any SampleSource
  private let timeSteps: Int
  /// Time that steps took, and how many there were.
  public private(set) var stepTime = Duration.zero
  public private(set) var steps = 0

  /// - Throws: `mismatch` for samples that the network cannot take; `libraryFailure`.
  public init(_ network: Network, _ source: any SampleSource) throws(CounterspikeError) {
    try network.check(source)
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
    var spikes = [Int](repeating: 0, count: classes)
    var (leader, since) = (-1, 0)
    let size = sample.count / (session.input == .picture ? 1 : timeSteps)
    let start = ContinuousClock.now
    if session.input == .picture { try session.show(sample.span) }
    for t in 0..<timeSteps {
      if session.input == .picture {
        try session.step()
      } else {
        try session.step(sample.span.extracting(t * size..<(t + 1) * size))
      }
      for index in 0..<classes where session.isSpiking(index) { spikes[index] += 1 }
      let isTie = (0..<classes).allSatisfy { session.score($0) == session.score(0) }
      let best = isTie ? -1 : session.prediction
      if best != leader { (leader, since) = (best, t + 1) }
    }
    stepTime += ContinuousClock.now - start
    steps += timeSteps
    let scores = (0..<classes).map { session.score($0) }
    let prediction = session.prediction
    let others = scores.indices.filter { $0 != prediction }
    return Prediction(
      prediction: prediction,
      runnerUp: others.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? prediction,
      scores: scores, spikes: spikes, decisionStep: leader >= 0 || classes == 1 ? since : nil)
  }
}
