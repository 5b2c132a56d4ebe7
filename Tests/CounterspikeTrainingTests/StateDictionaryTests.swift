import Counterspike
import CounterspikeInterchange
import CounterspikeTraining
import TestSupport
import Testing

@Suite("Weights under PyTorch's names")
struct StateDictionaryTests {
  private static func recipe() throws -> Recipe {
    var recipe = Recipe()
    recipe.network = try NetworkSettings("3C3-P2-7-4", timeSteps: 4)
    recipe.network.normalization = true
    recipe.network.neuron.threshold = 0.5
    recipe.network.layers[2].bias = true
    return recipe
  }

  private static func network() throws -> Network {
    var network = try Network(recipe().network, inputShape: [2, 6, 6], seed: 9)
    func drawn(_ tensors: [Tensor]) -> [Tensor] {
      tensors.map { tensor in
        Tensor(
          shape: tensor.shape, scalars: tensor.scalars.indices.map { Float($0 % 7) / 8 + 0.125 })
      }
    }
    try network.setWeights(drawn(network.weights))
    try network.setStatistics(drawn(network.statistics))
    return network
  }

  @Test("have the names of torch.nn's modules, and γ holds the threshold")
  func names() throws {
    let network = try Self.network()
    let file = StateDictionary.file(of: network)
    #expect(
      file.entries.keys.sorted() == [
        "conv_1.normalization.bias", "conv_1.normalization.running_mean",
        "conv_1.normalization.running_var", "conv_1.normalization.weight", "conv_1.weight",
        "dense_1.bias", "dense_1.weight", "output.weight",
      ])
    #expect(try file.tensor("conv_1.normalization.weight").scalars == [0.0625, 0.125, 0.1875])
    #expect(try file.tensor("conv_1.weight").shape == [3, 2, 3, 3])
  }

  @Test("come back bit for bit, by name and by the order of nn.Sequential")
  func roundTrip() throws {
    let network = try Self.network()
    let folder = try TemporaryFolder()
    let file = StateDictionary.file(of: network)
    try file.write(to: "\(folder.path)/a.safetensors")
    let places = ["conv_1": "0", "conv_1.normalization": "1", "dense_1": "10", "output": "12"]
    var renamed: [String: SafeTensorsFile.Entry] = [:]
    for (name, entry) in file.entries {
      let parts = name.split(separator: ".")
      let module = parts.dropLast().joined(separator: ".")
      renamed["\(try #require(places[module])).\(parts[parts.count - 1])"] = entry
    }
    try SafeTensorsFile(entries: renamed).write(to: "\(folder.path)/b.safetensors")
    for name in ["a", "b"] {
      let read = try Checkpoint(
        stateDictionary: "\(folder.path)/\(name).safetensors", recipe: Self.recipe(),
        inputShape: [2, 6, 6])
      let other = try read.network()
      #expect(other.weights == network.weights)
      #expect(other.statistics == network.statistics)
      #expect(read.completedEpochs == 0)
    }
  }

  @Test("are refused where they are not the network's")
  func refusals() throws {
    let folder = try TemporaryFolder()
    func message(_ change: (inout [String: SafeTensorsFile.Entry]) -> Void) throws -> String {
      var entries = StateDictionary.file(of: try Self.network()).entries
      change(&entries)
      let path = "\(folder.path)/bad.safetensors"
      try SafeTensorsFile(entries: entries).write(to: path)
      let error = #expect(throws: CounterspikeError.self) {
        try Checkpoint(stateDictionary: path, recipe: Self.recipe(), inputShape: [2, 6, 6])
      }
      return error?.message ?? ""
    }
    #expect(try message { $0["dense_1.bias"] = nil }.contains("no tensor “dense_1.bias”"))
    #expect(
      try message { $0["extra.weight"] = $0["output.weight"] }.contains("tensor “extra.weight”"))
    #expect(
      try message { $0["output.weight"] = $0["dense_1.weight"] }.contains("has shape [7, 12]"))
    #expect(
      try message {
        $0["dense_1.bias"] = SafeTensorsFile.Entry(
          Tensor(shape: [7], scalars: [.nan, 0, 0, 0, 0, 0, 0]))
      }.contains("infinite or no numbers"))
    #expect(
      try message { $0 = ["0.weight": $0["output.weight"]].compactMapValues { $0 } }
        .contains("1 tensors whose names end in weight"))
    // A neuron's own numbers would be dropped.
    #expect(
      try message { entries in
        let names = entries.keys.sorted()
        for name in names {
          let parts = name.split(separator: ".", maxSplits: 1)
          entries["x\(parts[0]).\(parts[1])"] = entries.removeValue(forKey: name)
        }
        entries["1.beta"] = SafeTensorsFile.Entry(Tensor(shape: [1], scalars: [0.9]))
      }.contains("has a tensor “1.beta” that is no weight, bias, mean or variance"))
  }
}
