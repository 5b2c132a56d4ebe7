import Counterspike

/// A whole network, written out in loops without any of the engine's tricks; for still images.
struct PlainProbe {
  let network: Network

  /// psc of the output neurons, `[T][classes]`.
  ///
  /// - Parameter spikes: replaces the spikes of one neuron, given by stage and its place in the
  ///   order C, H, W.
  func run(
    _ image: [Float], replacing spikes: (stage: Int, neuron: Int, train: [Float])? = nil
  ) -> [[Double]] {
    let plan = network.plan
    let steps = plan.timeSteps
    var psc = (0..<steps).map { t -> [Double] in
      var power = 1.0
      for _ in 0...t { power *= plan.inputSynapticDecay }
      return image.map { Double($0) * (1 - power) }
    }
    for (index, stage) in plan.stages.enumerated() {
      let m = stage.neuron.membraneDecay
      let d = stage.neuron.synapticDecay
      var v = [Double](repeating: 0, count: stage.neuronCount)
      var a = v
      psc = (0..<steps).map { t in
        let currents = weigh(psc[t], stage, network.weights[index].scalars)
        for neuron in v.indices {
          let u = m * v[neuron] + currents[neuron]
          var fired = u > Double(stage.neuron.threshold)
          v[neuron] = fired ? 0 : u
          if let spikes, spikes.stage == index, spikes.neuron == neuron {
            fired = spikes.train[t] == 1
          }
          a[neuron] = d * a[neuron] + (fired ? 1 - d : 0)
        }
        return pool(a, stage)
      }
    }
    return psc
  }

  /// ½ Σ (a − target)² with the target filtered once.
  func loss(_ psc: [[Double]], label: Int) -> Double {
    guard let stage = network.plan.stages.last else { return 0 }
    let d = stage.neuron.synapticDecay
    var target = 0.0
    var loss = 0.0
    for a in psc {
      target = d * target + (1 - d)
      for (neuron, value) in a.enumerated() {
        let error = value - (neuron == label ? target : 0)
        loss += error * error / 2
      }
    }
    return loss
  }

  private func weigh(
    _ input: [Double], _ stage: NetworkPlan.Stage, _ weights: [Float]
  ) -> [Double] {
    let (channels, height, width) = (
      stage.inputShape[0], stage.inputShape[1], stage.inputShape[2]
    )
    guard case .convolution(let kernel, let stride, let padding) = stage.kind else {
      return (0..<stage.neuronCount).map { out in
        input.indices.reduce(0) { $0 + Double(weights[out * input.count + $1]) * input[$1] }
      }
    }
    var result: [Double] = []
    for out in 0..<stage.neuronShape[0] {
      for y in 0..<stage.neuronShape[1] {
        for x in 0..<stage.neuronShape[2] {
          var sum = 0.0
          for channel in 0..<channels {
            for ky in 0..<kernel {
              for kx in 0..<kernel {
                let (row, column) = (y * stride + ky - padding, x * stride + kx - padding)
                guard row >= 0, row < height, column >= 0, column < width else { continue }
                let weight = weights[((out * channels + channel) * kernel + ky) * kernel + kx]
                sum += Double(weight) * input[(channel * height + row) * width + column]
              }
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  private func pool(_ a: [Double], _ stage: NetworkPlan.Stage) -> [Double] {
    guard let pooling = stage.pooling else { return a }
    let shape = stage.outputShape
    var result: [Double] = []
    for channel in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          var sum = 0.0
          for wy in 0..<pooling.height {
            for wx in 0..<pooling.height {
              let row = channel * stage.neuronShape[1] + y * pooling.height + wy
              sum += a[row * stage.neuronShape[2] + x * pooling.height + wx]
            }
          }
          result.append(sum * Double(pooling.factor))
        }
      }
    }
    return result
  }
}
