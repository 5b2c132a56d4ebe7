public import Counterspike
internal import CounterspikeKernels

/// A layer of neurons alone, on one thread, for measuring its forward pass and a rule's backward
/// pass.
public final class NeuronBenchmark {
  private let layer: NeuronLayer
  private let rule: SpikeRule
  private let scratch: NeuronScratch
  /// c; the backward pass overwrites its copy.
  private let currents: FloatBuffer
  private let working: FloatBuffer
  private let output: FloatBuffer
  private let gradient: FloatBuffer

  /// Neurons times time steps.
  public var neuronSteps: Int { currents.count }

  /// - Parameters:
  ///   - neurons: rounded up to the kernels' width.
  ///   - activity: of currents: all below what could ever fire, random around the threshold, or
  ///     all above it.
  public init(
    gradient: GradientSettings = GradientSettings(), neuron: NeuronSettings = NeuronSettings(),
    timeSteps: Int, neurons: Int, activity: StepBenchmark.Activity
  ) {
    precondition(
      timeSteps > 0 && neurons > 0, "\(neurons) neurons for \(timeSteps) time steps")
    layer = neuron.layer(
      timeSteps: timeSteps, batch: 1, channels: paddedChannels(neurons))
    rule = gradient.kernel(timeSteps: timeSteps, isKernelLossOutput: false)
    scratch = NeuronScratch(timeSteps: timeSteps)
    var stream = RandomStream(seed: 1, purpose: .noise)
    let threshold = neuron.threshold
    let leak = 1 / neuron.membraneTimeConstant
    currents = FloatBuffer(
      (0..<layer.currentCount).map { _ in
        // A constant current c leads the membrane to c·τ_m.
        switch activity {
        case .silent: 0.5 * threshold * leak * stream.uniform()
        case .normal: threshold * (2 * leak + 0.5 * Float(stream.normal()))
        case .saturated: threshold * (1.1 + stream.uniform())
        }
      })
    self.gradient = FloatBuffer((0..<layer.outputCount).map { _ in stream.uniform() - 0.5 })
    working = FloatBuffer(count: layer.currentCount)
    output = FloatBuffer(count: layer.outputCount)
    prepare()
  }

  /// Puts back the currents, which ``backward()`` overwrites; not to be measured.
  public func prepare() { working.all.copy(from: currents.all) }

  /// Spikes and psc from the currents.
  ///
  /// - Returns: the number of spikes.
  @discardableResult
  public func forward() -> Int {
    layer.forward(currents: currents.all, output: output.all, scratch: scratch)
  }

  /// δ from the currents and the gradient with respect to the psc.
  public func backward() {
    layer.backward(
      rule: rule, currents: working.all, gradient: gradient.all, scratch: scratch)
  }
}
