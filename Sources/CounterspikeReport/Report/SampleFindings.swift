package import Counterspike
package import CounterspikeTraining

/// What a network did with one sample, step by step.
package struct SampleFindings: Sendable {
  package let prediction: SamplePrediction
  /// The sample's file, where it has one.
  package let name: String?
  package let picture: PagePicture
  package let timeSteps: Int
  package let layers: [Layer]
  /// Post-synaptic current of each class's neuron, summed up to each step: shape `[classes][T]`.
  package let scores: [[Float]]

  package struct Layer: Sendable {
    package let name: String
    /// Of all neurons.
    package let neuronCount: Int
    package let threshold: Float
    /// Steps at which each of ``neurons`` spikes, counted from 1.
    package let spikes: [[Int]]
    /// The neurons that fire most, up to 64, in the order C, H, W.
    package let neurons: [Int]
    /// Spikes of the whole layer at each step.
    package let counts: [Int]
    /// u[t] of a few neurons, before the reset.
    package let membranes: [(neuron: Int, values: [Float])]
  }

  init(
    _ prediction: SamplePrediction, name: String?, picture: PagePicture, plan: NetworkPlan,
    traces: [LayerTrace]
  ) {
    self.prediction = prediction
    self.name = name
    self.picture = picture
    timeSteps = plan.timeSteps
    layers = zip(plan.stages, traces).enumerated().map { index, pair in
      let isOutput = index == plan.stages.count - 1
      let wanted = isOutput ? Self.shownClasses(prediction) : nil
      return Layer(pair.1, threshold: pair.0.neuron.threshold, showing: wanted)
    }
    let psc = traces.last?.psc
    let (values, classes) = (psc?.scalars ?? [], plan.classCount)
    scores = (0..<classes).map { label in
      var sum: Float = 0
      return (0..<plan.timeSteps).map { step in
        sum += values[step * classes + label]
        return sum
      }
    }
  }

  /// The classes whose course is drawn: the sample's own, the predicted one, and those next to it, at most
  /// four.
  static func shownClasses(_ prediction: SamplePrediction) -> [Int] {
    let scores = prediction.scores
    let ranked = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    var classes: [Int] = []
    for label in [prediction.prediction, prediction.label] + ranked
    where classes.count < 4 && !classes.contains(label) {
      classes.append(label)
    }
    return classes
  }

  package var shownClasses: [Int] { Self.shownClasses(prediction) }

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
  fileprivate init(_ trace: LayerTrace, threshold: Float, showing wanted: [Int]?) {
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
