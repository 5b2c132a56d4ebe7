import Testing

@testable import CLIDrawing
@testable import CLIStudy

@Suite("Curves of a report")
struct CurveChartTests {
  private static func chart(_ curves: [CurveChart.Curve]) -> String {
    CurveChart(title: "loss", across: "epoch", up: "mean <loss>", curves: curves).svg
  }

  @Test("no, one and two points make a picture with axes", arguments: 0...2)
  func few(count: Int) {
    let points = (0..<count).map { (x: Double($0 + 1), y: 0.5) }
    let svg = Self.chart([CurveChart.Curve("training", points)])
    #expect(AuditPageTests.isWellFormed(svg))
    #expect(svg.contains("mean &lt;loss&gt;</text>") && svg.contains("epoch</text>"))
    #expect(svg.contains("no points yet") == (count == 0))
    #expect(svg.matches(of: #/<circle/#).count == count)
    #expect(svg.matches(of: #/<polyline/#).count == (count == 2 ? 1 : 0))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test("what is no number is left out, and names of curves are escaped and short")
  func odd() {
    let points: [(x: Double, y: Double)] = [
      (x: 1, y: .nan), (x: 2, y: .infinity), (x: 3, y: 1), (x: 4, y: 2),
    ]
    let name = "<script>" + String(repeating: "x", count: 50)
    let svg = Self.chart([CurveChart.Curve(name, points)])
    #expect(AuditPageTests.isWellFormed(svg))
    #expect(!svg.contains("<script") && svg.contains("…"))
    #expect(svg.matches(of: #/<circle/#).count == 2)
  }

  @Test("ticks of epochs are whole", arguments: [[1.0], [1, 2], [1, 2, 3], [1, 7], [1, 300]])
  func whole(values: [Double]) {
    let scale = CurveChart.counted(values)
    #expect(scale.ticks.allSatisfy { $0.value == $0.value.rounded() && !$0.label.contains(".") })
  }

  @Test("no more curves are drawn than can be told apart")
  func many() {
    let curves = (0..<20).map { CurveChart.Curve("run \($0)", [(1, Double($0)), (2, 1)]) }
    let svg = Self.chart(curves)
    #expect(svg.matches(of: #/<polyline/#).count == CurveChart.limit)
  }

  @Test("a confusion matrix shows each count once and escapes the classes")
  func confusion() {
    let chart = ConfusionChart(
      confusion: [[5, 0], [3, 0]], classNames: ["<script>", "b\u{1B}"])
    #expect(AuditPageTests.isWellFormed(chart.svg))
    #expect(chart.svg.matches(of: #/<rect/#).count == 2)
    #expect(chart.svg.contains(">3</text>") && !chart.svg.contains("<script"))
  }
}
