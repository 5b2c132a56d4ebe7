public import Counterspike
public import CounterspikeTraining

/// A network's weights under the names that PyTorch's modules would have, as a safetensors file.
///
/// | here | there | values |
/// | --- | --- | --- |
/// | `conv_1.weight`, `dense_1.weight`, `output.weight` | the same | the same, `[out, in / groups, k, k]` and `[out, in]` |
/// | `conv_1.bias` | the same | the same |
/// | `conv_1.normalization.scale` | `conv_1.normalization.weight` | γ·θ, as BatchNorm knows no threshold |
/// | `conv_1.normalization.shift` | `conv_1.normalization.bias` | the same |
/// | `conv_1.normalization.mean` | `conv_1.normalization.running_mean` | the same |
/// | `conv_1.normalization.variance` | `conv_1.normalization.running_var` | the same |
/// | `conv_1.neurons.membraneTimeConstant` and the like | the same | the number that is trained |
public enum StateDictionary {
  /// The bytes' content: tensors of type F32.
  public static func file(of network: Network) -> SafeTensorsFile {
    var tensors: [String: Tensor] = [:]
    for (parameter, tensor) in zip(network.plan.parameters, network.weights) {
      tensors[name(of: parameter)] = scaled(tensor, parameter, network.plan, outwards: true)
    }
    for (statistic, tensor) in zip(network.plan.statistics, network.statistics) {
      tensors[name(of: statistic)] = tensor
    }
    return SafeTensorsFile(tensors: tensors, metadata: ["format": "pt"])
  }

  static func name(of parameter: NetworkPlan.Parameter) -> String {
    switch parameter.role {
    case .scale: replacing("scale", by: "weight", in: parameter.id)
    case .shift: replacing("shift", by: "bias", in: parameter.id)
    default: parameter.id
    }
  }

  static func name(of statistic: NetworkPlan.Statistic) -> String {
    switch statistic.role {
    case .mean: replacing("mean", by: "running_mean", in: statistic.id)
    case .variance: replacing("variance", by: "running_var", in: statistic.id)
    }
  }

  private static func replacing(_ old: String, by new: String, in id: String) -> String {
    String(id.dropLast(old.count)) + new
  }

  /// γ of a normalization as γ·θ, or back.
  private static func scaled(
    _ tensor: Tensor, _ parameter: NetworkPlan.Parameter, _ plan: NetworkPlan, outwards: Bool
  ) -> Tensor {
    guard parameter.role == .scale,
      case .normalization(let settings) = plan.nodes[parameter.node].operation
    else { return tensor }
    let factor = outwards ? settings.threshold : 1 / settings.threshold
    return Tensor(shape: tensor.shape, scalars: tensor.scalars.map { $0 * factor })
  }

  /// A recipe's network with the weights of a file.
  ///
  /// Tensors are found by the names above. Where none has such a name, as in a file of `nn.Sequential`
  /// (`0.weight`, `2.weight`, …), they are taken in the order of their names, numbers counted as numbers,
  /// if shapes and numbers of tensors are those of the network.
  ///
  /// - Throws: `mismatch` naming what is missing, left over or of another shape; `damagedFile` for values
  ///   that are no finite numbers; `invalidRecipe`.
  public static func network(
    _ recipe: Recipe, inputShape: [Int], from file: SafeTensorsFile, path: String
  ) throws(CounterspikeError) -> Network {
    var network = try Network(recipe.network, inputShape: inputShape, seed: recipe.seed)
    let plan = network.plan
    let wanted =
      plan.parameters.map { (name(of: $0), $0.shape) }
      + plan.statistics.map { (name(of: $0), [$0.count]) }
    let found = file.entries.keys.filter { !$0.hasSuffix("num_batches_tracked") }
    let names: [String: String]
    if found.contains(where: { name in wanted.contains { $0.0 == name } }) {
      names = Dictionary(uniqueKeysWithValues: wanted.map { ($0.0, $0.0) })
      if let other = found.filter({ name in !wanted.contains { $0.0 == name } }).min() {
        throw CounterspikeError(
          .mismatch,
          "“\(path.excerpt)” has a tensor “\(other.excerpt)”, which the recipe's network has not; its are "
            + wanted.map(\.0).joined(separator: ", "))
      }
    } else {
      names = try inOrder(found, wanted, plan, path)
    }
    func tensor(_ name: String, _ shape: [Int]) throws(CounterspikeError) -> Tensor {
      try file.tensor(
        names[name] ?? name, shape,
        mismatch: "\(name) of the recipe's network has \(shape); let the recipe describe the "
          + "network that was saved",
        remedy: "save the weights again")
    }
    var weights: [Tensor] = []
    for parameter in plan.parameters {
      let read = try tensor(name(of: parameter), parameter.shape)
      weights.append(scaled(read, parameter, plan, outwards: false))
    }
    var statistics: [Tensor] = []
    for statistic in plan.statistics {
      statistics.append(try tensor(name(of: statistic), [statistic.count]))
    }
    try network.setWeights(weights)
    try network.setStatistics(statistics)
    return network
  }

  /// Which tensor of a file is which of the network, by their order.
  private static func inOrder(
    _ found: [String], _ wanted: [(String, [Int])], _ plan: NetworkPlan, _ path: String
  ) throws(CounterspikeError) -> [String: String] {
    var names: [String: String] = [:]
    // Each kind by itself: names of one module are in the order of the alphabet, not of the network.
    for ending in ["weight", "bias", "running_mean", "running_var"] {
      let theirs = found.filter { $0 == ending || $0.hasSuffix(".\(ending)") }
        .sorted { parts($0).lexicographicallyPrecedes(parts($1)) }
      let order =
        plan.nodes.flatMap { node in
          wanted.map(\.0).filter { $0 == "\(node.name).\(ending)" }
        }
      guard theirs.count == order.count else {
        throw CounterspikeError(
          .mismatch,
          "“\(path.excerpt)” has \(theirs.count) tensors whose names end in \(ending), and the recipe's "
            + "network \(order.count); name them "
            + wanted.map(\.0).joined(separator: ", "))
      }
      for (ours, other) in zip(order, theirs) { names[ours] = other }
    }
    if let other = found.filter({ !names.values.contains($0) }).min() {
      throw CounterspikeError(
        .mismatch,
        "“\(path.excerpt)” has a tensor “\(other.excerpt)” that is no weight, bias, mean or variance; let the "
          + "recipe say what it stands for, and leave it out of the file")
    }
    return names
  }

  /// A name's parts, numbers padded so that they stand in their order.
  private static func parts(_ name: String) -> [String] {
    name.split(separator: ".").map { part in
      part.allSatisfy { $0.isASCII && $0.isNumber }
        ? String(repeating: "0", count: max(0, 12 - part.count)) + part : String(part)
    }
  }
}

extension Checkpoint {
  /// A recipe's network with weights of PyTorch, as a checkpoint before the first epoch; see
  /// ``StateDictionary``.
  ///
  /// - Parameters:
  ///   - path: a safetensors file.
  ///   - inputShape: of one time step of a sample, `[C, H, W]`.
  /// - Throws: `unreadableFile`; `damagedFile`; `mismatch`; `invalidRecipe`.
  public init(
    stateDictionary path: String, recipe: Recipe, inputShape: [Int]
  ) throws(CounterspikeError) {
    let network = try StateDictionary.network(
      recipe, inputShape: inputShape, from: SafeTensorsFile(contentsOf: path), path: path)
    self.init(imported: network, recipe: recipe)
  }
}
