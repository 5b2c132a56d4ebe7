internal import CLIDrawing
internal import CLISupport
internal import Counterspike

/// Curves over a common axis, each with its name at its end, so that nobody needs colours to tell them
/// apart.
struct CurveChart {
  struct Curve {
    var name: String
    /// Points whose numbers are finite.
    var points: [(x: Double, y: Double)]

    init(_ name: String, _ points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
    }
  }

  let title: String
  let across: String
  let up: String
  let curves: [Curve]
  /// Values that the vertical axis shows beside those of the curves.
  var shown: [Double] = []
  /// A value with a name that a dashed line stands for.
  var mark: (value: Double, name: String)?
  /// A step on the horizontal axis that a line stands for, which a slider may move.
  var cursor: Double?
  /// The horizontal axis, where it is not the curves' own.
  var acrossScale: Scale?
  /// Where the frame begins and ends, where several charts are to agree.
  var frame = Drawing.Frame(left: 66, top: 24, width: 180, height: 150)

  /// The most curves that are told apart.
  static let limit = Drawing.names.count
  private static let width = 340.0
  private static let letters = 13

  /// An axis of numbers that are counted, with ticks at whole ones.
  static func counted(_ values: [Double]) -> Scale {
    let range = (values.max() ?? 1) - (values.min() ?? 0)
    return Scale.linear(values, steps: Int(min(5, max(1, range))))
  }

  var svg: String {
    let curves = curves.filter { !$0.points.isEmpty }.prefix(Self.limit)
    let points = curves.flatMap(\.points)
    let across = acrossScale ?? Self.counted(points.map(\.x))
    let up = Scale.linear(
      points.map(\.y) + shown + (mark.map { [$0.value] } ?? []), steps: 4)
    var drawing = Drawing(
      width: Self.width, height: frame.bottom + 38, title: "\(title): \(self.up)")
    drawing.text(title, frame.left, 14)
    drawing.horizontalAxis(across, frame, title: self.across)
    drawing.verticalAxis(up, frame, title: self.up)
    guard !curves.isEmpty else {
      drawing.text(
        "no points yet", frame.left + frame.width / 2, frame.top + frame.height / 2,
        anchor: .middle)
      return drawing.svg()
    }
    var labels: [(name: String, style: String, y: Double)] = []
    if let mark, let y = frame.y(mark.value, up) {
      drawing.line(frame.left, y, frame.right, y, style: "mark")
      labels.append((mark.name, "mark", y))
    }
    for (index, curve) in curves.enumerated() {
      let style = Drawing.names[index]
      let places = curve.points.compactMap { point -> (x: Double, y: Double)? in
        guard let x = frame.x(point.x, across), let y = frame.y(point.y, up) else { return nil }
        return (x, y)
      }
      if places.count > 1 { drawing.curve(places, style: style) }
      if places.count < 25 {
        for (place, point) in zip(places, curve.points) {
          drawing.dot(
            place.x, place.y, style: style,
            title: "\(curve.name), \(self.across) \(point.x.whole): \(point.y.significant)")
        }
      }
      labels.append((curve.name, style, places.last?.y ?? frame.top))
    }
    name(labels, &drawing)
    if let cursor, let x = frame.x(cursor, across) {
      drawing.line(x, frame.top, x, frame.bottom, style: "cursor")
    }
    return drawing.svg()
  }

  /// Names of curves at the right of the frame, each behind a piece of its line.
  private func name(
    _ labels: [(name: String, style: String, y: Double)], _ drawing: inout Drawing
  ) {
    let places = LabelPlacing.apart(
      labels.map(\.y), size: 14, in: frame.top + 4...frame.bottom - 4)
    for (label, place) in zip(labels, places) {
      drawing.line(frame.right + 3, place, frame.right + 13, place, style: label.style)
      drawing.text(
        label.name.onOneLine.shortened(to: Self.letters), frame.right + 16, place + 4,
        style: "tick")
    }
  }
}
