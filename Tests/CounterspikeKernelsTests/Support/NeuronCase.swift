import CounterspikeKernels
import CounterspikeReference
import Testing

/// One row of the table that the neuron kernels' tests run through: constants, time steps, shape,
/// what follows the neurons and what they see.
struct NeuronCase: Sendable, CustomTestStringConvertible {
  var membraneTimeConstant = 5.0
  var synapticTimeConstant = 3.0
  var threshold: Float = 1
  var timeSteps = 5
  /// Batch, height, width and channels.
  var shape = (1, 1, 1, 8)
  var pooling = 1
  var poolingFactor: Float = 1
  var isStill = false
  var drive = Drive.normal
  var dynamics = NeuronDynamics()

  var testDescription: String {
    "τ_m \(membraneTimeConstant), τ_s \(synapticTimeConstant), θ \(threshold), T \(timeSteps), "
      + "\(shape.0)×\(shape.1)×\(shape.2)×\(shape.3), P\(pooling) × \(poolingFactor), "
      + (isStill ? "still, " : "") + "\(drive)" + (dynamics.isRenewed ? "" : ", \(dynamics.name)")
  }

  /// Decay of the synapses that the still image passes first.
  static let stillDecay: Float = 0.6

  var layer: NeuronLayer {
    var layer = NeuronLayer(
      membraneDecay: 1 - 1 / membraneTimeConstant, synapticDecay: 1 - 1 / synapticTimeConstant,
      threshold: threshold, timeSteps: timeSteps, batch: shape.0, height: shape.1, width: shape.2,
      channels: shape.3)
    layer.pooling = pooling
    layer.poolingFactor = poolingFactor
    layer.stillInputDecay = isStill ? Self.stillDecay : nil
    layer.dynamics = dynamics
    return layer
  }

  var reference: NeuronReference {
    NeuronReference(
      membraneDecay: 1 - 1 / membraneTimeConstant, synapticDecay: 1 - 1 / synapticTimeConstant,
      threshold: Double(threshold), dynamics: dynamics)
  }

  /// 1 − sᵗ⁺¹ for a still image, ones otherwise.
  var scales: [Double] {
    var power = 1.0
    return (0..<timeSteps).map { _ in
      power *= Double(Self.stillDecay)
      return isStill ? 1 - power : 1
    }
  }
}

extension NeuronCase {
  /// Shapes, pooling windows that divide and that do not, moving and still inputs.
  static let shapes: [NeuronCase] = [
    NeuronCase(),
    NeuronCase(timeSteps: 1, shape: (2, 1, 1, 8)),
    NeuronCase(synapticTimeConstant: 2, timeSteps: 13, shape: (3, 1, 1, 24)),
    NeuronCase(membraneTimeConstant: 1.5, shape: (2, 3, 5, 16)),
    NeuronCase(threshold: 0.5, timeSteps: 12, shape: (1, 4, 6, 8), pooling: 2, poolingFactor: 1.1),
    NeuronCase(shape: (2, 5, 7, 8), pooling: 2, poolingFactor: 0.25),
    NeuronCase(timeSteps: 7, shape: (1, 7, 5, 16), pooling: 3, poolingFactor: 1.1),
    NeuronCase(shape: (1, 2, 7, 8), pooling: 3),
    NeuronCase(timeSteps: 9, shape: (2, 1, 1, 16), isStill: true),
    NeuronCase(
      membraneTimeConstant: 20, threshold: 2, timeSteps: 14, shape: (2, 5, 4, 8), pooling: 2,
      poolingFactor: 1.1, isStill: true),
    NeuronCase(shape: (1, 4, 7, 8), pooling: 3, poolingFactor: 2, isStill: true),
  ]

  /// Every shape with each way to drive the neurons that a still image can take, too.
  static let drivenShapes: [NeuronCase] = shapes.flatMap { shape in
    [Drive.normal, .silent, .saturated, .inhibited, .mixed].map { drive in
      var result = shape
      result.drive = drive
      return result
    }
  }

  /// Single steps to long series, short to long memory: both sides of the length from which the
  /// renewal recursion asks first whether a replay fires.
  static let series: [NeuronCase] =
    [1, 2, 3, 5, 10, 11, 12, 13, 30, 100].flatMap { steps in
      [(1.5, 2.0), (5, 3), (20, 5), (50, 1.25)].map { membrane, synapse in
        NeuronCase(
          membraneTimeConstant: membrane, synapticTimeConstant: synapse, timeSteps: steps,
          shape: (2, 1, 1, 8), drive: .mixed)
      }
    }
    + [1.5, 8, 50].map {
      NeuronCase(membraneTimeConstant: $0, timeSteps: 300, shape: (1, 1, 1, 16), drive: .mixed)
    }

  /// Every ordinary way to drive a neuron by itself.
  static let ordinary = driven(Drive.ordinary)
  static let extreme = driven(Drive.extreme)

  private static func driven(_ drives: [Drive]) -> [NeuronCase] {
    drives.flatMap { driven($0) }
  }

  private static func driven(_ drive: Drive) -> [NeuronCase] {
    [(3, 1.5), (11, 5.0), (12, 5.0), (30, 2.0), (60, 30.0)].map { steps, membrane in
      NeuronCase(
        membraneTimeConstant: membrane, timeSteps: steps, shape: (1, 1, 1, 24), drive: drive)
    }
  }
}

extension NeuronDynamics {
  /// Every reset with and without an adaptive threshold, but for the plain one.
  static let kinds: [NeuronDynamics] = {
    let adaptation = Adaptation(strength: 0.7, decay: 0.8)
    return [nil, adaptation].flatMap { adaptation in
      Reset.allCases.map { NeuronDynamics(reset: $0, adaptation: adaptation) }
    }.filter { !$0.isRenewed }
  }()

  var name: String {
    "reset \(reset)" + (adaptation.map { ", β \($0.strength), ρ \($0.decay)" } ?? "")
  }
}

extension NeuronCase {
  /// Every kind of neuron in every shape.
  static let dynamicShapes: [NeuronCase] = NeuronDynamics.kinds.flatMap { dynamics in
    shapes.map { shape in
      var result = shape
      result.dynamics = dynamics
      return result
    }
  }

  /// Every kind of neuron, with long and short series and memories.
  static let dynamicSeries: [NeuronCase] = NeuronDynamics.kinds.flatMap { dynamics in
    [(1, 5.0, 3.0), (3, 1.5, 1), (12, 5, 2), (30, 2, 5), (30, 20, 1), (100, 10, 4)].map {
      NeuronCase(
        membraneTimeConstant: $1, synapticTimeConstant: $2, timeSteps: $0, shape: (1, 1, 1, 24),
        drive: .mixed, dynamics: dynamics)
    }
  }
}
