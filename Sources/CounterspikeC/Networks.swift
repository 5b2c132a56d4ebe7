// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The names are the header's.
public import CCounterspike
internal import Counterspike
internal import CounterspikeTraining
internal import Foundation

/// A trained network with the checkpoint that it comes from.
final class NetworkHandle: Sendable {
  let checkpoint: Checkpoint
  let network: Network

  init(_ checkpoint: Checkpoint) throws {
    self.checkpoint = checkpoint
    network = try checkpoint.network()
  }

  var description: JSONLine {
    func shape(_ shape: [Int]) -> JSONLine.Value { .array(shape.map { .integer($0) }) }
    return [
      "timeSteps": .integer(network.plan.timeSteps), "inputShape": shape(network.plan.inputShape),
      "classes": .integer(network.plan.classCount),
      "isRegression": .boolean(checkpoint.recipe.loss.isRegression),
      "parameters": .array(
        network.plan.parameters.map {
          .object(["id": .string($0.id), "shape": shape($0.shape)])
        }),
      "recipe": .string(checkpoint.recipe.yaml),
    ]
  }

  /// Samples without labels, `[B, C, H, W]` or `[B, T, C, H, W]`.
  func samples(
    _ values: UnsafePointer<Float>?, _ count: Int64, dimensions: Int32
  ) throws -> Tensor {
    guard dimensions == 3 || dimensions == 4 else {
      throw Argument(
        "a sample has \(dimensions) dimensions; give 3, [C, H, W], or 4, [T, C, H, W]")
    }
    guard count >= 1 else { throw Argument("count is \(count); give at least one sample") }
    let plan = network.plan
    let shape = (dimensions == 4 ? [plan.timeSteps] : []) + plan.inputShape
    return try unsafe Tensor(
      shape: [Int(count)] + shape,
      scalars: Numbers.values(values, count, times: shape.reduce(1, *)))
  }
}

@c @implementation
public func counterspike_network_load(
  _ path: UnsafePointer<CChar>?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var handle: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    let path = try unsafe Text.read(path, "path")
    var isFolder = false
    if let type = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)[.type]
    {
      isFolder = type as? FileAttributeType == .typeDirectory
    }
    let file = isFolder ? try RunFolder(existing: path).chosenCheckpointPath : path
    unsafe handle = Handle.make(try NetworkHandle(Checkpoint(contentsOf: file)))
  }
  return unsafe handle
}

@c @implementation
public func counterspike_network_destroy(_ network: OpaquePointer?) {
  unsafe Handle.destroy(network, NetworkHandle.self)
}

@c @implementation
public func counterspike_network_save(
  _ network: OpaquePointer?, _ path: UnsafePointer<CChar>?,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let handle = try unsafe Handle.read(network, "network", NetworkHandle.self)
    try unsafe handle.checkpoint.write(to: Text.read(path, "path"))
  }
}

@c @implementation
public func counterspike_network_describe(
  _ network: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let handle = try unsafe Handle.read(network, "network", NetworkHandle.self)
    try unsafe Text.write(
      handle.description.description, to: text, capacity: capacity, needed: needed)
  }
}

@c @implementation
public func counterspike_network_weights(
  _ network: OpaquePointer?, _ index: Int32, _ values: UnsafeMutablePointer<Float>?,
  _ count: Int64, _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let weights = try unsafe Handle.read(network, "network", NetworkHandle.self).network.weights
    guard weights.indices.contains(Int(index)) else {
      throw Argument("index is \(index), and the network has \(weights.count) parameters")
    }
    try unsafe Numbers.copy(weights[Int(index)].scalars, to: values, count: count)
  }
}

@c @implementation
public func counterspike_network_predict(
  _ network: OpaquePointer?, _ count: Int64, _ dimensions: Int32,
  _ values: UnsafePointer<Float>?, _ scores: UnsafeMutablePointer<Float>?, _ threads: Int32,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let handle = try unsafe Handle.read(network, "network", NetworkHandle.self)
    let scores = try unsafe Argument.require(scores, "scores")
    let samples = try unsafe handle.samples(values, count, dimensions: dimensions)
    let workers = try Numbers.threads(threads)
    let classes = handle.network.plan.classCount
    let result = try OwnThread.run {
      let loss = handle.checkpoint.recipe.loss
      let labels = [Int](repeating: 0, count: samples.shape[0])
      let source = TensorSource(samples: samples, labels: labels, classCount: classes)
      var all: [Float] = []
      // What is compared with the output decides over the loss alone, which nobody asks for.
      let asked: any SampleSource =
        loss.isRegression
        ? NumberSource(
          samples: source, targetShape: [classes],
          targets: Array(repeating: 0, count: labels.count * classes)) : source
      _ = try handle.network.evaluate(asked, loss: loss, workers: workers) { all += $0.scores }
      return all
    }
    try unsafe Numbers.copy(result, to: scores, count: count * Int64(classes))
  }
}

/// What a network's layers did.
private final class TraceHandle: Sendable {
  let layers: [LayerTrace]

  init(_ layers: [LayerTrace]) { self.layers = layers }
}

@c @implementation
public func counterspike_network_trace(
  _ network: OpaquePointer?, _ count: Int64, _ dimensions: Int32,
  _ values: UnsafePointer<Float>?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var trace: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    let handle = try unsafe Handle.read(network, "network", NetworkHandle.self)
    let samples = try unsafe handle.samples(values, count, dimensions: dimensions)
    let input = dimensions == 4 ? samples.timeFirst : samples
    unsafe trace = Handle.make(
      TraceHandle(try OwnThread.run { try handle.network.trace(input) }))
  }
  return unsafe trace
}

extension Tensor {
  /// `[B, T, …]` as `[T, B, …]`.
  fileprivate var timeFirst: Tensor {
    let (batch, steps) = (shape[0], shape[1])
    let size = count / max(batch * steps, 1)
    var result = Tensor(zeros: [steps, batch] + shape.dropFirst(2))
    var scalars = result.scalars
    for sample in 0..<batch {
      for t in 0..<steps {
        let (from, to) = ((sample * steps + t) * size, (t * batch + sample) * size)
        for place in 0..<size { scalars[to + place] = self.scalars[from + place] }
      }
    }
    result.scalars = scalars
    return result
  }
}

@c @implementation
public func counterspike_trace_destroy(_ trace: OpaquePointer?) {
  unsafe Handle.destroy(trace, TraceHandle.self)
}

@c @implementation
public func counterspike_trace_describe(
  _ trace: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let layers = try unsafe Handle.read(trace, "trace", TraceHandle.self).layers
    let line: JSONLine = [
      "layers": .array(
        layers.map {
          .object([
            "name": .string($0.name), "shape": .array($0.currents.shape.map { .integer($0) }),
          ])
        })
    ]
    try unsafe Text.write(line.description, to: text, capacity: capacity, needed: needed)
  }
}

@c @implementation
public func counterspike_trace_read(
  _ trace: OpaquePointer?, _ layer: Int32, _ what: Int32, _ values: UnsafeMutablePointer<Float>?,
  _ count: Int64, _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let layers = try unsafe Handle.read(trace, "trace", TraceHandle.self).layers
    guard layers.indices.contains(Int(layer)) else {
      throw Argument("layer is \(layer), and the network has \(layers.count) layers")
    }
    let found = layers[Int(layer)]
    let tensor: Tensor
    switch Int(what) {
    case COUNTERSPIKE_CURRENTS: tensor = found.currents
    case COUNTERSPIKE_MEMBRANE: tensor = found.membrane
    case COUNTERSPIKE_SPIKES: tensor = found.spikes
    case COUNTERSPIKE_PSC: tensor = found.psc
    default: throw Argument("what is \(what); give one of COUNTERSPIKE_CURRENTS … COUNTERSPIKE_PSC")
    }
    try unsafe Numbers.copy(tensor.scalars, to: values, count: count)
  }
}
