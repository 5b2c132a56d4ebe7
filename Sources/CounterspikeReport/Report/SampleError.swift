package import CounterspikeTraining

/// What a network gives for a sample whose targets are numbers.
package struct SampleError: Sendable {
  package let prediction: SamplePrediction
  /// A number an output neuron.
  package let targets: [Float]
  /// The root of the mean squared difference of scores and targets.
  package let rmse: Double

  package init(_ prediction: SamplePrediction, targets: [Float]) {
    self.prediction = prediction
    self.targets = targets
    let squares = zip(prediction.scores, targets).reduce(0.0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
    rmse = (squares / Double(max(targets.count, 1))).squareRoot()
  }
}
