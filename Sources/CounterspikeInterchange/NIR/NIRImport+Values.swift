internal import Counterspike
internal import CounterspikeData

extension NIRImport {
  /// Numbers of a node.
  ///
  /// - Throws: `mismatch` where they are missing or not finite.
  func numbers(
    _ name: Name, _ key: String
  ) throws(CounterspikeError) -> (shape: [Int], values: [Double]) {
    guard case .numbers(let shape, let values)? = graph.nodes[name]?.values[key], !values.isEmpty
    else { throw problem(name, "has no numbers “\(key)”; write the graph anew") }
    guard values.allSatisfy({ $0.isFinite && abs($0) <= Double(Float.greatestFiniteMagnitude) })
    else {
      throw problem(name, "has a value in “\(key)” that is no finite number; write the graph anew")
    }
    return (shape, values)
  }

  /// The one value that all neurons share.
  func uniform(_ name: Name, _ key: String) throws(CounterspikeError) -> Double {
    let values = try numbers(name, key).values
    let first = values[0]
    guard values.allSatisfy({ abs($0 - first) <= 1e-6 * abs(first) }) else {
      throw problem(name, "has neurons of different “\(key)”; a layer has one value for all")
    }
    return first
  }

  /// A value for each channel.
  func perChannel(
    _ name: Name, _ key: String, _ channels: Int, _ shape: [Int]
  ) throws(CounterspikeError) -> [Double] {
    let values = try numbers(name, key).values
    if values.count == 1 { return [Double](repeating: values[0], count: channels) }
    let pixels = shape[1] * shape[2]
    guard values.count == channels * pixels || values.count == channels else {
      throw problem(
        name,
        "has \(values.count) values “\(key)” for currents of shape \(shape); let it have as many")
    }
    let size = values.count / channels
    var result: [Double] = []
    for channel in 0..<channels {
      let first = values[channel * size]
      guard
        values[channel * size..<(channel + 1) * size].allSatisfy({
          abs($0 - first) <= 1e-6 * abs(first)
        })
      else {
        throw problem(name, "has different “\(key)” within a channel, where one is possible")
      }
      result.append(first)
    }
    return result
  }

  private func whole(_ name: Name, _ key: String) throws(CounterspikeError) -> [Int] {
    let values = try numbers(name, key).values
    let limit = 1_048_576.0
    guard values.allSatisfy({ $0 == $0.rounded() && abs($0) < limit }) else {
      throw problem(name, "has “\(key)” that is no whole number; write the graph anew")
    }
    return values.map { Int($0) }
  }

  /// One number for height and width.
  func square(_ name: Name, _ key: String) throws(CounterspikeError) -> Int {
    let values = try whole(name, key)
    guard Set(values).count == 1 else {
      throw problem(name, "has “\(key)” \(values), where height and width must have one value")
    }
    return values[0]
  }

  /// The input's shape, `[C, H, W]`.
  func pictureShape(_ name: Name) throws(CounterspikeError) -> [Int] {
    let shape = try whole(name, "shape")
    guard (1...3).contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
      throw problem(name, "has the shape \(shape), where [N], [C, L] or [C, H, W] is expected")
    }
    switch shape.count {
    case 1: return [shape[0], 1, 1]
    case 2: return [shape[0], 1, shape[1]]
    default: return shape
    }
  }

  // MARK: Weights

  func dense(_ name: Name) throws(CounterspikeError) -> Product {
    let signal = try signal(name)
    let (shape, values) = try numbers(name, "weight")
    let count = signal.shape.reduce(1, *)
    guard shape.count == 2, shape[1] == count else {
      throw problem(
        name, "has weights of shape \(shape), and what arrives has \(count) values, \(signal.shape)"
      )
    }
    var weights = values
    if let scale = signal.scale {
      for place in weights.indices { weights[place] *= scale[place % count] }
    }
    return Product(
      node: name, layer: .dense(shape[0]), input: signal, shape: shape, weights: weights,
      bias: try bias(name, shape[0]), outputShape: [shape[0], 1, 1])
  }

  private func bias(_ name: Name, _ count: Int) throws(CounterspikeError) -> [Double] {
    guard graph.nodes[name]?.values["bias"] != nil else {
      return [Double](repeating: 0, count: count)
    }
    let values = try numbers(name, "bias").values
    guard values.count == count else {
      throw problem(name, "has \(values.count) biases for \(count) channels")
    }
    return values
  }

  func convolution(_ name: Name) throws(CounterspikeError) -> Product {
    let signal = try signal(name)
    var (shape, values) = try numbers(name, "weight")
    let isLine = graph.nodes[name]?.type == "Conv1d"
    guard shape.count == (isLine ? 3 : 4), isLine || shape[2] == shape[3] else {
      throw problem(name, "has a kernel of shape \(shape), where a square one is possible")
    }
    let kernel = shape[2]
    let padding = try padding(name, kernel)
    if isLine {
      guard signal.shape[1] == 1, kernel == 2 * padding + 1 else {
        throw problem(
          name,
          "is a Conv1d with a kernel of \(kernel) and a padding of \(padding); only an odd kernel with "
            + "padding on both sides by half of it is possible")
      }
      // The middle row of a square kernel, on a picture of one row.
      var square = [Double](repeating: 0, count: values.count * kernel)
      for (place, value) in values.enumerated() {
        let (pair, column) = (place / kernel, place % kernel)
        square[(pair * kernel + padding) * kernel + column] = value
      }
      values = square
      shape.append(kernel)
    }
    guard try square(name, "dilation") == 1 else {
      throw problem(name, "has a dilated kernel, which is not possible; use a dilation of 1")
    }
    let groups = try square(name, "groups")
    let stride = try square(name, "stride")
    guard groups >= 1, stride >= 1, shape[1] * groups == signal.shape[0] else {
      throw problem(
        name,
        "has weights of shape \(shape) in \(groups) groups, and what arrives has \(signal.shape[0]) "
          + "channels")
    }
    guard signal.shape[1...].allSatisfy({ $0 + 2 * padding >= kernel }) else {
      throw problem(name, "has a kernel of \(kernel) larger than what arrives, \(signal.shape)")
    }
    if let scale = signal.scale {
      let pixels = signal.shape[1] * signal.shape[2]
      var factors: [Double] = []
      for channel in 0..<signal.shape[0] {
        let part = scale[channel * pixels..<(channel + 1) * pixels]
        guard Set(part).count == 1, let first = part.first else {
          throw problem(
            name, "follows a Scale that differs within a channel; use one factor a channel")
        }
        factors.append(first)
      }
      let (size, outputs) = (kernel * kernel, shape[0] / groups)
      for place in values.indices {
        let (output, input) = (place / (size * shape[1]), place / size % shape[1])
        values[place] *= factors[output / outputs * shape[1] + input]
      }
    }
    var layer = LayerSettings.convolution(
      shape[0], kernel: kernel, stride: stride, padding: padding)
    layer.groups = groups
    return Product(
      node: name, layer: layer, input: signal, shape: shape, weights: values,
      bias: try bias(name, shape[0]),
      outputShape: [shape[0]] + signal.shape[1...].map { ($0 + 2 * padding - kernel) / stride + 1 })
  }

  private func padding(_ name: Name, _ kernel: Int) throws(CounterspikeError) -> Int {
    guard case .text(_, let texts)? = graph.nodes[name]?.values["padding"] else {
      return try square(name, "padding")
    }
    switch texts.first {
    case "valid": return 0
    case "same" where !kernel.isMultiple(of: 2): return (kernel - 1) / 2
    default:
      throw problem(
        name,
        "has the padding “\((texts.first ?? "").excerpt)” around a kernel of \(kernel); use a number"
      )
    }
  }
}
