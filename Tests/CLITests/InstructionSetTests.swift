import Foundation
import Testing

/// Runs on processors of other instruction sets, which oneDNN takes at most what it is told of.
@Suite("The processor's instruction set")
struct InstructionSetTests {
  private static func train(
    _ arguments: [String], isOld: Bool, in folder: TemporaryFolder
  ) async throws -> Command.Outcome {
    let outcome = try await Command.run(
      ["train"] + arguments, in: folder,
      environment: isOld ? ["ONEDNN_MAX_CPU_ISA": "SSE41", "DNNL_MAX_CPU_ISA": "SSE41"] : [:])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  private static func sets(_ folder: TemporaryFolder) throws -> [String] {
    let notes = try JSONSerialization.jsonObject(with: Data(folder.bytes("run/run.json")))
    let object = try #require(notes as? [String: Any])
    #expect(object["kernels"] as? String != nil)
    return try #require(object["instructionSets"] as? [String])
  }

  #if arch(x86_64)
    @Test("is kept by a run; going on with another one is said, once")
    func change() async throws {
      let folder = try TemporaryFolder()
      let few = ["--set", "data.trainingLimit=60", "--set", "data.testLimit=20", "--threads", "1"]
      _ = try await Self.train(
        ["yin-yang", "--epochs", "1", "--output", "run"] + few, isOld: true, in: folder)
      let old = try #require(try Self.sets(folder).first)
      #expect(old.hasPrefix("SSE4.1 (oneDNN "))
      #expect(try Self.sets(folder) == [old])
      let checkpoint = try folder.bytes("run/checkpoints/last.safetensors")
      #expect(
        String(decoding: checkpoint.prefix(20_000), as: UTF8.self)
          .contains("\"instructionSets\":\"\(old)\""))

      func resume(_ epochs: Int, isOld: Bool) async throws -> String {
        try await Self.train(
          ["--resume", "run", "--epochs", "\(epochs)"], isOld: isOld, in: folder
        ).errors
      }
      #expect(try await !resume(2, isOld: true).contains("the run began with"))
      #expect(try Self.sets(folder) == [old])
      let remark = try await resume(3, isOld: false)
      let sets = try Self.sets(folder)
      // A processor that has no more than SSE4.1 goes on as it began.
      guard sets.count == 2 else {
        #expect(sets == [old] && remark == "")
        return
      }
      #expect(
        remark.contains(
          "the run began with \(old) and goes on with \(sets[1]), so that the bytes can"))
      #expect(try await !resume(4, isOld: false).contains("the run began with"))
      #expect(try Self.sets(folder) == sets)
      #expect(
        try await resume(5, isOld: true).contains(
          "the run was trained with \(old), then \(sets[1]) and goes on with \(old), so"))
      #expect(try Self.sets(folder) == sets + [old])
    }

    @Test("limits the kernels where the environment says so, without another result")
    func levels() async throws {
      let folder = try TemporaryFolder()
      var found: [String: Data] = [:]
      for level in [nil, "baseline", "avx2", "avx512"] {
        let run = "run-\(level ?? "own")"
        let outcome = try await Command.run(
          [
            "train", "yin-yang", "--epochs", "1", "--output", run, "--set",
            "data.trainingLimit=200", "--set", "data.testLimit=20",
          ], in: folder, environment: level.map { ["COUNTERSPIKE_LEVEL": $0] } ?? [:])
        try #require(outcome.status == 0, "\(outcome.errors)")
        let notes = try String(decoding: folder.bytes("\(run)/run.json"), as: UTF8.self)
        if level == "baseline" { #expect(notes.contains("\"kernels\":\"x86-64\"")) }
        found[run] = try Data(folder.bytes("\(run)/checkpoints/last.safetensors"))
      }
      for (run, checkpoint) in found { #expect(checkpoint == found["run-own"], "\(run)") }
    }
  #endif

  @Test("is not limited to one that there is not")
  func unknownLevel() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Command.run(
      ["--version"], in: folder, environment: ["COUNTERSPIKE_LEVEL": "avx3"])
    #expect(outcome.status == 78)
    #expect(
      outcome.errors.contains(
        "the kernels are to be limited to “avx3”, which is no level of them; the levels are baseline, "
          + "avx2, avx512 (COUNTERSPIKE_LEVEL"))
  }
}
