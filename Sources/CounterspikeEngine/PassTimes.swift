/// What a stretch of a worker's time in a step is spent on.
package enum Pass: Int, Sendable, CaseIterable {
  /// Samples into channels-last buffers, dropout masks.
  case load
  /// c = W ∗ a of one stage.
  case forward
  /// Membrane, spikes, psc and pooling of one stage.
  case neuronsForward
  /// The loss and its gradient.
  case loss
  /// δ of one stage.
  case neuronsBackward
  /// δ ⊗ a of one stage.
  case weightGradient
  /// Wᵀδ of one stage.
  case dataGradient
  /// Lanes summed, weights stepped and packed anew, of one stage.
  case update
}

/// Time by pass and stage, summed over micro-batches and workers.
package struct PassTimes: Sendable {
  private var durations: [Duration]

  init(stages: Int) {
    durations = Array(repeating: .zero, count: stages * Pass.allCases.count)
  }

  package func seconds(_ pass: Pass, stage: Int) -> Double {
    durations[Self.place(pass, stage)] / .seconds(1)
  }

  mutating func add(_ duration: Duration, _ pass: Pass, stage: Int) {
    durations[Self.place(pass, stage)] += duration
  }

  mutating func add(_ other: PassTimes) {
    for index in durations.indices { durations[index] += other.durations[index] }
  }

  private static func place(_ pass: Pass, _ stage: Int) -> Int {
    stage * Pass.allCases.count + pass.rawValue
  }
}

/// One worker's stopwatch, read at the end of every pass.
///
/// An engine that is to be profiled has one a worker; in any other a pass costs a test for `nil`.
package final class PassClock: @unchecked Sendable {
  private let clock = ContinuousClock()
  private var last = ContinuousClock().now
  var times: PassTimes

  init(stages: Int) { times = PassTimes(stages: stages) }

  /// The worker begins something new; the time since the last pass was none of ours.
  func begin() { last = clock.now }

  func end(_ pass: Pass, stage: Int = 0) {
    let now = clock.now
    times.add(now - last, pass, stage: stage)
    last = now
  }
}
