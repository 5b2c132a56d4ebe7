extension NeuronArray {
  /// Gradients with respect to the constants, summed over neurons and time steps.
  package struct ConstantGradients: Sendable, Equatable {
    /// ∂L/∂m, ∂L/∂d and ∂L/∂θ
    package var membraneDecay = 0.0
    package var synapticDecay = 0.0
    package var threshold = 0.0

    package init() {}
  }

  /// What one thread works in.
  package final class Workspace: @unchecked Sendable {
    let scratch: NeuronScratch
    /// Neurons that are copied, those that fill no octet, say, `[T, 8]` each: currents and gradient.
    let rest: FloatBuffer
    let restGradient: FloatBuffer
    /// ∂L/∂m, ∂L/∂d and ∂L/∂θ of the neurons that are taken at a time.
    let sums: FloatBuffer

    /// - Parameter neurons: that are copied at a time.
    package init(_ array: NeuronArray, neurons: Int = FloatBuffer.octet) {
      scratch = NeuronScratch(timeSteps: array.timeSteps)
      rest = FloatBuffer(count: array.timeSteps * neurons)
      restGradient = FloatBuffer(count: array.timeSteps * neurons)
      sums = FloatBuffer(count: 3 * max(array.portion, neurons))
    }
  }

  /// Neurons that are taken at a time: their currents and errors stay in a processor's cache.
  package var portion: Int { min(4096, max(64, (16_384 / max(timeSteps, 1)) / 64 * 64)) }

  /// Turns the gradient with respect to the output into δ = ∂L/∂c for the neurons in `range`.
  ///
  /// What the output adds to the state behind the last step, and what it owes to the psc before the first
  /// one, has no part in it: backpropagation begins and ends with the array.
  ///
  /// - Parameters:
  ///   - currents: c, `[T, N]`, or `[N]`, as in the forward pass.
  ///   - membrane: v before the first step, `[N]`; `nil`: zeros, as it must be for currents that repeat.
  ///   - gradient: ∂L/∂output, `[T, N]`.
  ///   - deltas: δ, shaped like the currents; not the memory of `currents` or `gradient`.
  ///   - sums: what the gradients with respect to the constants are added to, if they are wanted.
  /// - Precondition: the rule ``SpikeRule/covers(_:)`` the dynamics.
  package func backward(
    _ range: Range<Int>, rule: SpikeRule, currents: UnsafePointer<Float>,
    membrane: UnsafePointer<Float>?, gradient: UnsafePointer<Float>,
    deltas: UnsafeMutablePointer<Float>, sums: inout ConstantGradients?, workspace: Workspace
  ) {
    requireNeurons(range)
    precondition(membrane == nil || !repeatsCurrents, "a membrane before currents that repeat")
    let all = (
      deltas: FloatBuffer(borrowing: deltas, count: currentSteps * count),
      // Only read.
      gradient: FloatBuffer(
        borrowing: UnsafeMutablePointer(mutating: gradient), count: timeSteps * count)
    )
    var first = range.lowerBound
    while first < range.upperBound {
      let left = range.upperBound - first
      let isRest = left < FloatBuffer.octet
      let neurons = isRest ? left : min(portion, left / FloatBuffer.octet * FloatBuffer.octet)
      var layer = layer(channels: isRest ? FloatBuffer.octet : neurons)
      if isRest {
        copy(
          currents, first, neurons, steps: currentSteps, membrane, to: workspace.rest.base,
          stride: FloatBuffer.octet)
        copy(
          gradient, first, neurons, steps: timeSteps, nil, to: workspace.restGradient.base,
          stride: FloatBuffer.octet)
        run(
          layer, rule, workspace.rest.slice(0, layer.currentCount), workspace.restGradient.all,
          neurons, &sums, workspace)
        for t in 0..<currentSteps {
          (deltas + t * count + first).update(
            from: workspace.rest.base + t * FloatBuffer.octet, count: neurons)
        }
      } else {
        copy(
          currents, first, neurons, steps: currentSteps, membrane, to: deltas + first,
          stride: count)
        layer.timeStride = count
        layer.outputTimeStride = count
        run(
          layer, rule, all.deltas.slice(first, layer.currentCount),
          all.gradient.slice(first, layer.outputCount), neurons, &sums, workspace)
      }
      first += neurons
    }
  }

  /// Time steps that the currents, and δ, have.
  var currentSteps: Int { repeatsCurrents ? 1 : timeSteps }

  func layer(height: Int = 1, width: Int = 1, channels: Int) -> NeuronLayer {
    var layer = NeuronLayer(
      membraneDecay: membraneDecay, synapticDecay: synapticDecay, threshold: threshold,
      timeSteps: timeSteps, batch: 1, height: height, width: width, channels: channels)
    layer.dynamics = dynamics
    // With no decay to wait for, a static input is there from the first step on.
    if repeatsCurrents { layer.stillInputDecay = 0 }
    return layer
  }

  /// Copies some neurons' series, c[0] with m·v of the membrane before it: the neuron that starts at v is
  /// the one that starts at zero on such a current.
  func copy(
    _ from: UnsafePointer<Float>, _ first: Int, _ neurons: Int, steps: Int,
    _ membrane: UnsafePointer<Float>?, to: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for t in 0..<steps {
      (to + t * stride).update(from: from + t * count + first, count: neurons)
    }
    guard let membrane else { return }
    let m = Float(membraneDecay)
    for neuron in 0..<neurons { to[neuron] = m * membrane[first + neuron] + to[neuron] }
  }

  func run(
    _ layer: NeuronLayer, _ rule: SpikeRule, _ currents: FloatSlice, _ gradient: FloatSlice,
    _ neurons: Int, _ sums: inout ConstantGradients?, _ workspace: Workspace
  ) {
    guard sums != nil else {
      layer.backward(
        rule: rule, currents: currents, gradient: gradient, scratch: workspace.scratch)
      return
    }
    let channels = layer.channels
    func constants(_ buffer: FloatBuffer) -> NeuronConstants {
      NeuronConstants(
        membraneDecay: buffer.slice(0, channels), synapticDecay: buffer.slice(channels, channels),
        threshold: buffer.slice(2 * channels, channels))
    }
    let result = constants(workspace.sums)
    for slice in [result.membraneDecay, result.synapticDecay, result.threshold] { slice.fill(0) }
    layer.backward(
      rule: rule, currents: currents, gradient: gradient, scratch: workspace.scratch,
      constants: nil, constantGradients: result)
    func total(_ slice: FloatSlice) -> Double {
      (0..<neurons).reduce(0) { $0 + Double(slice[$1]) }
    }
    sums?.membraneDecay += total(result.membraneDecay)
    sums?.synapticDecay += total(result.synapticDecay)
    sums?.threshold += total(result.threshold)
  }
}
