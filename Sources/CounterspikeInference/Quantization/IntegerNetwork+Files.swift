internal import CounterspikeSettings
public import CounterspikeSystem

extension IntegerNetwork {
  /// The network as a safetensors file: of each layer `weight` (int8, in the shape of the product), `scale`
  /// (float32, one a channel), `bias` and `threshold` (int32). The other numbers are in the metadata.
  public var file: SafeTensorsFile {
    var entries: [String: SafeTensorsFile.Entry] = [:]
    var metadata = [
      "format": "counterspike integer network 1", "timeSteps": "\(timeSteps)",
      "fractionBits": "\(fractionBits)", "factorBits": "\(Self.factorBits)",
      "inputShape": Self.text(inputShape), "inputLimit": "\(inputLimit)",
      "inputDecay": "\(inputDecay)", "layers": layers.map(\.name).joined(separator: ","),
    ]
    for layer in layers {
      let product = layer.product
      let channels = product.outputShape[0]
      entries["\(layer.name).weight"] = SafeTensorsFile.Entry(
        type: .int8,
        shape: [
          channels, product.inputShape[0] / product.groups, product.kernel.height,
          product.kernel.width,
        ], bytes: product.weights.map { UInt8(bitPattern: $0) })
      entries["\(layer.name).scale"] = SafeTensorsFile.Entry(
        Tensor(shape: [channels], scalars: product.scales))
      for (name, values) in [("bias", product.bias), ("threshold", layer.neurons.thresholds)] {
        entries["\(layer.name).\(name)"] = SafeTensorsFile.Entry(
          type: .int32, shape: [channels],
          bytes: LittleEndian.bytes(values.map { UInt32(bitPattern: $0) }))
      }
      metadata["\(layer.name).constants"] = Self.text([
        product.stride, product.padding, product.groups, Int(layer.neurons.membraneDecay),
        Int(layer.neurons.synapticDecay), Int(layer.neurons.gain),
      ])
      metadata["\(layer.name).reset"] = layer.neurons.reset.rawValue
      for (index, pooling) in layer.poolings.enumerated() {
        metadata["\(layer.name).pooling.\(index + 1)"] =
          (pooling.isMaximum ? "maximum," : "sum,")
          + Self.text([pooling.height, pooling.width, Int(pooling.factor)])
      }
    }
    return SafeTensorsFile(entries: entries, metadata: metadata)
  }

  private static func text(_ numbers: [Int]) -> String {
    numbers.map { "\($0)" }.joined(separator: ",")
  }
}
