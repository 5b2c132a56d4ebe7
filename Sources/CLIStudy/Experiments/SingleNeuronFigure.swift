internal import CLIDrawing
internal import CLISupport
internal import CounterspikeStudy
internal import CounterspikeTraining

/// Losses over updates, one curve a rule, its name at its end.
struct SingleNeuronFigure {
  let curves: [SingleNeuronExperiment.Curve]

  /// Of a label and of the least distance between two.
  private static let labelHeight = 15.0

  var svg: String {
    let labels = Double(curves.count) * Self.labelHeight
    let names = curves.map { Drawing.width(of: $0.rule.name) }.max() ?? 0
    let frame = Drawing.Frame(left: 64, top: 14, width: 520, height: max(300, labels))
    var drawing = Drawing(
      width: frame.right + names + 51, height: frame.bottom + 42,
      title: "Mean loss of a single neuron over updates, by gradient rule")
    let losses = Scale.fitting(curves.flatMap(\.losses))
    let updates = Scale.linear([0, Double(max((curves.map(\.losses.count).max() ?? 2) - 1, 1))])
    drawing.horizontalAxis(updates, frame, title: "updates")
    drawing.verticalAxis(
      losses, frame,
      title: "mean loss (dimensionless\(losses.isLogarithmic ? ", logarithmic" : ""))")
    if losses.isLogarithmic, curves.contains(where: { $0.losses.contains { $0 < losses.low } }) {
      drawing.text(
        "a loss of 0 lies at the lower edge", frame.left, frame.bottom + 30, style: "tick")
    }
    let ends = curves.map { curve in
      curve.losses.last.flatMap { frame.y($0, losses) } ?? frame.bottom
    }
    let places = LabelPlacing.apart(
      ends, size: Self.labelHeight, in: frame.top + 6...max(frame.bottom - 6, frame.top + 6))
    for (index, curve) in curves.enumerated() {
      let style = Drawing.names[index % Drawing.names.count]
      let points = curve.losses.enumerated().compactMap { update, loss in
        frame.x(Double(update), updates).flatMap { x in frame.y(loss, losses).map { (x: x, y: $0) }
        }
      }
      drawing.curve(points, style: style)
      // A short line leads from the curve's end to its label, which may have had to give way.
      let end = points.last ?? (frame.right, frame.bottom)
      drawing.line(end.x + 2, end.y, frame.right + 18, places[index], style: "leader")
      drawing.curve(
        [(frame.right + 18, places[index]), (frame.right + 30, places[index])], style: style)
      drawing.text(curve.rule.name, frame.right + 35, places[index] + 4)
    }
    return drawing.svg(styles: Drawing.fileStyles)
  }
}
