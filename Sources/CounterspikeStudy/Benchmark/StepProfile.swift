public import Counterspike

/// Where the time of a training step goes, pass by pass.
public struct StepProfile: Sendable {
  /// One pass of one stage.
  public struct Row: Sendable {
    /// `conv_1`, …; `nil` for what belongs to no layer.
    public let layer: String?
    /// `load`, `forward`, `neurons forward`, …
    public let pass: String
    /// Of one step, a worker's share of it.
    public let seconds: Double
    /// Of the step's time.
    public let share: Double
    /// Floating-point operations a second and worker, without padding; `nil` for a pass that is
    /// bound by memory.
    public let operationsPerSecond: Double?
    /// Of what is multiplied; `nil` for a pass that is bound by memory.
    public let precision: NetworkSettings.Precision?
    /// Bytes a second and worker that the pass reads and writes at least; `nil` for the others.
    public let bytesPerSecond: Double?
  }

  /// In the order of a step; the last row is the time that workers waited for each other.
  public let rows: [Row]

  init(_ engine: Engine, plan: NetworkPlan, seconds: Double, steps: Int) {
    let times = engine.takePassTimes()
    let stepSeconds = seconds / Double(steps)
    let workers = Double(engine.workers)
    var rows: [Row] = []
    var busy = 0.0
    func add(_ pass: Pass, _ stage: Int) {
      // Workers together spent this on one step.
      let total = times.seconds(pass, stage: stage) / Double(steps)
      guard total > 0 else { return }
      busy += total
      let work = engine.work(pass, stage: stage)
      rows.append(
        Row(
          layer: pass == .load || pass == .loss ? nil : plan.stages[stage].name,
          pass: pass.title, seconds: total / workers, share: total / workers / stepSeconds,
          operationsPerSecond: work.operations > 0 ? work.operations / total : nil,
          precision: work.operations > 0 ? work.precision : nil,
          bytesPerSecond: work.bytes > 0 ? work.bytes / total : nil))
    }
    let stages = plan.stages.indices
    add(.load, 0)
    for stage in stages {
      add(.forward, stage)
      add(.neuronsForward, stage)
    }
    add(.loss, stages.upperBound - 1)
    for stage in stages.reversed() {
      add(.neuronsBackward, stage)
      add(.weightGradient, stage)
      add(.dataGradient, stage)
    }
    for stage in stages { add(.update, stage) }
    let waiting = max(0, stepSeconds - busy / workers)
    rows.append(
      Row(
        layer: nil, pass: "waiting", seconds: waiting, share: waiting / stepSeconds,
        operationsPerSecond: nil, precision: nil, bytesPerSecond: nil))
    self.rows = rows
  }
}

extension Pass {
  fileprivate var title: String {
    switch self {
    case .load: "load"
    case .forward: "forward"
    case .neuronsForward: "neurons forward"
    case .loss: "loss"
    case .neuronsBackward: "neurons backward"
    case .weightGradient: "weight gradient"
    case .dataGradient: "data gradient"
    case .update: "reduce and update"
    }
  }
}
