package import CounterspikeKernels
internal import CounterspikeRecipe
package import CounterspikeSettings
package import CounterspikeSystem

/// A layer of neurons as a function of arrays that lie in a caller's memory, and its gradient under a rule:
/// what a network of another program is made of.
///
/// Arrays are `[T, N]` with time outermost, and are neither copied nor changed. Results are the same bytes
/// for any number of threads. All functions may be called from several threads at once.
package struct NeuronFunction: Sendable {
  package let neuron: NeuronSettings
  package let gradient: GradientSettings

  /// - Parameter recipe: a recipe's `network.neuron` and `gradient`, in YAML; its other keys have no say.
  /// - Throws: `invalidRecipe`, also where the rule is not defined for such neurons.
  package init(recipe yaml: String) throws(CounterspikeError) {
    let recipe = try Recipe(yaml: yaml, source: "settings")
    neuron = recipe.network.neuron
    gradient = recipe.gradient
    guard neuron.model == .leaky else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.neuron.model is \(neuron.model.rawValue), which only whole networks can have; use leaky"
      )
    }
    if let problem = gradient.problem(with: neuron) {
      throw CounterspikeError(.invalidRecipe, problem)
    }
    guard neuron.trained == nil else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.neuron.trained has no effect here; ask for the gradients of the constants instead")
    }
    guard gradient.deltaScaling == .none else {
      throw CounterspikeError(
        .invalidRecipe, "gradient.deltaScaling: it needs a whole network; leave it out")
    }
  }

  /// Values of the neurons' constants that stand for those of ``neuron``, as they are trained.
  package struct Constants: Sendable {
    /// τ_m > 1 and τ_s ≥ 1 in time steps, θ > 0.
    package var membraneTimeConstant: Double
    package var synapticTimeConstant: Double
    package var threshold: Double

    package init(
      membraneTimeConstant: Double, synapticTimeConstant: Double, threshold: Double
    ) {
      self.membraneTimeConstant = membraneTimeConstant
      self.synapticTimeConstant = synapticTimeConstant
      self.threshold = threshold
    }
  }

  /// What a call works on, apart from the arrays.
  package struct Extent: Sendable {
    package var timeSteps: Int
    /// N
    package var count: Int
    /// `nil`: those of the settings.
    package var constants: Constants?
    /// Threads, the calling one included.
    package var threads: Int
    /// The currents are one step's, `[N]`, and the same at every step.
    package var repeatsCurrents: Bool
    /// Windows that the output is summed over; `nil`: none.
    package var windows: PooledNeuronArray.Windows?

    package init(
      timeSteps: Int, count: Int, constants: Constants? = nil, threads: Int = 1,
      repeatsCurrents: Bool = false, windows: PooledNeuronArray.Windows? = nil
    ) {
      self.timeSteps = timeSteps
      self.count = count
      self.constants = constants
      self.threads = threads
      self.repeatsCurrents = repeatsCurrents
      self.windows = windows
    }
  }

  /// The neurons, with the sizes and constants of a call.
  ///
  /// - Throws: `mismatch` for sizes that no array can have, and for constants out of their ranges.
  func array(_ extent: Extent) throws(CounterspikeError) -> NeuronArray {
    let (steps, count) = (extent.timeSteps, extent.count)
    guard (1...1_000_000).contains(steps) else {
      throw CounterspikeError(.mismatch, "\(steps) time steps; allowed are 1 to 1,000,000")
    }
    let (values, isTooLarge) = steps.multipliedReportingOverflow(by: count)
    guard count >= 0, !isTooLarge, values < 1 << 40 else {
      throw CounterspikeError(
        .mismatch, "\(steps) time steps of \(count) neurons; no array has so many values")
    }
    var array = NeuronArray(
      membraneDecay: neuron.membraneDecay, synapticDecay: neuron.synapticDecay,
      threshold: neuron.threshold, dynamics: neuron.dynamics, timeSteps: steps, count: count,
      repeatsCurrents: extent.repeatsCurrents)
    guard let constants = extent.constants else { return array }
    func require(_ name: String, _ value: Double, _ isAllowed: Bool, _ allowed: String)
      throws(CounterspikeError)
    {
      guard value.isFinite, isAllowed else {
        throw CounterspikeError(
          .mismatch, "the \(name) is \(value); it must be a number \(allowed)")
      }
    }
    let (membrane, synapse) = (constants.membraneTimeConstant, constants.synapticTimeConstant)
    try require("membrane time constant", membrane, membrane > 1, "> 1")
    try require("synaptic time constant", synapse, synapse >= 1, "≥ 1")
    try require("threshold", constants.threshold, constants.threshold > 0, "> 0")
    array.membraneDecay = 1 - 1 / membrane
    array.synapticDecay = 1 - 1 / synapse
    array.threshold = Float(constants.threshold)
    return array
  }

  func rule(timeSteps: Int) -> SpikeRule {
    gradient.kernel(timeSteps: timeSteps, isKernelLossOutput: false)
  }

  /// Parts of the neurons that threads take one after the other: none is so small that waking a thread
  /// takes longer, and each is whole blocks.
  static func parts(_ array: NeuronArray, threads: Int) -> [Range<Int>] {
    let smallest = max(1, 32_768 / array.timeSteps)
    let parts = max(1, min(4 * max(threads, 1), array.count / smallest))
    let size = (array.count / parts + array.portion) / array.portion * array.portion
    return stride(from: 0, to: array.count, by: size).map {
      $0..<min($0 + size, array.count)
    }
  }
}
