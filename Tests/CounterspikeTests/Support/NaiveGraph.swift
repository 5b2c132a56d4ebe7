import Counterspike
import CounterspikeKernels
import CounterspikeReference

/// Any network of nodes by the letter of the equations: double precision, one value at a time, all samples
/// at once, and no value shared between nodes. Masks of dropout are not drawn.
///
/// Values lie as `[T][B][C·H·W]`.
struct NaiveGraph {
  typealias Values = NaiveNetwork.Values

  let network: Network
  /// Whether normalizations take the statistics of the samples.
  var isTraining: Bool
  /// A neuron that fires otherwise than its currents have it: by node, sample and place, and its spikes.
  var change: (node: Int, sample: Int, neuron: Int, spikes: [Double])?
  /// A spike of a recurrent neuron that is inverted.
  var flip: (node: Int, sample: Int, neuron: Int, step: Int)?
  var plan: NetworkPlan { network.plan }

  private func values(_ id: NetworkPlan.Parameter.ID) -> [Double] {
    (network[id]?.scalars ?? []).map { Double($0) }
  }

  private func hasParameter(_ id: NetworkPlan.Parameter.ID) -> Bool { network[id] != nil }

  // MARK: Forward

  /// The value of every node.
  ///
  /// - Parameter input: `[B, C, H, W]` or `[T, B, C, H, W]`.
  func run(_ input: Tensor) -> [Values] {
    var results: [Values] = []
    for node in plan.nodes { results.append(value(of: node, results, input)) }
    return results
  }

  private func value(
    of node: NetworkPlan.Node, _ results: [Values], _ input: Tensor
  ) -> Values {
    let inputs = node.inputs.map { results[$0] }
    switch node.operation {
    case .input: return NaiveNetwork.filtered(input, plan)
    case .convolution, .dense:
      let weights = values("\(node.name).weight")
      let bias = hasParameter("\(node.name).bias") ? values("\(node.name).bias") : nil
      let pixels = node.shape[1] * node.shape[2]
      let synapses = synapses(node)
      return inputs[0].map { step in
        step.map { sample in
          var sums = (0..<node.shape[0] * pixels).map { bias?[$0 / pixels] ?? 0 }
          for synapse in synapses {
            sums[synapse.neuron] += weights[synapse.weight] * sample[synapse.input]
          }
          return sums
        }
      }
    case .normalization(let normalization):
      return normalized(node, normalization, inputs[0]).result
    case .sum:
      return map(inputs[0]) { t, b, i, _ in inputs.reduce(0) { $0 + $1[t][b][i] } }
    case .registered(let piece, _): preconditionFailure("no equations of the layer \(piece.name)")
    case .neurons(_, _, let kind):
      let references = references(node)
      var psc = inputs[0]
      if kind == .readout {
        each(neuronOf: inputs[0]) { b, i, currents in
          var u = 0.0
          for (t, c) in currents.enumerated() {
            u = references[i].membraneDecay * u + c
            psc[t][b][i] = u
          }
        }
        return psc
      }
      if kind == .recurrent {
        let lateral = lateral(node)
        for b in inputs[0][0].indices {
          let flip = flip.flatMap { $0.node == node.id && $0.sample == b ? $0 : nil }
          let traces = NeuronReference.run(
            references, series(inputs[0], b), lateral: lateral,
            inverting: flip.map { (neuron: $0.neuron, step: $0.step) }
          ).traces
          for (i, trace) in traces.enumerated() {
            for (t, a) in trace.psc.enumerated() { psc[t][b][i] = a }
          }
        }
        return psc
      }
      each(neuronOf: inputs[0]) { b, i, currents in
        for (t, a) in references[i].run(currents).psc.enumerated() { psc[t][b][i] = a }
      }
      if let change, change.node == node.id {
        var a = 0.0
        for (t, spike) in change.spikes.enumerated() {
          let d = references[change.neuron].synapticDecay
          a = d * a + (1 - d) * spike
          psc[t][change.sample][change.neuron] = a
        }
      }
      return psc
    case .pooling(let pooling):
      return inputs[0].map { step in
        step.map { sample in
          windows(node, pooling).map { places in
            let inside = places.map { sample[$0] }
            return pooling.kind == .maximum
              ? inside.max() ?? 0 : Double(pooling.factor) * inside.reduce(0, +)
          }
        }
      }
    case .dropout: return inputs[0]
    case .delay(let delay):
      return map(inputs[0]) { t, b, i, _ in
        later(by: delays(node, delay)[i / (node.shape[1] * node.shape[2])], t) {
          inputs[0][$0][b][i]
        }
      }
    }
  }

  private func normalized(
    _ node: NetworkPlan.Node, _ normalization: NetworkPlan.Normalization, _ input: Values
  ) -> (result: Values, standard: Values, inverse: [Double]) {
    let (channels, pixels) = (node.shape[0], node.shape[1] * node.shape[2])
    let (scale, shift) = (values("\(node.name).scale"), values("\(node.name).shift"))
    var mean = [Double](repeating: 0, count: channels)
    var variance = mean
    if isTraining {
      let count = Double(input.count * input[0].count * pixels)
      for step in input {
        for sample in step { for (i, z) in sample.enumerated() { mean[i / pixels] += z / count } }
      }
      for step in input {
        for sample in step {
          for (i, z) in sample.enumerated() {
            variance[i / pixels] += (z - mean[i / pixels]) * (z - mean[i / pixels]) / count
          }
        }
      }
    } else {
      let places = plan.statistics.indices.filter { plan.statistics[$0].node == node.id }
      mean = network.statistics[places[0]].scalars.map { Double($0) }
      variance = network.statistics[places[1]].scalars.map { Double($0) }
    }
    let inverse = variance.map {
      1 / ($0 + Double(NetworkPlan.Normalization.epsilon)).squareRoot()
    }
    let standard = map(input) { _, _, i, z in (z - mean[i / pixels]) * inverse[i / pixels] }
    let threshold = Double(normalization.threshold)
    let result = map(standard) { _, _, i, x in
      scale[i / pixels] * threshold * x + shift[i / pixels]
    }
    return (result, standard, inverse)
  }

  /// The loss of one sample.
  func loss(_ input: Tensor, sample: Int, label: Int, loss: LossSettings) -> Double {
    let results = run(input)
    return NaiveLoss(loss, plan: plan).run(
      results[results.count - 1].map { $0[sample] }, label: label
    ).loss
  }

  // MARK: Backward

  /// The loss and ∂loss/∂parameter, both summed over the samples, for each of the plan's parameters.
  func lossGradient(
    _ input: Tensor, labels: [Int], gradient settings: GradientSettings, loss: LossSettings
  ) -> (loss: Double, parameters: [[Double]]) {
    let results = run(input)
    let (total, last) = NaiveLoss(loss, plan: plan).run(
      results[results.count - 1], labels: labels)
    var errors = results.map { map($0) { _, _, _, _ in 0.0 } }
    errors[errors.count - 1] = last
    var gradients = plan.parameters.map { [Double](repeating: 0, count: $0.count) }
    func add(_ id: String, _ place: Int, _ value: Double) {
      guard let index = plan.parameters.firstIndex(where: { $0.id == id }) else { return }
      gradients[index][place] += value
    }
    for node in plan.nodes.reversed() where node.id > 0 {
      let error = errors[node.id]
      let before = results[node.inputs[0]]
      switch node.operation {
      case .input: break
      case .convolution, .dense:
        let weights = values("\(node.name).weight")
        let pixels = node.shape[1] * node.shape[2]
        let synapses = synapses(node)
        var sums = [Double](repeating: 0, count: weights.count)
        for t in error.indices {
          for b in error[t].indices {
            for synapse in synapses {
              sums[synapse.weight] += error[t][b][synapse.neuron] * before[t][b][synapse.input]
              errors[node.inputs[0]][t][b][synapse.input] +=
                error[t][b][synapse.neuron] * weights[synapse.weight]
            }
            for (i, value) in error[t][b].enumerated() {
              add("\(node.name).bias", i / pixels, value)
            }
          }
        }
        for (place, sum) in sums.enumerated() { add("\(node.name).weight", place, sum) }
      case .normalization(let normalization):
        let (_, standard, inverse) = normalized(node, normalization, before)
        let pixels = node.shape[1] * node.shape[2]
        let threshold = Double(normalization.threshold)
        let scale = values("\(node.name).scale")
        let count = Double(error.count * error[0].count * pixels)
        var plain = [Double](repeating: 0, count: node.shape[0])
        var weighted = plain
        for t in error.indices {
          for b in error[t].indices {
            for (i, g) in error[t][b].enumerated() {
              plain[i / pixels] += g
              weighted[i / pixels] += g * standard[t][b][i]
            }
          }
        }
        for channel in plain.indices {
          add("\(node.name).shift", channel, plain[channel])
          add("\(node.name).scale", channel, threshold * weighted[channel])
        }
        let share = isTraining ? 1 / count : 0
        accumulate(into: &errors[node.inputs[0]]) { t, b, i in
          let c = i / pixels
          return scale[c] * threshold * inverse[c]
            * (error[t][b][i] - share * plain[c] - share * weighted[c] * standard[t][b][i])
        }
      case .sum:
        for input in node.inputs {
          accumulate(into: &errors[input]) { t, b, i in error[t][b][i] }
        }
      case .registered(let piece, _): preconditionFailure("no equations of the layer \(piece.name)")
      case .neurons(_, let rule, let kind):
        let references = references(node)
        func addConstants(_ i: Int, _ sums: NeuronReference.ConstantGradients) {
          for (name, gradient) in [
            ("membraneTimeConstant", sums.membraneDecay),
            ("synapticTimeConstant", sums.synapticDecay), ("threshold", sums.threshold),
          ] where hasParameter("\(node.name).\(name)") {
            let arguments = values("\(node.name).\(name)")
            let place = arguments.count == 1 ? 0 : i / (node.shape[1] * node.shape[2])
            let logistic = 1 / (1 + exponential(-arguments[place]))
            add(
              "\(node.name).\(name)", place,
              gradient * logistic * (name == "threshold" ? 1 : 1 - logistic))
          }
        }
        if kind == .readout {
          each(neuronOf: error) { b, i, g in
            var (delta, ofDecay) = (0.0, 0.0)
            for t in g.indices.reversed() {
              delta = g[t] + references[i].membraneDecay * delta
              errors[node.inputs[0]][t][b][i] += delta
              if t > 0 { ofDecay += delta * results[node.id][t - 1][b][i] }
            }
            var sums = NeuronReference.ConstantGradients()
            sums.membraneDecay = ofDecay
            addConstants(i, sums)
          }
          continue
        }
        let stage = plan.stages.first { "\($0.name).neurons" == node.name }
        let kernel = (stage.map { settings.settings(of: $0) } ?? rule ?? settings).kernel(
          timeSteps: plan.timeSteps, isKernelLossOutput: false)
        func deltas(_ i: Int, _ currents: [Double], _ g: [Double]) -> [Double] {
          switch kernel {
          case .neighborhood(let rule):
            references[i].neighborhood(currents: currents, gradient: g, rule: rule)
          case .surrogate(let rule):
            references[i].surrogate(currents: currents, gradient: g, rule: rule)
          default: preconditionFailure("there is no plain version of this rule here")
          }
        }
        if kind == .recurrent {
          let lateral = lateral(node)
          for b in before[0].indices {
            let (currents, traces) = NeuronReference.run(
              references, series(before, b), lateral: lateral)
            let (found, gradient) = NeuronReference.recurrentDeltas(
              currents: currents, gradient: series(error, b), lateral: lateral, rule: deltas)
            for i in found.indices {
              addConstants(
                i,
                references[i].constantGradients(
                  traces[i], gradient: gradient[i], deltas: found[i]))
              for t in found[i].indices {
                errors[node.inputs[0]][t][b][i] += found[i][t]
                guard t > 0 else { continue }
                for (j, trace) in traces.enumerated() {
                  add("\(node.name).lateral", i * found.count + j, found[i][t] * trace.psc[t - 1])
                }
              }
            }
          }
          continue
        }
        each(neuronOf: before) { b, i, currents in
          let gradient = error.map { $0[b][i] }
          let deltas = deltas(i, currents, gradient)
          addConstants(
            i,
            references[i].constantGradients(
              references[i].run(currents), gradient: gradient, deltas: deltas))
          for (t, delta) in deltas.enumerated() { errors[node.inputs[0]][t][b][i] += delta }
        }
      case .pooling(let pooling):
        let windows = windows(node, pooling)
        for t in error.indices {
          for b in error[t].indices {
            for (place, inside) in windows.enumerated() {
              let winner = inside.first { i in
                inside.allSatisfy { before[t][b][$0] <= before[t][b][i] }
              }
              for i in inside {
                let factor =
                  pooling.kind == .maximum ? (i == winner ? 1 : 0) : Double(pooling.factor)
                errors[node.inputs[0]][t][b][i] += factor * error[t][b][place]
              }
            }
          }
        }
      case .delay(let delay):
        let pixels = node.shape[1] * node.shape[2]
        let delays = delays(node, delay)
        for t in error.indices {
          for b in error[t].indices {
            for (i, g) in error[t][b].enumerated() {
              let (steps, rest) = (Int(delays[i / pixels]), delays[i / pixels].truncated)
              let input = node.inputs[0]
              if t >= steps { errors[input][t - steps][b][i] += (1 - rest) * g }
              if t > steps { errors[input][t - steps - 1][b][i] += rest * g }
              guard delay.isTrained else { continue }
              let here = t >= steps ? before[t - steps][b][i] : 0
              let earlier = t > steps ? before[t - steps - 1][b][i] : 0
              add("\(node.name).delay", i / pixels, Double(delay.longest) * g * (earlier - here))
            }
          }
        }
      case .dropout: accumulate(into: &errors[node.inputs[0]]) { t, b, i in error[t][b][i] }
      }
    }
    return (total, gradients)
  }

  // MARK: Pieces

  /// The reference of each neuron, in the order C, H, W.
  private func references(_ node: NetworkPlan.Node) -> [NeuronReference] {
    guard case .neurons(let neuron, _, _) = node.operation else { return [] }
    func trained(_ name: String, _ channel: Int) -> Double? {
      let arguments = values("\(node.name).\(name)")
      return arguments.isEmpty ? nil : arguments[arguments.count == 1 ? 0 : channel]
    }
    func logistic(_ w: Double) -> Double { 1 / (1 + exponential(-w)) }
    return (0..<node.shape.reduce(1, *)).map { place in
      let channel = place / (node.shape[1] * node.shape[2])
      return NeuronReference(
        membraneDecay: trained("membraneTimeConstant", channel).map(logistic)
          ?? neuron.membraneDecay,
        synapticDecay: trained("synapticTimeConstant", channel).map(logistic)
          ?? neuron.synapticDecay,
        threshold: trained("threshold", channel).map { naturalLogarithm(1 + exponential($0)) }
          ?? Double(neuron.threshold))
    }
  }

  /// D of each channel.
  private func delays(_ node: NetworkPlan.Node, _ delay: NetworkPlan.Delay) -> [Double] {
    guard delay.isParameter else {
      return [Double](repeating: Double(delay.longest), count: node.shape[0])
    }
    return values("\(node.name).delay").map { Double(delay.longest) * min(max($0, 0), 1) }
  }

  /// A value `delay` steps before t, between two steps on the straight line.
  private func later(by delay: Double, _ t: Int, _ value: (Int) -> Double) -> Double {
    let steps = Int(delay)
    return (t >= steps ? (1 - delay.truncated) * value(t - steps) : 0)
      + (t > steps ? delay.truncated * value(t - steps - 1) : 0)
  }

  /// V, target by source.
  private func lateral(_ node: NetworkPlan.Node) -> [[Double]] {
    let (weights, count) = (values("\(node.name).lateral"), node.shape[0])
    return (0..<count).map { Array(weights[$0 * count..<($0 + 1) * count]) }
  }

  /// The values of each neuron over time.
  private func series(_ values: Values, _ b: Int) -> [[Double]] {
    values[0][b].indices.map { i in values.map { $0[b][i] } }
  }

  private func synapses(_ node: NetworkPlan.Node) -> [NaiveNetwork.Synapse] {
    let inputs = plan.nodes[node.inputs[0]].shape
    guard case .convolution(let kernel, let stride, let padding, let groups) = node.operation else {
      let count = inputs.reduce(1, *)
      return (0..<node.shape[0] * count).map {
        NaiveNetwork.Synapse(input: $0 % count, neuron: $0 / count, weight: $0)
      }
    }
    return NaiveNetwork.synapses(
      inputs: inputs, neurons: node.shape, kernel: kernel, stride: stride, padding: padding,
      groups: groups)
  }

  /// The places of the input that each window of a pooling holds.
  private func windows(_ node: NetworkPlan.Node, _ pooling: NetworkPlan.Pooling) -> [[Int]] {
    let input = plan.nodes[node.inputs[0]].shape
    return (0..<node.shape.reduce(1, *)).map { place in
      let (width, height) = (node.shape[2], node.shape[1])
      let (x, y, c) = (place % width, place / width % height, place / width / height)
      return (0..<pooling.height * pooling.width).map { inside in
        let row = y * pooling.height + inside / pooling.width
        return (c * input[1] + row) * input[2] + x * pooling.width + inside % pooling.width
      }
    }
  }

  private func map(
    _ values: Values, _ body: (_ t: Int, _ b: Int, _ i: Int, _ value: Double) -> Double
  ) -> Values {
    values.indices.map { t in
      values[t].indices.map { b in
        values[t][b].indices.map { i in body(t, b, i, values[t][b][i]) }
      }
    }
  }

  private func accumulate(
    into values: inout Values, _ body: (_ t: Int, _ b: Int, _ i: Int) -> Double
  ) {
    for t in values.indices {
      for b in values[t].indices {
        for i in values[t][b].indices { values[t][b][i] += body(t, b, i) }
      }
    }
  }

  private func each(
    neuronOf values: Values, _ body: (_ b: Int, _ i: Int, _ overTime: [Double]) -> Void
  ) {
    for b in values[0].indices {
      for i in values[0][b].indices { body(b, i, values.map { $0[b][i] }) }
    }
  }
}

extension Double {
  /// What is behind the point.
  fileprivate var truncated: Double { self - rounded(.down) }
}
