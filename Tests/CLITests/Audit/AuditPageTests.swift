import Counterspike
import CounterspikeStudy
import CounterspikeTraining
import Foundation
import Testing

@testable import CLIDrawing
@testable import CLIStudy

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Pages and figures")
struct AuditPageTests {
  static func report() throws -> AuditReport {
    let recipe = try Recipe(
      yaml: "name: a-b\nnetwork: {layers: 2C3-P2-6-3, timeSteps: 5, weightScale: 2}",
      source: "test.yaml")
    let network = try Network(recipe.network, inputShape: [1, 8, 8], seed: 2)
    let source = TensorSource(
      samples: Tensor(
        shape: [4, 1, 8, 8], scalars: (0..<256).map { Float(($0 * 7919) % 113) / 40 - 1.2 }),
      labels: [0, 1, 2, 0], classCount: 3)
    var settings = AuditSettings()
    settings.samples = 4
    settings.flips = 60
    settings.perturbations = 4
    settings.resamples = 10
    return try Audit(
      recipe: recipe, network: network, source: source,
      rules: AuditRule.all.filter { ["na-paper", "sigmoid", "slayer"].contains($0.name) }
    ).run(settings)
  }

  /// Whether every element of the text is closed, and nothing else is wrong with it as XML.
  static func isWellFormed(_ text: String) -> Bool {
    XMLParser(data: Data(text.utf8)).parse()
  }

  @Test("the page is complete, well-formed, and fetches nothing")
  func page() throws {
    let report = try Self.report()
    let html = Self.page(report)
    #expect(Self.isWellFormed(html))
    let pictures = html.matches(of: #/<svg(?s:.*?)</svg>/#).map { String($0.0) }
    // Bars of three measures and lowest losses by layer (and all); dots by layer and rule.
    #expect(pictures.count == 3 * 3 + 4 + 3 * 3)
    #expect(pictures.allSatisfy { Self.isWellFormed($0) })
    let links = html.matches(of: #/(?:src|href|url\(|@import|https?:)[^>\s]*/#).map { $0.0 }
    #expect(links.allSatisfy { $0 == "http://www.w3.org/2000/svg\"" })
    #expect(html.matches(of: #/<script/#).count == 1)
    #expect(html.contains("na-paper *") && html.contains("dense_1"))
  }

  static func page(_ report: AuditReport) -> String {
    AuditPage(report: report, command: "counterspike audit <x>", version: "9.8.7").html
  }

  @Test("the verdict comes first, and the page says what it comes from")
  func header() throws {
    let report = try Self.report()
    let html = Self.page(report)
    let verdict = try #require(html.range(of: AuditVerdict(report: report).text.escaped))
    let facts = try #require(html.range(of: "<dl>"))
    let picture = try #require(html.range(of: "<svg"))
    #expect(verdict.upperBound < facts.lowerBound && facts.upperBound < picture.lowerBound)
    for text in [
      "counterspike audit &lt;x&gt;", "counterspike 9.8.7", "a-b, rule na-paper", "2C3-P2-6-3",
      "5 time steps", "initial weights", "60 flips a layer", "<dt>seed</dt><dd>1</dd>",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    #expect(html == Self.page(report))
  }

  @Test("all numbers stand in tables that a script sorts and that are complete without it")
  func tables() throws {
    let report = try Self.report()
    let html = Self.page(report)
    let tables = AuditTables(report: report)
    let all = [tables.summary, tables.changes] + tables.byRule + [tables.silences]
    #expect(!html.contains("<pre"))
    #expect(html.matches(of: #/<table>/#).count == all.count)
    let heads = all.reduce(0) { $0 + $1.columns.count }
    let buttons = #/<th scope="col" aria-sort="none"><button type="button" disabled="">/#
    #expect(html.matches(of: buttons).count == heads)
    // Every cell of the text is in the page, with the number that it is sorted by.
    for row in all.flatMap(\.rows) {
      for cell in row.cells {
        let value = cell.value.map { " data-value=\"\($0)\"" } ?? ""
        #expect(html.contains("<td\(value)>\(cell.text.escaped)</td>"))
      }
    }
  }

  @Test("the text names every rule and layer in every table")
  func text() throws {
    let report = try Self.report()
    let text = AuditText(report: report, width: .max).lines.joined(separator: "\n")
    for heading in ["correlation, 95", "sign agreement", "scale:", "descent, all", "gradient flow"]
    {
      #expect(text.contains(heading))
    }
    #expect(text.matches(of: #/\nna-paper \*/#).count >= 15)
    #expect(!text.contains("nan") && !text.contains("inf"))
  }

  @Test("the summary has a row a rule with all that is compared")
  func summary() throws {
    let report = try Self.report()
    let lines = AuditText(report: report, width: .max).summary
    let heading = try #require(lines.first { $0.hasPrefix("rule ") })
    let layers = report.layers.map(\.name)
    for column in layers.map({ "r \($0)" }) + layers.map({ "cos \($0)" }) + ["lowest loss"] {
      #expect(heading.contains(column), "\(column)")
    }
    for (index, rule) in report.rules.enumerated() {
      let row = try #require(lines.first { $0.hasPrefix("\(rule.name) ") })
      #expect(row.contains(" *") == (index == report.recipeRule))
      let lowest = try #require(report.descents.last?.losses[index].min())
      #expect(row.hasSuffix(lowest.fixed(4)))
    }
  }

  @Test("the JSON reads back and has every section")
  func json() throws {
    let object = try JSONSerialization.jsonObject(with: Data(Self.report().json.utf8))
    let keys = try #require(object as? [String: Any]).keys
    for key in ["layers", "descent", "cosines", "flow", "silent", "rules", "noiseFloor"] {
      #expect(keys.contains(key))
    }
  }

  @Test("the figure of the single neuron is well-formed and has a curve a rule")
  func figure() throws {
    var experiment = SingleNeuronExperiment()
    experiment.rounds = 3
    experiment.updates = 10
    experiment.learningRates = [0.01]
    let svg = SingleNeuronFigure(curves: try experiment.run()).svg
    #expect(Self.isWellFormed(svg))
    // A curve, and a short line before its name.
    #expect(svg.matches(of: #/<polyline/#).count == 2 * experiment.rules.count)
    // Variables would leave the curves out where an editor or converter draws the file.
    #expect(!svg.contains("var(") && svg.contains(".one { stroke: #"))
  }

  @Test(
    "numbers keep a few significant digits",
    arguments: [
      (0, "0"), (1234.5, "1234"), (12.346, "12.35"), (0.012346, "0.01235"), (1.234e-5, "1.2e-5"),
    ])
  func significant(value: Double, text: String) { #expect(value.significant == text) }
}
