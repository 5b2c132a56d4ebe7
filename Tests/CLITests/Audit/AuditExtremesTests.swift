import Counterspike
import Foundation
import Testing

@testable import CLIDrawing
@testable import CLIStudy
@testable import CounterspikeStudy

/// Reports that no ordinary audit gives.
enum AuditReports {
  /// A report whose changes, losses and cosines are `values`, of two layers unless told otherwise.
  static func report(
    _ values: [Double], rules: [AuditRule] = Array(AuditRule.all.prefix(3)),
    layers: [String] = ["dense_1", "output"], predictions: [[Double]]? = nil, loss: Double = 1,
    losses: [[Double]]? = nil, name: String = "a"
  ) -> AuditReport {
    let predictions =
      predictions ?? rules.indices.map { [values, values.reversed(), values][$0 % 3] }
    let statistics = AuditStatistics(resamples: 5, seed: 1)
    let agreements = statistics.agreements(
      predictions: predictions, truths: values, members: Array(values.indices), group: 1)
    let group = AuditReport.Group(name: "1", agreements: agreements)
    let count = Double(max(values.count, 1))
    return AuditReport(
      name: name, network: "4-3", timeSteps: 5, epochs: nil, samples: 1, loss: loss, accuracy: 0,
      settings: AuditSettings(), rules: rules, recipeRule: 0,
      layers: layers.map { layer in
        AuditReport.Layer(
          name: layer, effective: Double(values.count { $0 != 0 }) / count,
          size: (values.reduce(0) { $0 + $1 * $1 } / count).squareRoot(),
          agreements: agreements, byDistance: [group], byStep: [],
          points: values.indices.map { index in
            AuditReport.Point(truth: values[index], predictions: predictions.map { $0[index] })
          })
      },
      descents: (layers + ["all"]).map {
        AuditReport.Descent(scope: $0, losses: losses ?? rules.map { _ in values })
      },
      cosines: (layers + ["all"]).map { scope in
        AuditReport.Cosines(
          scope: scope, between: rules.map { _ in rules.map { _ in values.first } },
          smoothed: scope == "all" ? nil : rules.map { _ in values.last })
      },
      noiseFloor: 1,
      flows: layers.map { _ in
        rules.map { _ in
          AuditReport.Flow(
            weightNorm: values.first ?? 0, deltaNorm: values.last ?? 0, without: values.first ?? 0)
        }
      },
      silences: [])
  }

  static func page(_ report: AuditReport) -> String {
    AuditPage(report: report, command: "counterspike audit a", version: "1").html
  }
}

@Suite("Audits of few and extreme numbers")
struct AuditExtremesTests {
  @Test("the page, the text and the JSON take any numbers", arguments: NumberCase.all)
  func numbers(numbers: NumberCase) throws {
    for layers in [["output"], ["dense_1", "output"]] {
      let report = AuditReports.report(numbers.values, layers: layers)
      let page = AuditReports.page(report)
      let text = AuditText(report: report, width: .max)
      #expect(AuditPageTests.isWellFormed(page))
      for output in [page, (text.lines + text.summary).joined(separator: "\n")] {
        #expect(output.matches(of: #/\b(nan|inf)\b/#).isEmpty)
      }
      _ = try JSONSerialization.jsonObject(with: Data(report.json.utf8))
      #expect(!AuditVerdict(report: report).text.isEmpty)
    }
  }

  @Test("names that XML forbids leave the page well-formed", arguments: XMLTextTests.names)
  func names(name: String) {
    let report = AuditReports.report(
      [1, -1], rules: [AuditRule(name, AuditRule.all[0].gradient)], layers: [name, name], name: name
    )
    #expect(AuditPageTests.isWellFormed(AuditReports.page(report)))
  }

  @Test("every change is in a cell of the density, those beyond the axes at the edge")
  func density() {
    let cells = AuditDensities.cells
    let points = [
      (truth: 0.0, prediction: 0.0), (1, 1), (7, -.infinity), (-1, 1), (.nan, 0), (0, .nan),
    ]
    let counts = AuditDensities.counts(points, limit: 1)
    let expected = [
      cells * cells / 2: 1, cells * cells - 1: 1, cells - 1: 1, cells * (cells - 1): 1,
    ]
    for (cell, count) in counts.enumerated() { #expect(count == expected[cell] ?? 0) }
    #expect(
      [0, 1, 2, 3, 4, 9, 10, 30, 999].map(AuditDensities.level) == [0, 1, 2, 2, 3, 3, 4, 5, 5])
  }

  @Test("slopes that are not positive stand apart from the logarithmic axis")
  func slopes() throws {
    let report = AuditReports.report(
      [1, 2, -1], predictions: [[1, 2, -1], [-1, -2, 1], [0.01, 0.02, -0.01]])
    let svg = AuditCharts(report: report).slopes(report.layers[0])
    let places = svg.matches(of: #/<circle class="[a-z]+" cx="([^"]*)"/#).compactMap {
      Double($0.1)
    }
    try #require(places.count == 3)
    #expect(places[1] < places[2] && places[2] < places[0])
    let apart = try #require(
      svg.firstMatch(of: #/x="([^"]*)" y="[^"]*" text-anchor="middle">≤ 0</#))
    #expect(Double(apart.1) == places[1])
    for label in ["0.01", "0.1", "1"] { #expect(svg.contains(">\(label)</text>")) }
  }
}
