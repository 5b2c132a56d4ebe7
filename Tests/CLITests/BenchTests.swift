import Foundation
import Testing

@Suite("bench")
struct BenchTests {
  private static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("prints one JSON object, of synthetic samples or of the recipe's own")
  func json() async throws {
    let small = try SmallRun()
    let common = ["bench", "small.yaml", "--json", "--threads", "1", "--steps", "2"]
    let own = ["--own-data", "--data", try SmallRun.dataFolder]
    for options in [["--firing-rate", "0.2"], own] {
      let outcome = try await Command.run(common + options, in: small.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let result = try Self.object(outcome.output)
      #expect(result["network"] as? String == "4C5-P4-20-10" && result["steps"] as? Int == 2)
      let profile = try #require(result["profile"] as? [[String: Any]])
      #expect(profile.first?["pass"] as? String == "load")
      #expect(profile.last?["pass"] as? String == "waiting")
    }
  }

  @Test(
    "refuses options that do not go together",
    arguments: [
      (["--data", "."], "--own-data; give both"),
      (["--own-data", "--sample", "1x9x9"], "leave out"),
      (["--firing-rate", "2"], "--firing-rate is 2.0; allowed are 0 to 1"),
    ])
  func refusals(options: [String], text: String) async throws {
    let outcome = try await Command.run(["bench"] + options, in: TemporaryFolder())
    #expect(outcome.status == 64 && outcome.errors.contains(text), "\(outcome.errors)")
  }
}
