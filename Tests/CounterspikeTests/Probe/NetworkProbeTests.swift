import Counterspike
import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Network probe")
struct NetworkProbeTests {
  static func source(samples: Int) -> TensorSource {
    var stream = RandomStream(seed: 21, purpose: .noise)
    return TensorSource(
      samples: Tensor(
        shape: [samples, 2, 9, 9],
        scalars: (0..<samples * 162).map { _ in Float(stream.normal()) }),
      labels: (0..<samples).map { $0 % 3 }, classCount: 3)
  }

  static func network() throws -> Network {
    var settings = try NetworkSettings("5C3p1-P2-4C3-11-3", timeSteps: 6)
    settings.weightScale = 2
    return try Network(settings, inputShape: [2, 9, 9], seed: 4)
  }

  static let loss = LossSettings(.kernel(.once))

  static func probe(samples: Int = 5, workers: Int = 1) throws -> NetworkProbe {
    try NetworkProbe(
      network: network(), source: source(samples: samples), indices: Array(0..<samples),
      loss: loss, workers: workers)
  }

  /// Some neurons of a stage that the next stage sees.
  static func neurons(_ network: Network, stage: Int, count: Int) -> [NetworkProbe.Neuron] {
    let plan = network.plan.stages[stage]
    let window = plan.pooling?.height ?? 1
    var stream = RandomStream(seed: 8, purpose: .noise, stage)
    return (0..<count).map { _ in
      NetworkProbe.Neuron(
        stage: stage, sample: stream.integer(below: 5),
        channel: stream.integer(below: plan.neuronShape[0]),
        y: stream.integer(below: plan.neuronShape[1] / window * window),
        x: stream.integer(below: plan.neuronShape[2] / window * window))
    }
  }

  @Test("losses are those of the network written out in loops")
  func losses() throws {
    let probe = try Self.probe()
    let naive = PlainProbe(network: try Self.network())
    let source = Self.source(samples: 5)
    for sample in 0..<5 {
      let image = Array(source.samples.scalars[sample * 162..<(sample + 1) * 162])
      let expected = naive.loss(naive.run(image), label: sample % 3)
      #expect(abs(probe.losses[sample] - expected) < 1e-5)
    }
  }

  @Test("the true change of a spike train is that of running everything again", arguments: 0..<4)
  func truth(stage: Int) throws {
    let network = try Self.network()
    let probe = try Self.probe(workers: 2)
    let naive = PlainProbe(network: network)
    let source = Self.source(samples: 5)
    let shape = network.plan.stages[stage].neuronShape
    let neurons = Self.neurons(network, stage: stage, count: 120)
    let changes = neurons.enumerated().map { index, neuron in
      var spikes = probe.run(probe.currents(of: neuron), of: neuron).spikes
      spikes[index % 6] = 1 - spikes[index % 6]
      return NetworkProbe.Change(neuron: neuron, spikes: spikes)
    }
    let differences = try probe.lossDifferences(stage: stage, changes: changes)
    #expect(differences.contains { abs($0) > 0.01 })
    func image(_ sample: Int) -> [Float] {
      Array(source.samples.scalars[sample * 162..<(sample + 1) * 162])
    }
    let bases = (0..<5).map { naive.loss(naive.run(image($0)), label: $0 % 3) }
    for (change, difference) in zip(changes, differences) {
      let neuron = change.neuron
      let place = (neuron.channel * shape[1] + neuron.y) * shape[2] + neuron.x
      let changed = naive.run(image(neuron.sample), replacing: (stage, place, change.spikes))
      let expected = naive.loss(changed, label: neuron.sample % 3) - bases[neuron.sample]
      #expect(abs(difference - expected) < 1e-5, "\(neuron)")
    }
  }

  @Test("a train that is not changed changes nothing, not even a rounding", arguments: 0..<4)
  func nothing(stage: Int) throws {
    let probe = try Self.probe()
    let changes = Self.neurons(try Self.network(), stage: stage, count: 40).map { neuron in
      NetworkProbe.Change(
        neuron: neuron, spikes: probe.run(probe.currents(of: neuron), of: neuron).spikes)
    }
    let differences = try probe.lossDifferences(stage: stage, changes: changes)
    #expect(differences.allSatisfy { $0 == 0 })
  }

  @Test("gradients are the network's own, over several micro-batches")
  func gradients() throws {
    let count = 40  // more than a micro-batch
    let network = try Self.network()
    let source = Self.source(samples: count)
    let probe = try Self.probe(samples: count, workers: 2)
    for settings in [GradientSettings.neighborhood(), .surrogate()] {
      let expected = try network.lossGradient(
        source.samples, labels: source.labels, gradient: settings, loss: Self.loss)
      let result = try probe.gradients([(settings, true)], neurons: [[], [], [], []])[0]
      for (ours, tensor) in zip(result.weights, expected.weights) {
        let largest = tensor.scalars.map(abs).max() ?? 0
        for (a, b) in zip(ours, tensor.scalars) { #expect(abs(a - b) <= 1e-4 * largest) }
      }
      #expect(abs(probe.losses.reduce(0, +) - expected.loss) < 1e-4)
    }
  }

  @Test("δ of single neurons is the neighborhood's by the letter")
  func deltas() throws {
    let probe = try Self.probe()
    let network = try Self.network()
    let neurons = (0..<4).map { Self.neurons(network, stage: $0, count: 12) }
    var exact = NeighborhoodSettings()
    exact.error = .exact
    exact.distance = .gaussian
    let result = try probe.gradients([(.neighborhood(exact), true)], neurons: neurons)[0]
    let reference = NeuronReference(membraneDecay: 0.8, synapticDecay: 0.5, threshold: 1)
    let rule = NeighborhoodRule(filtersTwice: false, weight: .gaussian(deviation: 0.3))
    for stage in 0..<4 {
      for (neuron, values) in zip(neurons[stage], result.neurons[stage]) {
        let expected = reference.neighborhood(
          currents: probe.currents(of: neuron).map { Double($0) },
          gradient: values.gradient.map { Double($0) }, rule: rule)
        for (a, b) in zip(values.deltas, expected) {
          #expect(abs(Double(a) - b) < 1e-4 * max(1, abs(b)))
        }
      }
    }
  }

  @Test("changed weights give the losses of a network with these weights, and are put back")
  func weights() throws {
    let network = try Self.network()
    let probe = try Self.probe(workers: 2)
    let source = Self.source(samples: 5)
    var changed = network.weights
    let additions = network.weights.map { tensor in
      tensor.scalars.indices.map { Float($0 % 7) * 0.02 - 0.06 }
    }
    for round in 0..<2 {
      let means = try probe.meanLosses(5) { item in
        item < 4 ? [(item, additions[item])] : []
      }
      for stage in 0..<4 {
        changed = network.weights
        for i in additions[stage].indices { changed[stage].scalars[i] += additions[stage][i] }
        var other = network
        try other.setWeights(changed)
        let expected = try other.lossGradient(
          source.samples, labels: source.labels, gradient: GradientSettings(), loss: Self.loss
        ).loss
        #expect(abs(means[stage] - expected / 5) < 1e-5, "stage \(stage), round \(round)")
      }
      #expect(means[4] == probe.losses.reduce(0, +) / 5)
    }
  }
}
