internal import CounterspikeTraining

/// Losses over updates, one curve a rule.
struct SingleNeuronFigure {
  let curves: [SingleNeuronExperiment.Curve]

  private static let styles = ["one", "two", "three", "four", "five", "six", "seven", "eight"]

  var svg: String {
    let (left, top, width, height) = (52.0, 16.0, 520.0, 300.0)
    var drawing = Drawing(width: left + width + 130, height: top + height + 44)
    let updates = Double(max((curves.first?.losses.count ?? 2) - 1, 1))
    let largest = max(curves.flatMap(\.losses).max() ?? 1, .leastNormalMagnitude)
    func x(_ update: Double) -> Double { left + update / updates * width }
    func y(_ loss: Double) -> Double { top + height - loss / largest * height }
    for part in 0...4 {
      let share = Double(part) / 4
      drawing.line(left, y(share * largest), left + width, y(share * largest), style: "grid")
      drawing.text(
        (share * largest).fixed(2), left - 6, y(share * largest) + 4, anchor: .end, style: "tick")
      drawing.text(
        "\(Int(share * updates))", x(share * updates), top + height + 16, anchor: .middle,
        style: "tick")
    }
    drawing.text("updates", left + width / 2, top + height + 34, anchor: .middle)
    drawing.text("mean loss", left, top - 4)
    // Labels that would cover each other are pushed apart, and stay inside the figure.
    var previous = top - 15
    let order = curves.indices.sorted { end(curves[$0]) > end(curves[$1]) }
    for (place, index) in order.enumerated() {
      let style = Self.styles[index % Self.styles.count]
      drawing.curve(
        curves[index].losses.enumerated().map { (x(Double($0)), y($1)) }, style: style)
      let lowest = top + height + 24 - 15 * Double(curves.count - 1 - place)
      previous = min(max(previous + 15, y(end(curves[index])) + 4), lowest)
      drawing.line(
        left + width + 4, previous - 4, left + width + 16, previous - 4, style: style)
      drawing.text(curves[index].rule.name, left + width + 20, previous)
    }
    return drawing.svg(styles: Drawing.fileStyles)
  }

  private func end(_ curve: SingleNeuronExperiment.Curve) -> Double { curve.losses.last ?? 0 }
}
