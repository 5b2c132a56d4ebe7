internal import CLIDrawing
internal import Counterspike

/// A network drawn to a file.
struct NetworkDrawing {
  /// What the file's name asks for.
  enum Form: String, CaseIterable {
    case svg
    case dot
    case txt

    init?(path: String) {
      guard
        let form = Self.allCases.first(where: { path.lowercased().hasSuffix(".\($0.rawValue)") })
      else { return nil }
      self = form
    }
  }

  let plan: NetworkPlan
  let gradient: GradientSettings

  init(_ plan: NetworkPlan, _ gradient: GradientSettings) {
    self.plan = plan
    self.gradient = gradient
  }

  func text(_ form: Form) -> String {
    switch form {
    case .svg: NetworkChart(plan: plan).svg(styles: Drawing.fileStyles)
    case .dot: NetworkRows(plan).dot
    case .txt:
      LayerTable(plan, gradient).table.lines(width: .max).map { $0 + "\n" }.joined()
    }
  }
}
