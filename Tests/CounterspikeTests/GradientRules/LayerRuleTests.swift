import Counterspike
import Testing

@Suite("Rules of single layers")
struct LayerRuleTests {
  static let input = Tensor(
    shape: [2, 1, 4, 4], scalars: (0..<32).map { Float(($0 * 37) % 17) / 6 - 0.6 })

  static func weights(of recipe: String, gradient: GradientSettings) throws -> [Tensor] {
    let recipe = try Recipe(yaml: recipe, source: "test.yaml")
    let network = try Network(recipe.network, inputShape: [1, 4, 4], seed: 3)
    return try network.lossGradient(
      input, labels: [0, 2], gradient: gradient, loss: LossSettings()
    ).weights
  }

  static func network(_ first: String, _ second: String) -> String {
    """
    network:
      layers:
        - {kind: dense, size: 12\(first)}
        - {kind: dense, size: 9\(second)}
        - 3
    """
  }

  @Test("a layer's rule is used for that layer alone")
  func overrides() throws {
    var slayer = GradientSettings()
    slayer.rule = .slayer
    let plain = try Self.weights(of: Self.network("", ""), gradient: .neighborhood())
    let first = try Self.weights(
      of: Self.network(", gradient: {rule: slayer}", ""), gradient: .neighborhood())
    let second = try Self.weights(
      of: Self.network("", ", gradient: {rule: slayer}"), gradient: .neighborhood())
    // Gradients of layers above the one that differs are the same, those from it down are not.
    #expect(first[1] == plain[1] && first[2] == plain[2])
    #expect(first[0] != plain[0])
    #expect(second[2] == plain[2])
    #expect(second[1] != plain[1] && second[0] != plain[0])
  }

  @Test("naming the network's rule in every layer changes nothing")
  func same() throws {
    var slayer = GradientSettings()
    slayer.rule = .slayer
    let plain = try Self.weights(of: Self.network("", ""), gradient: slayer)
    let named = ", gradient: {rule: slayer}"
    let each = try Self.weights(of: Self.network(named, named), gradient: slayer)
    #expect(each == plain)
  }

  @Test("what a layer's section leaves out has its default, and is written out")
  func defaults() throws {
    let yaml = """
      gradient: {rule: surrogate, surrogate: {width: 3}}
      network: {layers: [{kind: dense, size: 4, gradient: {rule: surrogate}}, 2]}
      """
    let recipe = try Recipe(yaml: yaml, source: "test.yaml")
    let gradient = try #require(recipe.network.layers[0].gradient)
    #expect(gradient == .surrogate())
    #expect(try Recipe(yaml: recipe.yaml, source: "again") == recipe)
  }

  @Test("a wrong setting in a layer's rule is named with its path")
  func refused() {
    #expect {
      try Recipe(
        yaml: "network: {layers: [{kind: dense, size: 4, gradient: {slayer: {beta: 0}}}, 2]}",
        source: "test.yaml")
    } throws: { error in
      "\(error)".contains("“network.layers.0.gradient.slayer.beta” is 0.0; allowed: number > 0")
    }
  }
}
