internal import CLIDrawing
internal import CLISupport
internal import CounterspikeStudy
internal import CounterspikeTraining

/// How often which prediction met which true change, a picture a rule.
struct AuditDensities {
  let charts: AuditCharts
  let layer: AuditReport.Layer

  /// Cells along either axis; odd, so that one is for no change.
  static let cells = 25
  private static let side = 5.0

  private var report: AuditReport { charts.report }

  /// The changes that are drawn.
  private var points: [AuditReport.Point] { layer.points.filter { $0.truth.isFinite } }

  /// Both axes end here: a few large effects are not to push all others into one cell.
  var limit: Double? {
    let sizes = points.map { abs($0.truth) }.filter { $0 > 0 }.sorted()
    guard let last = sizes.indices.last else { return nil }
    return Scale.linear([0, sizes[last * 95 / 100]], steps: 1).high
  }

  var html: String {
    guard let limit else {
      return "<p>\(layer.name.escaped): no change has an effect.</p>"
    }
    let pictures = report.rules.indices.map { picture($0, limit) }
    return "<h3>\(layer.name.escaped)</h3><div class=\"row small\">"
      + pictures.joined(separator: "\n") + "</div>"
  }

  private func picture(_ rule: Int, _ limit: Double) -> String {
    let side = Self.side * Double(Self.cells)
    let scale = Scale.linear([-limit, limit], steps: 2)
    let frame = Drawing.Frame(left: 54, top: 22, width: side, height: side)
    let name = report.name(of: rule)
    var drawing = Drawing(
      width: frame.right + 16, height: frame.bottom + 36,
      title: "\(name), \(layer.name): predicted over true change")
    drawing.text(name, frame.left + side / 2, 14, anchor: .middle)
    drawing.horizontalAxis(scale, frame, title: "true change")
    drawing.verticalAxis(scale, frame, title: "predicted")
    let counts = Self.counts(points.map { ($0.truth, $0.predictions[rule]) }, limit: limit)
    for level in 1...5 {
      let corners = counts.indices.filter { Self.level(counts[$0]) == level }.map { cell in
        let (row, column) = cell.quotientAndRemainder(dividingBy: Self.cells)
        return (
          x: frame.left + Double(column) * Self.side,
          y: frame.bottom - Double(row + 1) * Self.side
        )
      }
      drawing.cells(corners, size: Self.side, style: "\(charts.style(rule)) d\(level)")
    }
    drawing.line(frame.left, frame.bottom, frame.right, frame.top, style: "mark")
    return drawing.svg()
  }

  /// Changes in every cell, row by row from the lowest prediction; what lies beyond the limit is in
  /// the cells at the edge, and what is no number nowhere.
  static func counts(_ points: [(truth: Double, prediction: Double)], limit: Double) -> [Int] {
    var counts = [Int](repeating: 0, count: cells * cells)
    func cell(_ value: Double) -> Int {
      let share = min(max(value / limit, -1), 1)
      return min(Int((share + 1) / 2 * Double(cells)), cells - 1)
    }
    for (truth, prediction) in points where !truth.isNaN && !prediction.isNaN {
      counts[cell(prediction) * cells + cell(truth)] += 1
    }
    return counts
  }

  /// The least count of each level of colour.
  static let levels = [1, 2, 4, 10, 30]

  /// 0 for none, to 5 for very many.
  static func level(_ count: Int) -> Int { levels.count { $0 <= count } }
}
