import CounterspikeStudy
import CounterspikeTraining
import Foundation
import Testing

@testable import CLIStudy

@Suite("audit and experiment")
struct AuditCommandTests {
  /// Few flips and perturbations, one thread, the made-up data.
  private func audit(
    _ small: SmallRun, _ arguments: String..., threads: Int = 1
  ) async throws -> Command.Outcome {
    let fixed = try [
      "audit", "--data", SmallRun.dataFolder, "--threads", "\(threads)", "--samples", "4",
      "--flips", "40", "--perturbations", "3",
    ]
    return try await Command.run(fixed + arguments, in: small.folder)
  }

  private func object(_ outcome: Command.Outcome) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  @Test("a recipe's initial weights are audited, and a page is written")
  func recipe() async throws {
    let small = try SmallRun()
    let outcome = try await audit(
      small, "small.yaml", "--rules", "na-paper,slayer", "--html", "page.html")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("na-paper *") && outcome.output.contains("slayer"))
    #expect(!outcome.output.contains("sigmoid"))
    #expect(outcome.output.hasSuffix("\nwrote page.html\n"))
    #expect(try small.folder.text("page.html").hasPrefix("<!DOCTYPE html>"))
  }

  @Test("one sample, flip and perturbation make a page", arguments: ["1", "2", "3"])
  func fewest(count: String) async throws {
    let small = try SmallRun()
    let outcome = try await Command.run(
      [
        "audit", "yin-yang", "--threads", "1", "--flips", count, "--samples", "1",
        "--perturbations", "1", "--html", "a.html",
      ], in: small.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let page = try small.folder.text("a.html")
    #expect(AuditPageTests.isWellFormed(page))
    #expect(page.contains("counterspike audit yin-yang --threads 1 --flips \(count) "))
    #expect(page.contains("counterspike 0.1.0"))
  }

  @Test("a run folder's last weights are audited, the same for a seed and any threads")
  func runFolder() async throws {
    let small = try SmallRun()
    try await small.trainSmall()
    let rules = "na-paper,sigmoid"
    let first = try await audit(small, "run", "--json", "--rules", rules)
    let second = try await audit(small, "run", "--json", "--rules", rules, threads: 2)
    let other = try await audit(small, "run", "--json", "--rules", rules, "--audit-seed", "2")
    #expect(first.status == 0, "\(first.errors)")
    #expect(try object(first).keys.contains("descent"))
    #expect(first.output == second.output)
    #expect(other.status == 0 && first.output != other.output)
  }

  @Test("an unknown rule is one line that names the known ones")
  func unknownRule() async throws {
    let outcome = try await audit(SmallRun(), "small.yaml", "--rules", "na-papr")
    #expect(outcome.status == 64 || outcome.status == 2, "\(outcome.status)")
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("na-papr") && outcome.errors.contains("na-paper"))
  }

  @Test("a list without a rule is refused, and a rule named twice counts once")
  func listsOfRules() throws {
    for list in ["", ",", "na-paper,\u{1B}"] {
      #expect(throws: (any Error).self) { try AuditRule.named(list) }
    }
    #expect(try AuditRule.named("sigmoid,na-paper,sigmoid").map(\.name) == ["sigmoid", "na-paper"])
  }

  @Test("the experiment with a single neuron draws its figure and repeats")
  func singleNeuron() async throws {
    let small = try SmallRun()
    let arguments = ["experiment", "single-neuron", "--rounds", "2", "--updates", "5"]
    let text = try await Command.run(arguments + ["--svg", "figure.svg"], in: small.folder)
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("na-paper") && text.output.hasSuffix("wrote figure.svg\n"))
    #expect(try small.folder.text("figure.svg").contains("<polyline"))
    let first = try await Command.run(arguments + ["--json"], in: small.folder)
    let second = try await Command.run(arguments + ["--json"], in: small.folder)
    #expect(first.status == 0 && first.output == second.output)
    #expect(try !object(first).isEmpty)
  }
}
