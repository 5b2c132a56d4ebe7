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

  private func line(_ outcome: Command.Outcome) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  @Test("trains on with rounded weights, in a run that everything can be done with")
  func finetuning() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    let outcome = try await run.run(
      "quantize", "run", "--data", SmallRun.dataFolder, "--threads", "1", "--bits", "3",
      "--finetune", "--epochs", "2", "--run", "tuned", "--json", "--set",
      "training.modelSelection=last")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let tuned = try line(outcome)
    #expect(tuned["checkpoint"] as? String == "tuned/checkpoints/best.safetensors")
    let before = try #require(tuned["beforeFinetuning"] as? [String: Any])
    #expect(before["checkpoint"] as? String == "run/checkpoints/best.safetensors")
    let plain = try line(
      await run.run("quantize", "run", "--data", SmallRun.dataFolder, "--bits", "3", "--json"))
    #expect(before["integerAccuracy"] as? Double == plain["integerAccuracy"] as? Double)
    #expect(plain["beforeFinetuning"] == nil)
    // The run says how its weights are rounded: nobody else needs to be told.
    let again = try line(
      await run.run("quantize", "tuned", "--data", SmallRun.dataFolder, "--json"))
    #expect(again["bits"] as? Int == 3)
    #expect(again["integerAccuracy"] as? Double == tuned["integerAccuracy"] as? Double)
    let evaluated = try line(
      await run.run("evaluate", "tuned", "--data", SmallRun.dataFolder, "--json"))
    #expect(evaluated["accuracy"] as? Double == tuned["accuracy"] as? Double)
    for layer in try #require(tuned["layers"] as? [[String: Any]]) {
      #expect(try #require(layer["differingSpikes"] as? Double) < 0.02)
    }

    // One epoch and then another one, with other threads, are two.
    let first = try await run.run(
      "quantize", "run", "--data", SmallRun.dataFolder, "--threads", "2", "--bits", "3",
      "--finetune", "--epochs", "1", "--run", "first", "--set", "training.modelSelection=last",
      "--set", "schedule.kind=constant")
    #expect(first.status == 0, "\(first.errors)")
    for words in ["before finetuning: accuracy", "after finetuning: accuracy", "run folder first"] {
      #expect(first.output.contains(words), "\(first.output)")
    }
    let resumed = try await run.train("--resume", "first", "--epochs", "2", "--quiet")
    #expect(resumed.status == 0, "\(resumed.errors)")
    let whole = try await run.run(
      "quantize", "run", "--data", SmallRun.dataFolder, "--threads", "1", "--bits", "3",
      "--finetune", "--epochs", "2", "--run", "whole", "--set", "training.modelSelection=last",
      "--set", "schedule.kind=constant", "--quiet")
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try run.last("first") == run.last("whole"))
    let taken = try await run.run(
      "quantize", "run", "--data", SmallRun.dataFolder, "--finetune", "--run", "whole")
    #expect(taken.status != 0 && taken.errors.contains("holds a run already"), "\(taken.errors)")
    #expect(taken.errors.contains("name another folder (--run FOLDER)"), "\(taken.errors)")
  }

  @Test("is saved by Ctrl-C while it trains, and says how to go on")
  func interrupted() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    let data = try SmallRun.dataFolder
    let command = try Command.start(
      [
        "quantize", "run", "--data", data, "--threads", "1", "--finetune", "--epochs", "500",
        "--run",
        "tuned",
      ], in: run.folder)
    let metrics = run.folder.path + "/tuned/metrics.jsonl"
    command.supervise { command in
      command.wait { (try? Data(contentsOf: URL(fileURLWithPath: metrics)).isEmpty) == false }
      command.send(SIGINT)
    }
    let outcome = try await command.outcome()
    #expect(outcome.status == 128 + SIGINT && !outcome.wasKilled)
    #expect(
      outcome.errors.contains(
        "train --resume tuned --data \(data) --threads 1; then compare with: "), "\(outcome.errors)"
    )
    let compared = try await run.run("quantize", "tuned", "--data", data, "--json")
    #expect(try line(compared)["bits"] as? Int == 8)
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
      (["recurrent", "--finetune"], "is a recurrent layer, which cannot be quantized"),
      (["nothing", "--finetune"], "cannot read “nothing”"),
      (["recurrent.yaml", "--finetune"], "recurrent.yaml"),
      (["nothing", "--finetune", "--bits", "1"], "--bits is 1; it must be 2 to 8"),
      (["nothing", "--finetune", "--epochs", "0"], "--epochs is 0; it must be at least 1"),
      (["nothing", "--epochs", "2"], "--epochs is for --finetune; give both"),
      (["nothing", "--run", "tuned"], "--run is for --finetune; give both"),
    ] {
      let outcome = try await Command.run(["quantize"] + arguments, in: run.folder)
      #expect(outcome.status != 0 && outcome.output.isEmpty)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }
}
