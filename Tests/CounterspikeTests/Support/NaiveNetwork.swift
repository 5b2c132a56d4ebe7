import Counterspike
import CounterspikeKernels
import CounterspikeReference

/// A network computed by the letter of the equations: double precision, one synapse at a time.
///
/// Values lie as `[T][B][C·H·W]`.
struct NaiveNetwork {
  typealias Values = [[[Double]]]

  /// One synapse: which input value arrives at which neuron over which weight.
  struct Synapse {
    let input: Int
    let neuron: Int
    let weight: Int
  }

  /// What one stage did.
  struct Layer {
    var input: Values
    var currents: Values
    var membrane: Values
    var spikes: Values
    var psc: Values
    /// Behind pooling and dropout.
    var output: Values
  }

  let network: Network
  let synapses: [[Synapse]]
  /// Dropout masks, `[stage][sample]`; none in a stage without.
  var masks: [[[Double]]]

  init(_ network: Network, masks: [[[Double]]] = []) {
    self.network = network
    self.masks = masks
    synapses = network.plan.stages.map { Self.synapses(of: $0) }
  }

  private static func synapses(of stage: NetworkPlan.Stage) -> [Synapse] {
    let (inputs, neurons) = (stage.inputShape, stage.neuronShape)
    var synapses: [Synapse] = []
    switch stage.kind {
    case .dense:
      let count = inputs.reduce(1, *)
      for neuron in 0..<neurons[0] {
        for input in 0..<count {
          synapses.append(Synapse(input: input, neuron: neuron, weight: neuron * count + input))
        }
      }
    case .convolution(let kernel, let stride, let padding):
      synapses = Self.synapses(
        inputs: inputs, neurons: neurons, kernel: kernel, stride: stride, padding: padding)
    case .registered(let name): preconditionFailure("no equations of the layer \(name)")
    }
    return synapses
  }

  /// Those of a convolution.
  static func synapses(
    inputs: [Int], neurons: [Int], kernel: Int, stride: Int, padding: Int, groups: Int = 1
  ) -> [Synapse] {
    var synapses: [Synapse] = []
    for out in 0..<neurons[0] {
      for y in 0..<neurons[1] {
        for x in 0..<neurons[2] {
          let share = inputs[0] / groups
          let first = out / (neurons[0] / groups) * share
          for channel in first..<first + share {
            for ky in 0..<kernel {
              for kx in 0..<kernel {
                let row = y * stride + ky - padding
                let column = x * stride + kx - padding
                guard 0..<inputs[1] ~= row, 0..<inputs[2] ~= column else { continue }
                synapses.append(
                  Synapse(
                    input: (channel * inputs[1] + row) * inputs[2] + column,
                    neuron: (out * neurons[1] + y) * neurons[2] + x,
                    weight: ((out * share + channel - first) * kernel + ky) * kernel + kx))
              }
            }
          }
        }
      }
    }
    return synapses
  }

  /// The pooling window that neuron `index` is in; `nil` where it is in none.
  private static func window(of index: Int, _ stage: NetworkPlan.Stage) -> Int? {
    guard let window = stage.pooling?.height else { return index }
    let (height, width) = (stage.neuronShape[1], stage.neuronShape[2])
    let (y, x) = (index / width % height / window, index % width / window)
    let (pooledHeight, pooledWidth) = (stage.outputShape[1], stage.outputShape[2])
    guard y < pooledHeight, x < pooledWidth else { return nil }
    return (index / (height * width) * pooledHeight + y) * pooledWidth + x
  }

  private static func reference(_ stage: NetworkPlan.Stage) -> NeuronReference {
    NeuronReference(
      membraneDecay: stage.neuron.membraneDecay, synapticDecay: stage.neuron.synapticDecay,
      threshold: Double(stage.neuron.threshold))
  }

  /// The factor between a neuron's psc and its share of output `place`.
  private func factor(_ stage: Int, _ sample: Int, _ place: Int) -> Double {
    let pooling = Double(network.plan.stages[stage].pooling?.factor ?? 1)
    guard stage < masks.count, !masks[stage].isEmpty else { return pooling }
    return pooling * masks[stage][sample][place]
  }

  // MARK: Forward

  /// The samples behind the input's synapse.
  static func filtered(_ input: Tensor, _ plan: NetworkPlan) -> Values {
    let size = plan.inputShape.reduce(1, *)
    let isStill = input.shape.count == 4
    let batch = input.shape[isStill ? 0 : 1]
    let d = plan.inputSynapticDecay
    var values: Values = []
    for t in 0..<plan.timeSteps {
      values.append(
        (0..<batch).map { sample in
          (0..<size).map { i in
            let x = Double(input.scalars[((isStill ? 0 : t * batch) + sample) * size + i])
            return (t == 0 ? 0 : d * values[t - 1][sample][i]) + (1 - d) * x
          }
        })
    }
    return values
  }

  /// - Parameter input: `[B, C, H, W]` or `[T, B, C, H, W]`.
  func run(_ input: Tensor) -> [Layer] {
    let plan = network.plan
    var values = Self.filtered(input, plan)
    return plan.stages.indices.map { index in
      let layer = run(stage: index, values)
      values = layer.output
      return layer
    }
  }

  private func run(stage index: Int, _ input: Values) -> Layer {
    let stage = network.plan.stages[index]
    let weights = network.weights[index].scalars.map { Double($0) }
    let reference = Self.reference(stage)
    let empty = [Double](repeating: 0, count: stage.neuronCount)
    let blank = input.map { $0.map { _ in empty } }
    var layer = Layer(
      input: input, currents: blank, membrane: blank, spikes: blank, psc: blank,
      output: input.map {
        $0.map { _ in [Double](repeating: 0, count: stage.outputShape.reduce(1, *)) }
      })
    for t in input.indices {
      for sample in input[t].indices {
        var sums = empty
        let values = input[t][sample]
        for synapse in synapses[index] {
          sums[synapse.neuron] += weights[synapse.weight] * values[synapse.input]
        }
        layer.currents[t][sample] = sums
      }
    }
    for sample in input[0].indices {
      for neuron in 0..<stage.neuronCount {
        let trace = reference.run(input.indices.map { layer.currents[$0][sample][neuron] })
        let place = Self.window(of: neuron, stage)
        for t in input.indices {
          layer.membrane[t][sample][neuron] = trace.membrane[t]
          layer.spikes[t][sample][neuron] = trace.spikes[t]
          layer.psc[t][sample][neuron] = trace.psc[t]
          if let place {
            layer.output[t][sample][place] += factor(index, sample, place) * trace.psc[t]
          }
        }
      }
    }
    return layer
  }

  // MARK: Backward

  /// Loss and weight gradients, both summed over the samples.
  func lossGradient(
    _ input: Tensor, labels: [Int], gradient settings: GradientSettings, loss: LossSettings
  ) -> (loss: Double, weights: [[Double]]) {
    let layers = run(input)
    let plan = network.plan
    let (total, first) = NaiveLoss(loss, plan: plan).run(
      layers[layers.count - 1].output, labels: labels)
    var gradient = first
    var weights = plan.stages.map { [Double](repeating: 0, count: $0.weightCount) }
    for index in plan.stages.indices.reversed() {
      let deltas = deltas(stage: index, layers[index], gradient, settings)
      let values = network.weights[index].scalars.map { Double($0) }
      gradient = layers[index].input.map { $0.map { $0.map { _ in 0 } } }
      for t in deltas.indices {
        for sample in deltas[t].indices {
          let (delta, input) = (deltas[t][sample], layers[index].input[t][sample])
          var back = gradient[t][sample]
          for synapse in synapses[index] {
            weights[index][synapse.weight] += delta[synapse.neuron] * input[synapse.input]
            back[synapse.input] += delta[synapse.neuron] * values[synapse.weight]
          }
          gradient[t][sample] = back
        }
      }
    }
    return (total, weights)
  }

  private func deltas(
    stage index: Int, _ layer: Layer, _ gradient: Values, _ settings: GradientSettings
  ) -> Values {
    let stage = network.plan.stages[index]
    let reference = Self.reference(stage)
    var deltas = layer.currents.map { $0.map { $0.map { _ in 0.0 } } }
    for sample in layer.currents[0].indices {
      for neuron in 0..<stage.neuronCount {
        guard let place = Self.window(of: neuron, stage) else { continue }
        let share = factor(index, sample, place)
        let currents = layer.currents.map { $0[sample][neuron] }
        let g = gradient.map { share * $0[sample][place] }
        let result =
          switch settings.kernel(timeSteps: currents.count, isKernelLossOutput: false) {
          case .neighborhood(let rule):
            reference.neighborhood(currents: currents, gradient: g, rule: rule)
          case .surrogate(let rule):
            reference.surrogate(currents: currents, gradient: g, rule: rule)
          case .tsslbp:
            Self.tsslbp(reference, currents, g)
          case .slayer, .neuronwise, .external, .own:
            preconditionFailure("there is no plain version of this rule here")
          }
        for t in deltas.indices { deltas[t][sample][neuron] = result[t] }
      }
    }
    return deltas
  }

  /// δ of TSSL-BP for one neuron.
  private static func tsslbp(
    _ neuron: NeuronReference, _ currents: [Double], _ gradient: [Double]
  ) -> [Double] {
    let trace = neuron.run(currents)
    let errors = neuron.filteredError(gradient)
    let (m, d) = (neuron.membraneDecay, neuron.synapticDecay)
    let last = currents.count - 1
    var carried = 0.0
    var deltas = currents
    for t in currents.indices.reversed() {
      let (u, s) = (trace.membrane[t], trace.spikes[t])
      let before = t == 0 ? 0 : trace.membrane[t - 1] * (1 - trace.spikes[t - 1])
      let rise = currents[t] - before * (1 - m)
      let p = max(-8, min(0, -1 / rise)) * s
      let error = (1 - d) * errors[t]
      var q = -p * error
      if t < last { q += -carried * u * p * (1 - m) + carried * m * (1 - s) }
      carried = q * s + carried * m * (1 - s)
      let z = min(abs(u - neuron.threshold) / 0.2, 8)
      let sigma = 1 / (1 + exponential(-z))
      deltas[t] = trace.psc[t] < (1 - d) / 4 ? error * sigma * (1 - sigma) / 0.2 : q
    }
    return deltas
  }
}
