import Foundation
import Testing

@Suite("export and import")
struct ExchangeTests {
  /// The accuracy, loss and firing rates of a checkpoint.
  private func evaluation(_ run: SmallRun, _ checkpoint: String) async throws -> String {
    let outcome = try await run.run(
      "evaluate", checkpoint, "--data", SmallRun.dataFolder, "--quiet", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    // Behind it stand remarks, as that an imported checkpoint does not name its classes.
    return outcome.output.split(separator: "\n").prefix(2).joined(separator: "\n")
  }

  @Test("bring weights out and in again under PyTorch's names, to evaluate and to go on training")
  func stateDictionary() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    let exported = try await run.run("export", "run", "--state-dict", "w.safetensors")
    #expect(exported.status == 0 && exported.output == "wrote w.safetensors\n")
    let imported = try await run.run(
      "import", "w.safetensors", "--recipe", "small.yaml", "--input-shape", "1,28,28")
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(imported.output.contains("wrote w.checkpoint.safetensors\n"))
    #expect(
      try await evaluation(run, "w.checkpoint.safetensors") == evaluation(run, "run"))
    let trained = try await run.train(
      "small.yaml", "--from", "w.checkpoint.safetensors", "--epochs", "1", "--output", "more",
      "--quiet")
    #expect(trained.status == 0, "\(trained.errors)")
    // A file that is there is not lost.
    let again = try await run.run("export", "run", "--state-dict", "w.safetensors")
    #expect(again.status != 0 && again.errors.contains("is there already"))
  }

  @Test("write C that says what it takes")
  func source() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    let outcome = try await run.run("export", "run", "--c", "c")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("multiply-adds a step"))
    #expect(try run.folder.text("c/network.h").contains("#define NETWORK_OUTPUTS 10"))
    let again = try await run.run("export", "run", "--c", "c")
    #expect(again.status != 0 && again.errors.contains("is there already"))
    let replaced = try await run.run("export", "run", "--c", "c", "--overwrite", "--quiet")
    #expect(replaced.status == 0 && replaced.output.isEmpty)
  }

  @Test("write C of integers, whose largest input is the data's unless it is given")
  func integers() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    let outcome = try await run.run(
      "export", "run", "--c", "c", "--int8", "--data", SmallRun.dataFolder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("multiply-adds a step"))
    #expect(try run.folder.text("c/network.h").contains("int32_t *output"))
    let weights = "static const int8_t k_0_conv_1_weight[100]"
    #expect(try run.folder.text("c/network.c").contains(weights))
    let given = try await run.run(
      "export", "run", "--c", "c", "--int8", "--input-limit", "4", "--overwrite", "--quiet")
    #expect(given.status == 0 && given.output.isEmpty, "\(given.errors)")
    let header = try run.folder.text("c/network.h")
    func number(_ name: String) throws -> Int {
      let line = try #require(
        header.split(separator: "\n").first { $0.hasPrefix("#define \(name) ") })
      return try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }
    #expect(try number("NETWORK_LIMIT") == 4 * number("NETWORK_UNIT"))
  }

  @Test("go through NIR, or say how to build")
  func graph() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    let exported = try await run.run("export", "run", "--nir", "n.nir")
    #if HDF5
      #expect(exported.status == 0, "\(exported.errors)")
      let imported = try await run.run("import", "n.nir", "--recipe", "small.yaml")
      #expect(imported.status == 0, "\(imported.errors)")
      #expect(
        try await evaluation(run, "n.checkpoint.safetensors") == evaluation(run, "run"))
    #else
      #expect(exported.status == 69)
      #expect(exported.errors.contains("--traits default,HDF5"))
    #endif
  }

  #if HDF5 && os(Linux)
    @Test("are not blamed where memory is short")
    func memory() async throws {
      let run = try SmallRun()
      try await run.trainSmall()
      let exported = try await run.run("export", "run", "--nir", "n.nir")
      try #require(exported.status == 0, "\(exported.errors)")
      func imported(_ megabytes: Int) async throws -> Command.Outcome {
        try await Command.shell(
          "ulimit -v \(1024 * megabytes); exec \"$COMMAND\" import n.nir --recipe small.yaml --overwrite",
          in: run.folder)
      }
      // The least that is enough: what the program itself takes differs by build and system.
      var (little, enough) = (64, 4096)
      while enough - little > 1 {
        let middle = (little + enough) / 2
        if try await imported(middle).status == 0 { enough = middle } else { little = middle }
      }
      for megabytes in stride(from: little, to: little - 14, by: -3) {
        let outcome = try await imported(megabytes)
        #expect(outcome.status == 66 && !outcome.wasKilled, "\(megabytes) MB: \(outcome.errors)")
        #expect(
          outcome.errors.contains("libhdf5 has too little memory to read “n.nir”")
            && outcome.errors.contains("the limit of ulimit -v"),
          "\(megabytes) MB: \(outcome.errors)")
      }
    }
  #endif

  @Test("say in one line what is wrong")
  func refusals() async throws {
    let run = try SmallRun()
    try run.folder.write(Array("no HDF5".utf8), to: "bad.nir")
    try run.folder.write(Array("no tensors".utf8), to: "bad.safetensors")
    for (arguments, words) in [
      (["export", "run"], "--nir FILE, --state-dict FILE or --c FOLDER"),
      (["export", "nothing", "--nir", "a.nir"], "nothing"),
      (["export", "run", "--nir", "a.nir", "--int8"], "--int8 is for --c"),
      (["export", "run", "--c", "c", "--input-limit", "2"], "--input-limit is for --int8"),
      (["export", "run", "--c", "c", "--int8", "--input-limit=-1"], "--input-limit is -1.0"),
      (["import", "bad.onnx"], "must end in"),
      (["import", "bad.nir", "--time-step", "0"], "--time-step is 0.0"),
      (["import", "bad.safetensors", "--input-shape", "1,2"], "--input-shape must be"),
      (["import", "bad.safetensors", "--input-shape", "1,28,28"], "bad.safetensors"),
      (["import", "bad.nir"], "bad.nir"),
    ] {
      let outcome = try await Command.run(arguments, in: run.folder)
      #expect(outcome.status != 0 && outcome.output.isEmpty)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }
}
