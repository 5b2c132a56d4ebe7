internal import CLIDrawing
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// What is said of a sample beside its pictures.
struct SampleText {
  let sample: SampleFindings
  let classNames: [String]

  private var isRegression: Bool { !sample.targets.isEmpty }
  private var prediction: SamplePrediction { sample.prediction }

  /// A class, or the place of an output neuron whose target is a number.
  func name(_ label: Int) -> String { isRegression ? "output \(label)" : classNames[label] }

  var title: String {
    let file = sample.name.map { " (\($0.onOneLine.shortened(to: 40)))" } ?? ""
    return "Sample \(prediction.index)\(file): \(verdict)"
  }

  private var verdict: String {
    if isRegression {
      return "RMSE \(SampleError(prediction, targets: sample.targets).rmse.significant)"
    }
    let label = name(prediction.label)
    return prediction.label == prediction.prediction
      ? "\(label), predicted right" : "\(label), predicted as \(name(prediction.prediction))"
  }

  var story: String {
    let scores = sample.shownClasses.map { label in
      let score = Double(prediction.scores[label]).significant
      let target =
        isRegression ? " (target \(Double(sample.targets[label]).significant))" : ""
      return "\(name(label)): \(score)\(target)"
    }.joined(separator: "; ")
    if isRegression { return "Outputs, \(scoreMeaning), and targets: \(scores)." }
    let decided = sample.decision.map {
      "The predicted class leads from step \($0) of \(sample.timeSteps) until the end."
    }
    return (decided ?? "All classes end with the same score; nothing was decided.")
      + " Scores, \(scoreMeaning), of class \(scores)."
  }

  func reading(_ step: Int) -> String {
    func score(_ label: Int) -> String { Double(sample.scores[label][step - 1]).significant }
    let scores: String
    if isRegression {
      scores = sample.shownClasses.map { "\(name($0)) is \(score($0))" }.joined(separator: ", ")
    } else if let leader = sample.leadingClass(at: step) {
      scores = "\(name(leader)) leads with a score of \(score(leader))"
    } else {
      scores = "no class leads"
    }
    let spikes = sample.firingLayers.map {
      "\($0.name) \($0.counts[step - 1].grouped) of \($0.neuronCount.grouped)"
    }
    return "Step \(step): \(scores)"
      + (spikes.isEmpty ? "." : "; spikes \(spikes.joined(separator: ", ")).")
  }

  // MARK: Scores

  private var output: String { sample.outputFires ? "psc" : "membrane potential" }

  private var scoreMeaning: String {
    switch sample.scoreCourse {
    case .reduced(.sum), .reduced(.everyStep): "the \(output) summed over time"
    case .reduced(.mean): "the mean \(output) over time"
    case .reduced(.last): "the \(output) at the last time step"
    case .reduced(.largest): "the largest \(output)"
    case .reduced(.rate): "spikes a time step"
    case .latency: "the higher the earlier the first spike"
    }
  }

  /// The title of the scores' axis.
  var scoreAxis: String {
    switch sample.scoreCourse {
    case .reduced(.sum), .reduced(.everyStep): "summed \(output)"
    case .reduced(.mean): "mean \(output) so far"
    case .reduced(.last): output
    case .reduced(.largest): "largest \(output) so far"
    case .reduced(.rate): "spikes so far / time steps"
    case .latency: "−step of the first spike"
    }
  }
}

extension SampleFindings {
  /// Without a readout, which has no spikes.
  var firingLayers: [Layer] { layers.filter { $0.threshold != nil } }
}
