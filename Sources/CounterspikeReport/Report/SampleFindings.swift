internal import Counterspike
package import CounterspikeTraining

/// What a network did with one sample, step by step.
package struct SampleFindings: Sendable {
  package let prediction: SamplePrediction
  /// In regression a number an output neuron; otherwise none.
  package let targets: [Float]
  /// The sample's file, where it has one.
  package let name: String?
  package let picture: PagePicture
  package let timeSteps: Int
  package let layers: [Layer]
  /// The score of each class up to each step: shape `[classes][T]`.
  package let scores: [[Float]]
  /// What they are made of.
  package let scoreCourse: ScoreCourse
  /// Whether the output neurons fire; those of a readout do not.
  package let outputFires: Bool

  package struct Layer: Sendable {
    package let name: String
    /// Of all neurons.
    package let neuronCount: Int
    /// `nil`: the neurons never fire.
    package let threshold: Float?
    /// Steps at which each of ``neurons`` spikes, counted from 1.
    package let spikes: [[Int]]
    /// The neurons that fire most, up to 64, in the order C, H, W.
    package let neurons: [Int]
    /// Spikes of the whole layer at each step.
    package let counts: [Int]
    /// u[t] of a few neurons, before the reset.
    package let membranes: [(neuron: Int, values: [Float])]
  }

  /// - Parameter stages: those of the plan, with the constants that were trained.
  init(
    _ prediction: SamplePrediction, targets: [Float] = [], name: String?, picture: PagePicture,
    plan: NetworkPlan, stages: [NetworkPlan.Stage], traces: [LayerTrace],
    loss: LossSettings
  ) {
    self.prediction = prediction
    self.targets = targets
    self.name = name
    self.picture = picture
    timeSteps = plan.timeSteps
    layers = zip(stages, traces).enumerated().map { index, pair in
      let isOutput = index == plan.stages.count - 1
      let wanted = isOutput ? Self.shownClasses(prediction, isRegression: !targets.isEmpty) : nil
      return Layer(pair.1, threshold: pair.0.firingThreshold, showing: wanted)
    }
    let course = ScoreCourse(loss)
    scoreCourse = course
    outputFires = plan.stages.last?.fires ?? false
    let (steps, classes) = (plan.timeSteps, plan.classCount)
    scores =
      traces.last.map { output in
        func column(_ values: Tensor, _ label: Int) -> [Float] {
          (0..<steps).map { values.scalars[$0 * classes + label] }
        }
        return (0..<classes).map {
          course.values(output: column(output.psc, $0), spikes: column(output.spikes, $0))
        }
      } ?? []
  }

  /// The classes whose course is drawn: the sample's own, the predicted one, and those next to it, at most
  /// four; in regression the first four output neurons.
  static func shownClasses(_ prediction: SamplePrediction, isRegression: Bool = false) -> [Int] {
    let scores = prediction.scores
    if isRegression { return Array(scores.indices.prefix(4)) }
    let ranked = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    var classes: [Int] = []
    for label in [prediction.prediction, prediction.label] + ranked
    where classes.count < 4 && !classes.contains(label) {
      classes.append(label)
    }
    return classes
  }

  package var shownClasses: [Int] {
    Self.shownClasses(prediction, isRegression: !targets.isEmpty)
  }

  /// The class of the highest score until a step, counted from 1, of equals the first; `nil`: all classes
  /// have the same.
  package func leadingClass(at step: Int) -> Int? {
    let column = scores.map { $0[step - 1] }
    guard let best = column.max(), column.contains(where: { $0 < best }) else { return nil }
    return column.firstIndex(of: best)
  }

  /// The step, counted from 1, from which the predicted class leads until the end; `nil`: it never does.
  package var decision: Int? {
    var found: Int?
    for step in stride(from: timeSteps, through: 1, by: -1) {
      guard leadingClass(at: step) == prediction.prediction else { break }
      found = step
    }
    return found
  }
}

extension SampleFindings.Layer {
  /// The most neurons of a layer in a raster.
  private static let rasterNeurons = 64

  /// - Parameter wanted: neurons whose membrane potential is drawn; `nil`: the three that fire most or,
  ///   of equals, come nearest to the threshold.
  fileprivate init(_ trace: LayerTrace, threshold: Float?, showing wanted: [Int]?) {
    let steps = trace.spikes.shape[0]
    let count = trace.spikes.count / steps
    let (fired, potentials) = (trace.spikes.scalars, trace.membrane.scalars)
    name = trace.name
    neuronCount = count
    self.threshold = threshold
    counts = (0..<steps).map { step in
      fired[step * count..<(step + 1) * count].count { $0 != 0 }
    }
    var sums = [Int](repeating: 0, count: count)
    var peaks = [Float](repeating: -.infinity, count: count)
    for place in fired.indices {
      if fired[place] != 0 { sums[place % count] += 1 }
      peaks[place % count] = max(peaks[place % count], potentials[place])
    }
    let active = sums.indices.sorted { left, right in
      (-sums[left], -peaks[left], left) < (-sums[right], -peaks[right], right)
    }
    let shown = active.prefix(Self.rasterNeurons).sorted()
    neurons = shown
    spikes = shown.map { neuron in
      (1...steps).filter { fired[($0 - 1) * count + neuron] != 0 }
    }
    membranes = (wanted ?? Array(active.prefix(3))).map { neuron in
      (neuron, (0..<steps).map { potentials[$0 * count + neuron] })
    }
  }
}
