public import Counterspike
internal import CounterspikeData
public import CounterspikeTraining

extension Checkpoint {
  /// A network of another program, as a checkpoint before the first epoch.
  ///
  /// - Parameters:
  ///   - path: an HDF5 file of the Neuromorphic Intermediate Representation.
  ///   - recipe: of everything but the network's layers and neurons, which the file says.
  ///   - timeStep: dt in seconds.
  /// - Throws: `missingLibrary` in a build without HDF5; `unreadableFile`; `damagedFile`; `mismatch` naming
  ///   the node that no layer can express; `invalidRecipe`.
  public init(
    nirFile path: String, recipe: Recipe, timeStep: Double = 1e-4
  ) throws(CounterspikeError) {
    guard timeStep.isFinite, timeStep > 0 else {
      throw CounterspikeError(
        .mismatch, "a time step of \(timeStep) s; it must be above 0", remedy: .nameTimeStep)
    }
    let graph = try NIRGraph(HDF5Tree(contentsOf: path), path: path)
    let found = try NIRImport(graph, path: path, dt: timeStep)
    var recipe = recipe
    recipe.network = found.settings(recipe.network)
    let plan = try NetworkPlan(recipe.network, inputShape: found.inputShape)
    let weights = try found.weights(plan)
    let network = try Network(
      recipe.network, inputShape: found.inputShape, weights: weights)
    self.init(imported: network, recipe: recipe)
  }
}

extension NIRImport {
  /// Layers and neurons of the graph, everything else as in `base`.
  func settings(_ base: NetworkSettings) -> NetworkSettings {
    var settings = base
    settings.bias = false
    settings.normalization = false
    settings.neuron = NeuronSettings()
    settings.neuron.membraneTimeConstant = layers.compactMap(\.membraneTimeConstant).first ?? 5
    settings.neuron.threshold = layers.compactMap(\.threshold).first ?? 1
    // That of the samples, too.
    settings.neuron.synapticTimeConstant = synapse(-1)
    let isStraight = layers.indices.allSatisfy { place in
      let before = place == 0 ? "input" : layers[place - 1].name ?? ""
      return layers[place].inputs == [before]
    }
    var place = 0
    settings.layers = layers.enumerated().map { index, layer in
      var layer = layer
      if isStraight { (layer.name, layer.inputs) = (nil, nil) }
      guard ![.pooling, .delay].contains(layer.kind) else { return layer }
      layer.synapticTimeConstant = synapse(place)
      place += 1
      if index == layers.count - 1 { layer.name = nil }
      if layer.kind == .readout { layer.synapticTimeConstant = nil }
      for (key, value) in [
        (\LayerSettings.synapticTimeConstant, settings.neuron.synapticTimeConstant),
        (\LayerSettings.membraneTimeConstant, settings.neuron.membraneTimeConstant),
        (\LayerSettings.threshold, settings.neuron.threshold),
      ] where layer[keyPath: key] == value { layer[keyPath: key] = nil }
      return layer
    }
    return settings
  }

  /// The values of the plan's parameters.
  func weights(_ plan: NetworkPlan) throws(CounterspikeError) -> [Tensor] {
    var (nodes, neurons): ([Int], [Int]) = ([], [])
    for node in plan.nodes {
      switch node.operation {
      case .convolution, .dense: nodes.append(node.id)
      case .neurons: neurons.append(node.id)
      default: break
      }
    }
    var tensors: [Tensor] = []
    for parameter in plan.parameters {
      let constant = parameter.role.constant
      let all = parameter.role == .lateral || constant != nil ? neurons : nodes
      guard let place = all.firstIndex(of: parameter.node), place < products.count else {
        throw problem(parameter.id, "belongs to no layer")
      }
      let product = products[place]
      let values =
        switch parameter.role {
        case .bias: product.bias
        case .lateral: product.lateral
        default: constant.map(product.arguments) ?? product.weights
        }
      guard values.count == parameter.count else {
        throw problem(
          product.node, "has weights of shape \(product.shape), where \(parameter.shape) fit")
      }
      tensors.append(Tensor(shape: parameter.shape, scalars: values.map { Float($0) }))
    }
    return tensors
  }
}
