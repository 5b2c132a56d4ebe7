import Testing

@testable import CLIStudy
@testable import CounterspikeStudy

@Suite("The audit's verdict")
struct AuditVerdictTests {
  private static let truths = (0..<200).map { Double($0) - 99.5 }

  /// The first rule is the recipe's: it predicts the sign alone. The second is the truth. The third
  /// predicts nothing.
  private static func report(
    losses: [[Double]] = [[0.9, 0.8], [0.95, 0.7], [2, 3]],
    layers: [String] = ["dense_1", "output"]
  ) -> AuditReport {
    AuditReports.report(
      truths, layers: layers,
      predictions: [truths.map { $0 > 0 ? 1 : -1 }, truths, truths.map { _ in 0 }], losses: losses)
  }

  @Test("the best rules and the recipe's own are named with their numbers and ranks")
  func text() throws {
    let report = Self.report()
    let verdict = AuditVerdict(report: report)
    let text = verdict.text
    let names = report.rules.map(\.name)
    #expect(text.contains("predictions of \(names[1]) agree best"), "\(text)")
    #expect(text.contains("r = 1.00 in the hidden layer"), "\(text)")
    #expect(text.contains("those of \(names[0]) and \(names[1]) do: 100.00 %"), "\(text)")
    #expect(text.contains("along the gradient of \(names[1]) descends furthest"), "\(text)")
    #expect(text.contains("from 1.0000 to 0.7000"), "\(text)")
    #expect(text.contains("The recipe's own rule, \(names[0]), has r = 0.87 (2nd of 3)"), "\(text)")
    #expect(text.contains("100.00 % right signs (1st of 3)"), "\(text)")
    #expect(text.contains("a lowest loss of 0.8000 (2nd of 3)"), "\(text)")
    #expect(!text.contains("may be chance"), "\(text)")
    // A rule that predicts nothing explains nothing.
    #expect(try #require(verdict.correlations)[2] == 0)
  }

  @Test("hidden layers count, the output alone where there is no other")
  func layers() {
    let text = { (layers: [String]) in AuditVerdict(report: Self.report(layers: layers)).text }
    #expect(text(["output"]).contains("at the output"))
    #expect(text(["a", "b", "output"]).contains("in the mean of 2 hidden layers"))
  }

  @Test("what could not be measured is said, and few changes are")
  func few() {
    let one = AuditVerdict(report: AuditReports.report([1], loss: 0.5)).text
    #expect(one.contains("No correlation of predicted and true changes can be computed"), "\(one)")
    #expect(one.contains("No step along any rule's gradient lowers the mean loss of 0.5"), "\(one)")
    #expect(one.contains("Only 1 change of a layer has an effect"), "\(one)")
    let none = AuditVerdict(report: AuditReports.report([0, 0])).text
    #expect(none.contains("No change of a layer has an effect"), "\(none)")
  }

  @Test("ranks are ordinal numbers")
  func ordinals() {
    let words = [1, 2, 3, 4, 11, 12, 13, 21, 22, 111, 113].map(\.ordinal)
    #expect(
      words == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "111th", "113th",
      ])
  }
}
