internal import CLIDrawing
internal import CLISupport
internal import Counterspike

/// A confusion matrix: a row a class, a column a prediction. Right samples are blue, wrong ones orange,
/// both the darker the larger their share of the row.
struct ConfusionChart {
  let confusion: [[Int]]
  let classNames: [String]

  /// The least share of each level of colour.
  private static let levels = [0, 0.02, 0.1, 0.3, 0.7]
  private static let letters = 9

  var svg: String {
    let count = confusion.count
    let isNamed = count <= 20
    let names = classNames.map { $0.onOneLine.shortened(to: Self.letters) }
    let longest = isNamed ? names.map { Drawing.width(of: $0) }.max() ?? 0 : 0
    let isUpright = isNamed && names.contains { $0.count > 2 }
    let left = 24 + longest
    let top = isUpright ? longest + 22 : 36
    let side = min(30, max(2, (336 - left) / Double(max(count, 1))))
    let size = side * Double(count)
    var drawing = Drawing(
      width: left + size + 4, height: top + size + 4, title: "confusion matrix")
    drawing.text("prediction", left + size / 2, 12, anchor: .middle, style: "title")
    drawing.text(
      "class", 12, top + size / 2, anchor: .middle, style: "title", isUpright: true)
    drawing.line(left, top, left + size, top)
    drawing.line(left, top, left, top + size)
    for (label, row) in confusion.enumerated() {
      let y = top + side * Double(label)
      if isNamed {
        drawing.text(names[label], left - 4, y + side / 2 + 4, anchor: .end, style: "tick")
        let x = left + side * (Double(label) + 0.5)
        if isUpright {
          drawing.text(names[label], x + 4, top - 4, style: "tick", isUpright: true)
        } else {
          drawing.text(names[label], x, top - 5, anchor: .middle, style: "tick")
        }
      }
      let total = row.reduce(0, +)
      for (prediction, samples) in row.enumerated() where samples > 0 {
        let level = Self.levels.count { Double(samples) / Double(total) > $0 }
        let x = left + side * Double(prediction)
        drawing.bar(
          x: x, y: y, width: side, height: side,
          style: "\(label == prediction ? "one" : "two") d\(level)",
          title: "\(classNames[label]) predicted as \(classNames[prediction]): "
            + "\(samples.grouped) of \(total.grouped)")
        if side >= 18, samples < 10_000 {
          drawing.text(
            "\(samples)", x + side / 2, y + side / 2 + 4, anchor: .middle,
            style: level > 3 ? "number on" : "number")
        }
      }
    }
    return drawing.svg()
  }
}
