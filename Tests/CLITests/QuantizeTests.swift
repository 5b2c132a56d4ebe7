import Foundation
import Testing

@Suite("quantize")
struct QuantizeTests {
  @Test("tells accuracy and spikes of both networks, and writes the integers")
  func report() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    let outcome = try await run.run(
      "quantize", "run", "--data", SmallRun.dataFolder, "--output", "int.safetensors", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let line = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(line["bits"] as? Int == 8 && line["samples"] as? Int == 64)
    let evaluated = try await run.run(
      "evaluate", "run", "--data", SmallRun.dataFolder, "--json")
    let own = try #require(
      try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any])
    #expect(line["accuracy"] as? Double == own["accuracy"] as? Double)
    let layers = try #require(line["layers"] as? [[String: Any]])
    #expect(layers.compactMap { $0["name"] as? String } == ["conv_1", "dense_1", "output"])
    for layer in layers {
      let rate = try #require(layer["firingRate"] as? Double)
      let integerRate = try #require(layer["integerFiringRate"] as? Double)
      let differing = try #require(layer["differingSpikes"] as? Double)
      #expect(rate > 0 && abs(rate - integerRate) <= differing && differing < 0.05)
    }
    let bytes = try run.folder.bytes("int.safetensors")
    #expect(String(decoding: bytes, as: UTF8.self).contains("counterspike integer network 1"))
    let again = try await run.run(
      "quantize", "run", "--data", SmallRun.dataFolder, "--output", "int.safetensors")
    #expect(again.status != 0 && again.errors.contains("is there already"))
    let text = try await run.run(
      "quantize", "run", "--data", SmallRun.dataFolder, "--bits", "3", "--scale", "layer",
      "--samples", "20")
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("weights of 3 bits with a scale a layer"))
    #expect(text.output.contains("accuracy on 20 test samples"))
  }

  @Test("says in one line what is wrong")
  func refusals() async throws {
    let run = try SmallRun()
    let yaml = SmallRun.recipe(
      layers: "[{kind: recurrent, size: 12}, {kind: dense, size: 10}]", training: ["epochs: 1"])
    try run.folder.write(yaml, to: "recurrent.yaml")
    let trained = try await run.train("recurrent.yaml", "--output", "recurrent", "--quiet")
    #expect(trained.status == 0, "\(trained.errors)")
    for (arguments, words) in [
      (["nothing"], "nothing"), (["nothing", "--bits", "9"], "--bits is 9; it must be 2 to 8"),
      (["nothing", "--samples", "0"], "--samples is 0"),
      (["recurrent"], "is a recurrent layer, which cannot be quantized"),
    ] {
      let outcome = try await Command.run(["quantize"] + arguments, in: run.folder)
      #expect(outcome.status != 0 && outcome.output.isEmpty)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }
}
