import Testing

@testable import CLIStudy
@testable import CounterspikeStudy

@Suite("The single neuron's figure")
struct SingleNeuronFigureTests {
  private static func curve(_ name: String, _ losses: [Double]) -> SingleNeuronExperiment.Curve {
    SingleNeuronExperiment.Curve(
      rule: AuditRule(name, AuditRule.all[0].gradient), learningRate: 0.01, losses: losses,
      standardError: 0, exact: 0, finalLosses: [])
  }

  private static func texts(_ svg: String) -> [(y: Double, text: String)] {
    svg.matches(of: #/<text class="[a-z]+" x="[^"]*" y="([^"]*)"[^>]*>([^<]*)</#)
      .compactMap { match in Double(match.1).map { (y: $0, text: String(match.2)) } }
  }

  @Test("losses over decades have a logarithmic axis with round ticks, and say so")
  func logarithmic() {
    let svg = SingleNeuronFigure(curves: [
      Self.curve("a", [2, 0.5, 0.1, 0.02]), Self.curve("b", [2, 1, 0, 0]),
    ]).svg
    let texts = Self.texts(svg).map(\.text)
    for text in [
      "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "updates",
      "mean loss (dimensionless, logarithmic)", "a loss of 0 lies at the lower edge",
    ] {
      #expect(texts.contains(text), "\(text)")
    }
  }

  @Test("losses of one size have a linear axis from zero")
  func linear() {
    let texts = Self.texts(SingleNeuronFigure(curves: [Self.curve("a", [2, 1.5, 1])]).svg)
    #expect(texts.contains { $0.text == "0" } && texts.contains { $0.text == "2.0" })
    #expect(texts.contains { $0.text == "mean loss (dimensionless)" })
  }

  @Test("labels at curves that end alike do not overlap, also of very many")
  func labels() {
    for count in [2, 8, 16, 60] {
      let names = (0..<count).map { "rule-\($0)" }
      let svg = SingleNeuronFigure(curves: names.map { Self.curve($0, [1, 0.5]) }).svg
      let places = Self.texts(svg).filter { names.contains($0.text) }.map(\.y).sorted()
      #expect(places.count == count)
      #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 14.5 })
    }
  }

  @Test("any losses make a well-formed figure", arguments: NumberCase.all)
  func extremes(numbers: NumberCase) {
    for curves in [
      [], [Self.curve("a\u{1B}", numbers.values)],
      [Self.curve("<\u{301}b", numbers.values), Self.curve("c", [1]), Self.curve("d", [])],
    ] {
      let svg = SingleNeuronFigure(curves: curves).svg
      #expect(AuditPageTests.isWellFormed(svg))
      #expect(svg.matches(of: #/\b(nan|inf)\b/#).isEmpty)
    }
  }
}
