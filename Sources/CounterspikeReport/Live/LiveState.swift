internal import Counterspike
internal import CounterspikeTraining

/// What the page shows, as plain values.
struct LiveState: Sendable {
  enum Phase: String, Sendable {
    case running
    case evaluating
    case paused
    case finished
    case stopped
    case failed
  }

  /// A line of numbers; of many points neighbours are averaged.
  struct Curve: Sendable {
    let name: String
    private(set) var points: [(x: Double, y: Double)] = []
    /// Points that one of `points` stands for.
    private var group = 1
    private var pending: [(x: Double, y: Double)] = []

    static let limit = 600

    init(name: String) { self.name = name }

    mutating func add(_ x: Double, _ y: Double) {
      guard y.isFinite else { return }
      pending.append((x, y))
      guard pending.count >= group else { return }
      points.append(Self.mean(pending))
      pending = []
      guard points.count > Self.limit else { return }
      points = stride(from: 0, to: points.count, by: 2).map { place in
        Self.mean(Array(points[place..<min(place + 2, points.count)]))
      }
      group *= 2
    }

    private static func mean(_ points: [(x: Double, y: Double)]) -> (x: Double, y: Double) {
      let count = Double(points.count)
      return (
        points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count
      )
    }
  }

  /// Spikes of a sample, a layer's neurons one below the other.
  struct Raster: Sendable {
    struct Layer: Sendable {
      let name: String
      let neurons: Int
      /// Which neurons are shown, and at which steps each of them fires.
      let spikes: [(neuron: Int, steps: [Int])]
    }

    let step: Int
    let timeSteps: Int
    /// `nil`: the targets are numbers.
    let label: Int?
    let layers: [Layer]
  }

  let name: String
  let network: String
  let rule: String
  let folder: String
  /// What the curves of ``quality`` are.
  let measure: RunMeasure
  var phase = Phase.running
  var epoch: Int
  let epochs: Int
  var step = 0
  let stepsPerEpoch: Int
  var secondsLeft = 0.0
  var samplesPerSecond = 0.0
  var learningRate = 0.0
  var loss: [Curve] = []
  var quality: [Curve] = []
  var rates: [Curve] = []
  var raster: Raster?
  /// Warnings, and what was done because somebody asked for it; the newest last.
  var notes: [String] = []

  mutating func note(_ text: String) {
    notes.append(text.excerpt)
    if notes.count > 20 { notes.removeFirst() }
  }

  static func add(_ name: String, _ x: Double, _ y: Double, to curves: inout [Curve]) {
    let place: Int
    if let found = curves.firstIndex(where: { $0.name == name }) {
      place = found
    } else {
      curves.append(Curve(name: name))
      place = curves.count - 1
    }
    curves[place].add(x, y)
  }

  /// Takes up an epoch's line of metrics.
  mutating func add(_ metrics: JSONLine) {
    guard let epoch = metrics["epoch"]?.integerValue else { return }
    let x = Double(epoch)
    for member in metrics.members {
      if case .object(let values) = member.value {
        for rate in values.members {
          if let value = rate.value.doubleValue { Self.add(rate.key, x, value, to: &rates) }
        }
      } else if let value = member.value.doubleValue {
        switch member.key {
        case "loss": Self.add("training, epoch", x, value, to: &loss)
        case measure.key("train"): Self.add("training, epoch", x, value, to: &quality)
        case "validationLoss", "testLoss":
          Self.add(String(member.key.dropLast(4)), x, value, to: &loss)
        case measure.key("validation"): Self.add("validation", x, value, to: &quality)
        case measure.key("test"): Self.add("test", x, value, to: &quality)
        default: break
        }
      }
    }
  }

  var json: String {
    let object: JSONLine = [
      "name": .string(name), "network": .string(network), "rule": .string(rule),
      "folder": .string(folder), "phase": .string(phase.rawValue), "epoch": .integer(epoch),
      "epochs": .integer(epochs), "step": .integer(step), "stepsPerEpoch": .integer(stepsPerEpoch),
      "secondsLeft": .number(secondsLeft.rounded()),
      "samplesPerSecond": .number(samplesPerSecond.rounded()),
      "learningRate": .number(learningRate), "loss": Self.json(loss),
      "measure": .string(measure.rawValue), "quality": Self.json(quality),
      "rates": Self.json(rates),
      "raster": raster.map { .object($0.json) } ?? .null,
      "notes": .array(notes.map { .string($0) }),
    ]
    return object.description
  }

  private static func json(_ curves: [Curve]) -> JSONLine.Value {
    .array(
      curves.map { curve in
        .object([
          "name": .string(curve.name),
          "points": .array(curve.points.map { .array([.number($0.x), .number($0.y)]) }),
        ])
      })
  }
}

extension LiveState.Raster {
  /// The most neurons of a layer that are shown; of more, as many at equal distances.
  static let shown = 48

  /// - Parameter traces: of a single sample.
  init(step: Int, label: Int?, _ traces: [LayerTrace]) {
    self.step = step
    self.label = label
    timeSteps = traces.first?.spikes.shape[0] ?? 0
    layers = traces.map { trace in
      let steps = trace.spikes.shape[0]
      let neurons = trace.spikes.count / max(steps, 1)
      let count = min(neurons, Self.shown)
      return Layer(
        name: trace.name, neurons: neurons,
        spikes: (0..<count).map { row in
          let neuron = row * neurons / count
          return (
            neuron, (0..<steps).filter { trace.spikes.scalars[$0 * neurons + neuron] != 0 }
          )
        })
    }
  }

  fileprivate var json: JSONLine {
    [
      "step": .integer(step), "timeSteps": .integer(timeSteps),
      "label": label.map { .integer($0) } ?? .null,
      "layers": .array(
        layers.map { layer in
          .object([
            "name": .string(layer.name), "neurons": .integer(layer.neurons),
            "spikes": .array(
              layer.spikes.map { row in .array(row.steps.map { .integer($0) }) }),
          ])
        }),
    ]
  }
}
