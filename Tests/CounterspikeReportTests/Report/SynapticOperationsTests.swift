import Counterspike
import Testing

@testable import CounterspikeReport

@Suite("Synaptic operations")
struct SynapticOperationsTests {
  /// Weights that a spike at each place of a layer's input meets, by going through all of them.
  private static func additions(
    _ spikes: [Double], _ shape: [Int], _ stage: NetworkPlan.Stage
  ) -> Double {
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    var sum = 0.0
    for channel in 0..<channels {
      for y in 0..<height {
        for x in 0..<width {
          var met = 0
          switch stage.kind {
          case .dense, .registered: met = stage.neuronShape[0]
          case .convolution(let kernel, let stride, let padding):
            for row in 0..<stage.neuronShape[1] {
              for column in 0..<stage.neuronShape[2] {
                for kernelY in 0..<kernel {
                  for kernelX in 0..<kernel
                  where row * stride + kernelY - padding == y
                    && column * stride + kernelX - padding == x
                  {
                    met += stage.neuronShape[0]
                  }
                }
              }
            }
          }
          sum += spikes[(channel * height + y) * width + x] * Double(met)
        }
      }
    }
    return sum
  }

  @Test(
    "each spike is an addition for every weight that it meets",
    arguments: ["2C3-5-3", "2C3p1s2-3C3p1-4", "3C2-P2-2C2-3", "2C3-P3-4"])
  func additions(layers: String) throws {
    let shape = [2, 7, 8]
    let plan = try NetworkPlan(NetworkSettings(layers, timeSteps: 4), inputShape: shape)
    let input = (0..<shape.reduce(1, *)).map { Double($0 * 31 % 5) }
    let spikes = plan.stages.map { stage in
      (0..<stage.neuronCount).map { $0 * 17 % 4 }
    }
    let found = SynapticOperations(
      plan, spikes: spikes, input: input, isStill: false, samples: 2)
    var (arriving, arrivingShape) = (input, shape)
    for (index, stage) in plan.stages.enumerated() {
      let wanted = Self.additions(arriving, arrivingShape, stage) / 2
      #expect(abs(found.products[index].additions - wanted) < 1e-9, "\(stage.name)")
      #expect(found.products[index].multiplyAdds == 0)
      #expect(found.products[index].dense == Double(4 * stage.multiplyAdds))
      arrivingShape = stage.outputShape
      arriving = [Double](repeating: 0, count: arrivingShape.reduce(1, *))
      let window = stage.pooling?.width ?? 1
      for channel in 0..<arrivingShape[0] {
        for y in 0..<arrivingShape[1] * window {
          for x in 0..<arrivingShape[2] * window {
            let from = (channel * stage.neuronShape[1] + y) * stage.neuronShape[2] + x
            let to = (channel * arrivingShape[1] + y / window) * arrivingShape[2] + x / window
            arriving[to] += Double(spikes[index][from])
          }
        }
      }
    }
    let neurons = plan.stages.reduce(0) { $0 + $1.neuronCount }
    #expect(found.states == Double(2 * 4 * neurons))
    #expect(found.dense == Double(4 * plan.stages.reduce(0) { $0 + $1.multiplyAdds }))
    let energy = found.additions * 0.9e-12 + found.states * 4.6e-12
    #expect(abs(found.energy - energy) < 1e-18)
    #expect(abs(found.denseEnergy - found.dense * 4.6e-12) < 1e-18)
  }

  @Test("a product of an input without spikes takes multiply-adds, of a still image once")
  func values() throws {
    let plan = try NetworkPlan(NetworkSettings("2C3-3", timeSteps: 6), inputShape: [1, 5, 5])
    let spikes = plan.stages.map { [Int](repeating: 0, count: $0.neuronCount) }
    for (isStill, steps) in [(true, 1), (false, 6)] {
      let found = SynapticOperations(
        plan, spikes: spikes, input: nil, isStill: isStill, samples: 1)
      #expect(found.multiplyAdds == Double(steps * 2 * 9 * 9))
      // So often the network without spikes runs, too.
      #expect(found.passes == steps && found.products[0].dense == Double(steps * 2 * 9 * 9))
      #expect(found.additions == 0)
    }
    let encoded = SynapticOperations(
      plan, spikes: spikes, input: [Double](repeating: 0, count: 25), isStill: false,
      isImage: true, samples: 1)
    #expect(encoded.passes == 1 && encoded.products[0].dense == 2 * 9 * 9)
  }
}

@Suite("Synaptic operations of recurrent layers")
struct RecurrentOperationsTests {
  @Test("a spike meets the lateral weights, too, and a readout has no spikes")
  func lateral() throws {
    var settings = NetworkSettings()
    settings.layers = [.recurrent(4), .readout(3)]
    settings.timeSteps = 4
    let plan = try NetworkPlan(settings, inputShape: [5, 1, 1])
    let found = SynapticOperations(
      plan, spikes: [[1, 0, 2, 3], [0, 0, 0]], input: [2, 0, 0, 0, 1], isStill: false, samples: 2)
    let lateral = try #require(found.products.first { $0.name == "recurrent_1, lateral" })
    // Six spikes of two samples meet four lateral weights each, three weights of the readout, and three of
    // the input four weights.
    #expect(lateral.additions == 12 && lateral.dense == 4 * 16)
    #expect(found.additions == 12 + 9 + 6)
    #expect(found.passes == 4 && found.dense == 4 * (20 + 16 + 12))
  }
}
