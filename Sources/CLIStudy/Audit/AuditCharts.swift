internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeStudy
internal import CounterspikeTraining

/// The pictures of an audit's page, one a layer, a row a rule.
struct AuditCharts {
  let report: AuditReport

  private static let row = 18.0

  func style(_ rule: Int) -> String {
    switch report.rules[rule].gradient.rule {
    case .neighborhood: "one"
    case .surrogate: "two"
    case .slayer, .tsslbp, .registered: "three"
    }
  }

  /// The frame of a chart with a row a rule, and a drawing that has room for it and its axis.
  private func rows(_ title: String, right: Double = 14) -> (Drawing, Drawing.Frame) {
    let names = report.rules.indices.map { Drawing.width(of: report.name(of: $0)) }
    let frame = Drawing.Frame(
      left: (names.max() ?? 0) + 10, top: 24, width: 178,
      height: Self.row * Double(report.rules.count))
    var drawing = Drawing(
      width: frame.right + right, height: frame.bottom + 38, title: title)
    drawing.text(title, frame.left, 14)
    for rule in report.rules.indices {
      drawing.text(
        report.name(of: rule), frame.left - 8, middle(rule, frame) + 4, anchor: .end)
    }
    return (drawing, frame)
  }

  private func middle(_ rule: Int, _ frame: Drawing.Frame) -> Double {
    frame.top + Self.row * (Double(rule) + 0.5)
  }

  // MARK: Bars

  /// Bars with whiskers of what lies in a fixed range, from `base`.
  func bars(
    _ layer: AuditReport.Layer, _ range: ClosedRange<Double>, from base: Double, title: String,
    _ value: (AuditReport.Agreement) -> AuditReport.Interval?
  ) -> String {
    let scale = Scale.linear([range.lowerBound, range.upperBound], steps: 4)
    var (drawing, frame) = rows(layer.name)
    drawing.horizontalAxis(scale, frame, title: title)
    let start = frame.x(base, scale) ?? frame.left
    drawing.line(start, frame.top, start, frame.bottom)
    for (rule, agreement) in layer.agreements.enumerated() {
      guard let interval = value(agreement), let end = frame.x(interval.value, scale) else {
        continue
      }
      drawing.bar(
        x: min(start, end), y: middle(rule, frame) - 6, width: abs(end - start), height: 12,
        style: style(rule), title: tooltip(rule, interval, \.short))
      whisker(
        &drawing, rule, frame, from: frame.x(interval.low, scale), frame.x(interval.high, scale))
    }
    return drawing.svg()
  }

  private func whisker(
    _ drawing: inout Drawing, _ rule: Int, _ frame: Drawing.Frame, from low: Double?,
    _ high: Double?
  ) {
    guard let low, let high else { return }
    drawing.line(low, middle(rule, frame), high, middle(rule, frame), style: "whisker")
  }

  private func tooltip(
    _ rule: Int, _ interval: AuditReport.Interval, _ format: (Double) -> String
  ) -> String {
    let (low, high) = (format(interval.low), format(interval.high))
    return "\(report.name(of: rule)): \(format(interval.value)) [\(low), \(high)]"
  }

  // MARK: Slopes

  /// Slopes on a logarithmic axis; those that are not positive stand apart at its left.
  func slopes(_ layer: AuditReport.Layer) -> String {
    let intervals = layer.agreements.map(\.scale)
    let scale = Scale.logarithmic(intervals.compactMap { $0?.value } + [0.5, 1, 2])
    var (drawing, whole) = rows(layer.name)
    var frame = whole
    let apart = 48.0
    frame.left += apart
    frame.width -= apart
    whole.width = 24
    drawing.horizontalAxis(scale, frame, title: "slope")
    drawing.line(whole.left, whole.bottom, whole.right, whole.bottom)
    drawing.text(
      "≤ 0", whole.left + whole.width / 2, whole.bottom + 14, anchor: .middle, style: "tick")
    let one = frame.x(1, scale) ?? frame.left
    drawing.line(one, frame.top, one, frame.bottom, style: "mark")
    for (rule, interval) in intervals.enumerated() {
      guard let interval, let place = frame.x(interval.value, scale) else { continue }
      let isPositive = interval.value > 0
      if interval.high > 0 {
        whisker(
          &drawing, rule, frame,
          from: interval.low > 0 ? frame.x(interval.low, scale) : whole.right,
          frame.x(interval.high, scale))
      }
      drawing.dot(
        isPositive ? place : whole.left + whole.width / 2, middle(rule, frame), style: style(rule),
        title: tooltip(rule, interval, \.significant))
    }
    return drawing.svg()
  }

  // MARK: Descent

  /// How far a step along every rule's gradient lowers the loss.
  func descent(_ descent: AuditReport.Descent) -> String {
    let gains = report.rules.indices.map { rule in
      descent.lowest(rule).map { report.loss - $0 }
    }
    let scale = Scale.linear(gains.map { max($0 ?? 0, 0) } + [0], steps: 4)
    var (drawing, frame) = rows(descent.scope, right: 52)
    drawing.horizontalAxis(scale, frame, title: "decrease of the mean loss")
    for (rule, gain) in gains.enumerated() {
      guard let gain, gain.isFinite, let end = frame.x(max(gain, 0), scale) else { continue }
      let loss = (report.loss - gain).fixed(4)
      drawing.bar(
        x: frame.left, y: middle(rule, frame) - 6, width: end - frame.left, height: 12,
        style: style(rule), title: "\(report.name(of: rule)): lowest loss \(loss)")
      drawing.text(loss, end + 4, middle(rule, frame) + 4, style: "tick")
    }
    return drawing.svg()
  }
}
