internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// What each layer's neurons do, and what the first one looks at.
struct LayerSection {
  let findings: NetworkFindings

  var html: String {
    let samples = findings.tracedCount.counted("test sample")
    let saturation = Int(100 * LayerFindings.saturation)
    return """
      <h3>Layers</h3>
      <p>Over the first \(samples). A silent neuron has no spike in any of them, a saturated one fires \
      in more than \(saturation) % of all steps. The gradient norm is that of the mean loss by \
      each weight of the layer, under the recipe's rule.\(readout)</p>
      \(table.html)
      <h4>Membrane potentials against the threshold θ</h4>
      <p>Before the reset; what lies beyond the ends counts in the outermost bars.</p>
      <div class="row">\(findings.layers.map(histogram).joined(separator: "\n"))</div>
      \(kernels)
      """
  }

  private var readout: String {
    let names = findings.layers.filter { $0.threshold == nil }.map(\.name.escaped)
    return names.isEmpty
      ? "" : " The neurons of \(names.joined(separator: ", ")) never fire and have no threshold."
  }

  private var table: PageTable {
    PageTable(
      title: "layers",
      columns: [
        "layer", "neurons", "firing rate", "silent", "saturated", "largest u", "θ", "gradient norm",
      ],
      rows: findings.layers.map { layer in
        func share(_ count: Int) -> PageTable.Cell {
          let share = Double(count) / Double(max(layer.neuronCount, 1))
          return PageTable.Cell("\(count.grouped) (\((100 * share).fixed(1)) %)", value: share)
        }
        let fires = layer.threshold != nil
        return (
          name: layer.name,
          cells: [
            PageTable.Cell(layer.neuronCount.grouped, value: Double(layer.neuronCount)),
            PageTable.Cell(fires ? layer.firingRate : nil, \.significant),
            fires ? share(layer.silentCount) : .none, fires ? share(layer.saturatedCount) : .none,
            PageTable.Cell(layer.largestMembrane.map { Double($0) }, \.significant),
            PageTable.Cell(layer.threshold.map { Double($0) }, \.significant),
            PageTable.Cell(layer.gradientNorm, \.significant),
          ]
        )
      })
  }

  private func histogram(_ layer: LayerFindings) -> String {
    let frame = Drawing.Frame(left: 52, top: 24, width: 272, height: 120)
    var drawing = Drawing(
      width: 340, height: frame.bottom + 38,
      title: "\(layer.name): histogram of membrane potentials")
    drawing.text(layer.name, frame.left, 14)
    guard let spread = layer.spread else {
      drawing.text("no potential is a finite number", frame.left, frame.top + 60)
      return drawing.svg()
    }
    let across = Scale.linear(spread.limits, steps: 5)
    let up = Scale.linear(spread.shares.map { 100 * $0 } + [0], steps: 4)
    drawing.horizontalAxis(across, frame, title: "membrane potential u")
    drawing.verticalAxis(up, frame, title: "share of values (%)")
    for (index, share) in spread.shares.enumerated() {
      guard let left = frame.x(spread.limits[index], across),
        let right = frame.x(spread.limits[index + 1], across),
        let top = frame.y(100 * share, up)
      else { continue }
      drawing.bar(
        x: left, y: top, width: max(right - left - 0.5, 0.5), height: frame.bottom - top,
        style: "one",
        title: "u from \(spread.limits[index].significant) to "
          + "\(spread.limits[index + 1].significant): \((100 * share).fixed(2)) %")
    }
    if let threshold = layer.threshold, let x = frame.x(Double(threshold), across) {
      drawing.line(x, frame.top - 4, x, frame.bottom, style: "mark")
      drawing.text("θ", x, frame.top - 6, anchor: .middle, style: "tick")
    }
    return drawing.svg()
  }

  private var kernels: String {
    guard let kernels = findings.kernels else { return "" }
    let shown = kernels.pictures.count
    let some = shown < kernels.count ? "The first \(shown) of \(kernels.count.grouped) units. " : ""
    let pictures = kernels.pictures.enumerated().map { unit, picture in
      picture.element("weights of unit \(unit) of \(kernels.layer)", side: 48)
    }
    return """
      <h4>Weights of the first layer, \(kernels.layer.escaped)</h4>
      <p>\(some)Blue is negative, white 0 and orange positive; the full colour is \
      ±\(Double(kernels.bound).significant). Several input channels stand one below the other.</p>
      <div class="pictures">\(pictures.joined(separator: "\n"))</div>
      """
  }
}

extension PagePicture {
  /// The picture as an element, its shorter side that many units long if that makes it no longer than
  /// three times that.
  func element(_ description: String, side: Double) -> String {
    let factor = min(
      side / Double(min(width, height)), 3 * side / Double(max(width, height)))
    func size(_ pixels: Int) -> Int { max(1, Int((factor * Double(pixels)).rounded())) }
    return "<img src=\"\(address)\" width=\"\(size(width))\" height=\"\(size(height))\" "
      + "alt=\"\(description.escaped)\" title=\"\(description.escaped)\"/>"
  }
}
