import Counterspike
import Foundation
import Testing

@Suite("conformance")
struct ConformanceTests {
  static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("CounterspikeTests/Golden").path

  static var files: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: golden)
        .filter { $0.hasSuffix(".safetensors") }.sorted().map { "\(golden)/\($0)" }
    }
  }

  @Test("the golden files are reproduced")
  func passes() async throws {
    let files = try Self.files
    try #require(files.count >= 5)
    let folder = try TemporaryFolder()
    let outcome = try await Command.run(["conformance"] + files, in: folder)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(!outcome.output.contains("FAILED"))
    let ok = outcome.output.split(separator: "\n").filter { $0.hasSuffix("  ok") }.count
    #expect(ok >= 10 * files.count)
    for file in files { #expect(outcome.output.contains("\(file)\n")) }
  }

  @Test("a value that differs is found, and the others are still shown")
  func tampered() async throws {
    let folder = try TemporaryFolder()
    let file = try SafeTensorsFile(contentsOf: Self.golden + "/na_kernel_T5_tm5_ts2.safetensors")
    var entries = file.entries
    var psc = try file.tensor("psc")
    psc.scalars[17] += 1e-3
    entries["psc"] = SafeTensorsFile.Entry(psc)
    try SafeTensorsFile(entries: entries, metadata: file.metadata)
      .write(to: folder.path + "/tampered.safetensors")

    let outcome = try await Command.run(["conformance", "tampered.safetensors"], in: folder)
    expectError(outcome, .checkFailed, "1 golden tensor is not reproduced")
    let failed = outcome.output.split(separator: "\n").filter { $0.hasSuffix("FAILED") }
    #expect(failed.count == 1)
    #expect(failed.first?.hasPrefix("  psc ") == true)
    #expect(outcome.output.contains("  spikes "))

    let json = try await Command.run(["conformance", "--json", "tampered.safetensors"], in: folder)
    expectError(json, .checkFailed, "1 golden tensor is not reproduced")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(report["file"] as? String == "tampered.safetensors")
    let tensors = try #require(report["tensors"] as? [[String: Any]])
    #expect(
      tensors.filter { $0["passes"] as? Bool == false }.map { $0["tensor"] as? String } == ["psc"])
    #expect(tensors.contains { $0["tensor"] as? String == "spikes" })
  }

  @Test("a safetensors file without golden values is refused")
  func noGoldenFile() async throws {
    let folder = try TemporaryFolder()
    try SafeTensorsFile(tensors: ["weight": Tensor(zeros: [2, 3])])
      .write(to: folder.path + "/weights.safetensors")
    let outcome = try await Command.run(["conformance", "weights.safetensors"], in: folder)
    expectError(outcome, .badData, "“weights.safetensors” holds no golden values")
  }
}
