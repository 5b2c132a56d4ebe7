import Counterspike
import CounterspikeData
import Testing

@testable import CounterspikeStudy

@Suite("What a diagnosis sees of layers")
struct DiagnosisLayersTests {
  /// Several parameters a layer, shortcuts, a recurrent layer and a readout.
  private static func recipe() throws -> Recipe {
    var recipe = Recipe()
    recipe.network.timeSteps = 4
    recipe.network.neuron.threshold = 0.3
    recipe.network.layers = [
      .convolution(6, kernel: 3, padding: 1), .residual([.convolution(6, kernel: 3, padding: 1)]),
      .pooling(2), .dense(20), .recurrent(12), .readout(4),
    ]
    recipe.network.layers[0].bias = true
    recipe.network.layers[3].bias = true
    recipe.gradient = .surrogate()
    recipe.loss = LossSettings(.softmax(.mean))
    try recipe.validate()
    return recipe
  }

  private static let images = MadeUpImages.set(32, seed: 3)

  private static func network(_ recipe: Recipe) throws -> Network {
    try Network(recipe.network, inputShape: Array(images.shape.suffix(3)), seed: 1)
  }

  @Test("gradients are those of each layer's own parameters")
  func gradients() throws {
    let recipe = try Self.recipe()
    let network = try Self.network(recipe)
    let plan = network.plan
    let found = try DiagnosisLayers(network, recipe: recipe, source: Self.images, workers: 1)
    #expect(found.layers.map(\.name) == plan.stages.dropLast().map(\.name))
    var values: [Float] = []
    for index in 0..<32 {
      var sample = [Float](repeating: 0, count: Self.images.shape.reduce(1, *))
      var span = sample.mutableSpan
      Self.images.load(index, epoch: 0, into: &span)
      values += sample
    }
    let wanted = try network.lossGradient(
      Tensor(shape: [32] + Self.images.shape, scalars: values),
      labels: (0..<32).map { Self.images.label(at: $0) },
      gradient: recipe.gradient, loss: recipe.loss
    ).weights
    for (layer, stage) in zip(found.layers, plan.stages) {
      let values = stage.parameters.flatMap { wanted[$0].scalars }
      let square = values.reduce(0) { $0 + Double($1) * Double($1) }
      let size = (square / Double(values.count)).squareRoot() / 32
      #expect(size > 0 && abs(layer.gradient - size) < 1e-4 * size, "\(layer.name)")
    }
  }

  @Test("a layer without weights is silent in its own place, and no other")
  func places() throws {
    let recipe = try Self.recipe()
    for place in 0..<4 {
      var network = try Self.network(recipe)
      let plan = network.plan
      var weights = network.weights
      for parameter in plan.stages[place].parameters {
        weights[parameter] = Tensor(
          shape: weights[parameter].shape,
          scalars: [Float](repeating: 0, count: weights[parameter].count))
      }
      try network.setWeights(weights)
      let found = try DiagnosisLayers(network, recipe: recipe, source: Self.images, workers: 1)
      #expect(found.layers[place].firingRate == 0 && found.layers[place].current == 0)
      for before in 0..<place { #expect(found.layers[before].firingRate > 0, "\(before)") }
      #expect(found.silence(place).layer == plan.stages[place].name)
      #expect(found.silence(place).isFirst == (place == 0))
    }
  }
}
