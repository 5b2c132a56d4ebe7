internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeSettings
internal import CounterspikeSystem

/// Writes a network's nodes as calls of a few functions of C, see ``CFunctions``.
///
/// What neurons keep lies in `state`, values that only one step needs in `work`, where they share their
/// places as soon as nothing needs them any more.
struct CNetworkWriter {
  private let network: Network
  private let plan: NetworkPlan
  private(set) var constantCount = 0
  private(set) var stateCount = 0
  private(set) var workCount = 0
  private(set) var multiplyAdds = 0
  private var constants: [String] = []
  private var calls: [String] = []
  private var used: Set<CFunctions> = []
  /// Where each node's value is, as an expression of C.
  private var places: [Int: String] = [:]
  /// Parts of `work` that are taken, by the nodes whose values they hold.
  private var taken: [Int: Range<Int>] = [:]
  /// Nodes that look at another one's place.
  private var owners: [Int: Int] = [:]

  init(_ network: Network) {
    self.network = network
    plan = network.plan
    for node in plan.nodes {
      write(node)
      release(behind: node)
    }
    let output = plan.nodes.count - 1
    calls.append(
      "  for (int i = 0; i < NETWORK_OUTPUTS; i++) output[i] = (\(places[output] ?? "w"))[i];")
  }

  // MARK: Files

  func header() -> String {
    """
    /* A spiking network, written by Counterspike. C99; no allocation, no library. */
    #ifndef NETWORK_H
    #define NETWORK_H

    /* Numbers of one time step's input, [C, H, W] = \(plan.inputShape), and outputs. */
    #define NETWORK_INPUTS \(plan.inputShape.reduce(1, *))
    #define NETWORK_OUTPUTS \(plan.classCount)

    typedef struct {
      float state[\(max(stateCount, 1))];
      float work[\(max(workCount, 1))];
      unsigned long step;
    } network;

    /* Forgets all time steps. */
    void network_reset(network *net);

    /* Makes a time step. output: post-synaptic currents of the output neurons, or the potentials of a
       readout; the class is that of the largest sum over time. */
    void network_step(network *net, const float *input, float *output);

    #endif

    """
  }

  func source() -> String {
    let functions = CFunctions.allCases.filter { used.contains($0) }.map(\.text)
    return """
      #include "network.h"

      \(constants.joined(separator: "\n"))

      \(functions.joined(separator: "\n"))
      void network_reset(network *net) {
        for (int i = 0; i < (int)(sizeof net->state / sizeof net->state[0]); i++) net->state[i] = 0;
        net->step = 0;
      }

      void network_step(network *net, const float *input, float *output) {
        float *s = net->state, *w = net->work;
        (void)w;
      \(calls.joined(separator: "\n"))
        net->step++;
      }

      """
  }

  // MARK: Memory

  private mutating func constant(_ name: String, _ values: [Float]) -> String {
    // Layers whose names differ in such characters only have constants of their own.
    let name = CConstant.name("\(constants.count)_\(name)")
    constants.append(CConstant.array("float", name, values.map(\.cText)))
    constantCount += values.count
    return name
  }

  private mutating func state(_ count: Int) -> String {
    defer { stateCount += count }
    return "s + \(stateCount)"
  }

  /// A part of `work` for a node's value: the first gap that is large enough.
  private mutating func work(_ node: NetworkPlan.Node) -> String {
    let count = node.shape.reduce(1, *)
    var begin = 0
    for range in taken.values.sorted(by: { $0.lowerBound < $1.lowerBound })
    where range.lowerBound < begin + count {
      begin = max(begin, range.upperBound)
    }
    taken[node.id] = begin..<(begin + count)
    workCount = max(workCount, begin + count)
    places[node.id] = "w + \(begin)"
    return "w + \(begin)"
  }

  private mutating func alias(_ node: NetworkPlan.Node, of input: Int) {
    places[node.id] = places[input]
    owners[node.id] = owners[input] ?? input
  }

  /// Gives back the places of values that no node behind this one takes.
  private mutating func release(behind node: NetworkPlan.Node) {
    for id in taken.keys {
      let looking = plan.nodes.filter { $0.id == id || owners[$0.id] == id }.map(\.id)
      let isNeeded = looking.contains { id in plan.consumers[id].contains { $0 > node.id } }
      if !isNeeded, id != node.id { taken[id] = nil }
    }
  }

  // MARK: Nodes

  private func value(_ node: NetworkPlan.Node) -> String { places[node.inputs[0]] ?? "w" }

  private mutating func call(_ function: CFunctions, _ arguments: [String]) {
    used.insert(function)
    calls.append("  \(function.rawValue)(\(arguments.joined(separator: ", ")));")
  }

  private mutating func write(_ node: NetworkPlan.Node) {
    let count = node.shape.reduce(1, *)
    switch node.operation {
    case .input:
      let a = state(count)
      places[node.id] = a
      call(.filter, ["input", "\(count)", Float(plan.inputSynapticDecay).cText, a])
    case .convolution, .dense: product(node)
    case .normalization, .dropout: alias(node, of: node.inputs[0])
    case .sum:
      let parts = node.inputs.map { places[$0] ?? "w" }
      let target = work(node)
      call(.copy, [parts[0], "\(count)", target])
      for part in parts.dropFirst() { call(.add, [part, "\(count)", target]) }
    case .pooling(let pooling):
      let input = plan.nodes[node.inputs[0]].shape
      let from = value(node)
      let target = work(node)
      call(
        pooling.kind == .maximum ? .poolMaximum : .poolSum,
        [from] + input.map { "\($0)" } + ["\(pooling.height)", "\(pooling.width)"]
          + (pooling.kind == .maximum ? [] : [pooling.factor.cText]) + [target])
    case .delay(let delay): self.delay(node, delay)
    case .neurons(_, _, let kind): neurons(node, kind)
    // CSource has refused it.
    case .registered: break
    }
  }

  private mutating func product(_ node: NetworkPlan.Node) {
    guard let (weights, bias) = network.folded(node) else { return }
    let input = plan.nodes[node.inputs[0]].shape
    let from = value(node)
    let target = work(node)
    let weight = constant("\(node.name)_weight", weights.scalars)
    let offset = bias.map { constant("\(node.name)_bias", $0) } ?? "0"
    multiplyAdds += node.shape[1] * node.shape[2] * weights.count
    guard case .convolution(let kernel, let stride, let padding, let groups) = node.operation else {
      return call(
        .dense, [from, "\(input.reduce(1, *))", weight, offset, "\(node.shape[0])", target])
    }
    call(
      .convolution,
      [from] + input.map { "\($0)" } + [weight, offset, "\(node.shape[0])"]
        + [kernel, stride, padding, groups].map { "\($0)" } + [target])
  }

  private mutating func delay(_ node: NetworkPlan.Node, _ delay: NetworkPlan.Delay) {
    let count = node.shape.reduce(1, *)
    let shares = plan.parameters.firstIndex { $0.node == node.id && $0.role == .delay }.map {
      network.weights[$0].scalars
    }
    let delays = (0..<node.shape[0]).map { channel in
      delay.longest * (shares.map { min(max($0[channel], 0), 1) } ?? 1)
    }
    let length = Int(delay.longest) + 2
    let ring = state(length * count)
    let from = value(node)
    let target = work(node)
    let steps = constant("\(node.name)_steps", delays)
    call(
      .delay,
      [
        from, "\(node.shape[0])", "\(count / node.shape[0])", steps, "\(length)", "net->step", ring,
        target,
      ])
  }

  private mutating func neurons(_ node: NetworkPlan.Node, _ kind: NetworkPlan.NeuronKind) {
    let count = node.shape.reduce(1, *)
    guard let stage = plan.stages.firstIndex(where: { $0.node == node.id }) else { return }
    let dynamics = plan.stages[stage].neuron.dynamics
    var currents = value(node)
    let isByChannel = plan.hasConstantsByChannel(stage)
    let sizes =
      isByChannel ? ["\(node.shape[0])", "\(count / node.shape[0])"] : ["\(count)"]
    guard kind != .readout else {
      let u = state(count)
      places[node.id] = u
      if isByChannel { used.insert(.readout) }
      let membrane = constant(node, stage, "m") { Float($0.membraneDecay) }
      return call(
        isByChannel ? .readoutByChannel : .readout, [currents] + sizes + [membrane, u])
    }
    let (v, a) = (state(count), state(count))
    defer { places[node.id] = a }
    if kind == .recurrent, let lateral = plan.stages[stage].lateral {
      // Others take the currents without the lateral ones.
      if plan.consumers[node.inputs[0]].count > 1 {
        let own = work(node)
        call(.copy, [currents, "\(count)", own])
        currents = own
      }
      let weights = constant("\(node.name)_lateral", network.weights[lateral].scalars)
      multiplyAdds += count * count
      call(.lateral, [a, "\(count)", weights, currents])
    }
    let adaptation = dynamics.adaptation
    let b = adaptation == nil ? "0" : state(count)
    if isByChannel { used.insert(.neurons) }
    call(
      isByChannel ? .neuronsByChannel : .neurons,
      [currents] + sizes + [
        constant(node, stage, "m") { Float($0.membraneDecay) },
        constant(node, stage, "d") { Float($0.synapticDecay) },
        constant(node, stage, "theta", \.threshold),
        dynamics.kept.cText, dynamics.dropped.cText, (adaptation?.strength ?? 0).cText,
        (adaptation?.decay ?? 0).cText, v, b, a,
      ])
  }

  /// A constant of a layer's neurons: a number, or the name of an array of one a channel.
  private mutating func constant(
    _ node: NetworkPlan.Node, _ stage: Int, _ name: String, _ value: (NeuronSettings) -> Float
  ) -> String {
    guard plan.hasConstantsByChannel(stage) else {
      return value(network.neuron(ofStage: stage)).cText
    }
    return constant(
      "\(node.name)_\(name)",
      (0..<node.shape[0]).map { value(network.neuron(ofStage: stage, channel: $0)) })
  }
}
