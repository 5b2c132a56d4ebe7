/// The loss of the output layer, for one micro-batch: one or several terms, summed with factors.
///
/// The equations of the terms stand on ``Kind``. `a` is the output, `[T, batch, channels]`: the psc of
/// spiking neurons, or the membrane potential of neurons that do not fire. The gradient is ∂L/∂a.
package struct OutputLoss: Sendable {
  package enum Kind: Sendable, Equatable {
    /// ½ Σ_t (a[t] − target[t])², `target` the filtered train of a neuron that always fires.
    case kernel(target: [Float])
    /// ½ Σ ((n − n_target)/T)², zero where a wanted count is exceeded or an unwanted not reached.
    case count(desired: Float, undesired: Float)
    /// −Σ_k q_k ln softmax(v)_k with v the reduced output, q_k = (1 − ε)·[k is the class] + ε/K and ε
    /// the label smoothing.
    case softmax(Reduction, labelSmoothing: Float = 0)
    /// 1/K Σ_k (n_k/T − r_k)², r_k the rate that is wanted of the class's neuron or of the others.
    case rate(desired: Float, undesired: Float)
    /// −ln softmax(−t/τ) of the class, t_k the step of neuron k's first spike, T − 1 where it is silent,
    /// and τ the time scale.
    case latency(timeScale: Float)
    /// 1/K Σ_k (v_k − y_k)², v the reduced output and y the sample's target.
    case squaredError(Reduction)
    /// What a program outside computes.
    case external(ExternalLoss)
  }

  /// How the output of all time steps becomes one number a neuron.
  package enum Reduction: Sendable, Equatable {
    /// Σ_t a[t]
    case sum
    /// Σ_t a[t] / T
    case mean
    /// a[T − 1]
    case last
    /// max_t a[t]; its derivative goes to the first of equal steps.
    case largest
    /// n/T, n the spikes.
    case rate
    /// Nothing is reduced: the loss is the mean over t of the loss of a[t].
    case everyStep
  }

  /// A loss and its factor.
  package struct Term: Sendable, Equatable {
    package var kind: Kind
    package var weight: Float
    /// A factor for the samples of each class; `nil`: 1.
    package var classWeights: [Float]?

    package init(_ kind: Kind, weight: Float = 1, classWeights: [Float]? = nil) {
      self.kind = kind
      self.weight = weight
      self.classWeights = classWeights
    }
  }

  /// At least one.
  package var terms: [Term]
  package var timeSteps: Int
  package var batch: Int
  package var classes: Int
  /// Floats from one sample's neurons to the next one's.
  package var channels: Int
  /// d of the output neurons.
  package var synapticDecay: Float
  /// Floats of a sample's target: 0, `classes`, or `timeSteps`·`classes`.
  package var targetCount = 0
  /// Whether the output neurons fire.
  package var isSpiking = true

  package init(
    terms: [Term], timeSteps: Int, batch: Int, classes: Int, channels: Int, synapticDecay: Float,
    targetCount: Int = 0
  ) {
    precondition(!terms.isEmpty, "a loss without terms")
    precondition(
      terms.allSatisfy { $0.classWeights == nil || $0.classWeights?.count == classes },
      "class weights for another number of classes than \(classes)")
    precondition(
      [0, classes, timeSteps * classes].contains(targetCount),
      "a target of \(targetCount) numbers for [\(timeSteps), \(classes)]")
    self.terms = terms
    self.timeSteps = timeSteps
    self.batch = batch
    self.classes = classes
    self.channels = channels
    self.synapticDecay = synapticDecay
    self.targetCount = targetCount
  }

  package init(
    kind: Kind, timeSteps: Int, batch: Int, classes: Int, channels: Int, synapticDecay: Float
  ) {
    self.init(
      terms: [Term(kind)], timeSteps: timeSteps, batch: batch, classes: classes,
      channels: channels, synapticDecay: synapticDecay)
  }

  /// The filtered target trace of a neuron that should fire at every step.
  package static func target(timeSteps: Int, synapticDecay d: Float, twice: Bool) -> [Float] {
    var once: Float = 0
    var second: Float = 0
    return (0..<timeSteps).map { _ in
      once = d * once + (1 - d)
      second = d * second + (1 - d) * once
      return twice ? second : once
    }
  }

  /// Losses and predictions of a micro-batch; with `gradient`, replaces the psc by ∂L/∂a.
  ///
  /// - Parameters:
  ///   - psc: a, `[T, batch, channels]`.
  ///   - labels: the class of each sample; −1 marks a row that is no sample: it has loss 0,
  ///     prediction −1 and gradient 0.
  ///   - targets: `[batch, targetCount]`; needed where there are such.
  ///   - losses, predictions: one a sample, written.
  ///   - scratch: of at least this shape; without one, it is allocated here.
  package func run(
    psc: FloatSlice, labels: borrowing [Int32], targets: FloatSlice? = nil,
    losses: inout [Double], predictions: inout [Int32], gradient: Bool,
    scratch: LossScratch? = nil
  ) {
    precondition(
      psc.count == timeSteps * batch * channels && labels.count == batch
        && losses.count == batch && predictions.count == batch,
      "psc, labels, losses and predictions of other shapes than [\(timeSteps), \(batch), "
        + "\(channels)]")
    precondition(
      targetCount == 0 || targets?.count == batch * targetCount,
      "\(targets?.count ?? 0) target values for \(batch)×\(targetCount)")
    let scratch = scratch ?? LossScratch(timeSteps: timeSteps, batch: batch, classes: classes)
    precondition(
      scratch.fits(timeSteps: timeSteps, batch: batch, classes: classes),
      "a scratch of another shape than [\(timeSteps), \(batch), \(classes)]")
    let plane = batch * channels
    for sample in 0..<batch {
      let a = psc.pointer + sample * channels
      let label = Int(labels[sample])
      guard label >= 0 else {
        losses[sample] = 0
        predictions[sample] = -1
        if gradient {
          for t in 0..<timeSteps { (a + t * plane).update(repeating: 0, count: channels) }
        }
        continue
      }
      precondition(label < classes, "label \(label) of sample \(sample) is none of \(classes)")
      let row = row(psc, sample)
      predictions[sample] = Int32(prediction(row))
      var loss = 0.0
      for (index, term) in terms.enumerated() {
        let factor = term.weight * (term.classWeights?[label] ?? 1)
        var sum = LossSum(
          factor: factor, isFirst: index == 0, gradient: gradient ? scratch.gradient : nil,
          classes: classes)
        let value = run(
          term.kind, row, label, targets.map { $0.pointer + sample * targetCount }, &sum, scratch)
        loss += Double(factor) * value
        if index == 0 { scratch.firstTerms.base[sample] = Float(value) }
      }
      losses[sample] = loss
      guard gradient else { continue }
      for t in 0..<timeSteps {
        (a + t * plane).update(from: scratch.gradient + t * classes, count: classes)
      }
    }
  }

  /// The output of a sample.
  func row(_ psc: FloatSlice, _ sample: Int) -> LossRow {
    LossRow(
      a: psc.pointer + sample * channels, plane: batch * channels, timeSteps: timeSteps,
      synapticDecay: synapticDecay)
  }

  private func run(
    _ kind: Kind, _ row: LossRow, _ label: Int, _ target: UnsafeMutablePointer<Float>?,
    _ sum: inout LossSum, _ scratch: LossScratch
  ) -> Double {
    switch kind {
    case .kernel(let target): kernelLoss(row, label, target, &sum)
    case .count(let desired, let undesired): countLoss(row, label, desired, undesired, &sum)
    case .softmax(.everyStep, let smoothing):
      stepwiseSoftmaxLoss(row, label, smoothing, &sum, scratch)
    case .softmax(let reduction, let smoothing):
      softmaxLoss(row, reduction, label, smoothing, &sum, scratch)
    case .rate(let desired, let undesired): rateLoss(row, label, desired, undesired, &sum)
    case .latency(let timeScale): latencyLoss(row, label, timeScale, &sum, scratch)
    case .squaredError(let reduction): squaredErrorLoss(row, reduction, target, &sum)
    case .external(let loss): externalLoss(loss, row, label, target, &sum, scratch)
    }
  }
}
