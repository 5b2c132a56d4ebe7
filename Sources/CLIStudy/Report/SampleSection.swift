internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// What the network did with one sample, over time: spikes, membrane potentials and scores, with a slider
/// that points at a step in all pictures.
struct SampleSection {
  let sample: SampleFindings
  let classNames: [String]
  /// Unique on the page.
  let id: String

  /// All charts have one frame, so that a step is at the same place in each.
  private static let frame = Drawing.Frame(left: 62, top: 24, width: 190, height: 110)

  private var across: Scale { CurveChart.counted([0, Double(sample.timeSteps)]) }
  private var text: SampleText { SampleText(sample: sample, classNames: classNames) }

  var html: String {
    let step = (Self.frame.width / (across.high - across.low)).fixed(4)
    return """
      <section class="sample" data-left="\(Self.frame.left)" data-step="\(step)">
      <h4>\(text.title.escaped)</h4>
      <div class="pictures">\(sample.picture.element("sample \(sample.prediction.index)", side: 96))
      <p>\(text.story.escaped)</p></div>
      <p class="slider"><label for="\(id)">time step</label> <input id="\(id)" type="range" min="1" \
      max="\(sample.timeSteps)" value="\(sample.timeSteps)"/></p>
      <ol class="readings" aria-live="polite">
      \((1...sample.timeSteps).map { "<li>\(text.reading($0).escaped)</li>" }.joined(separator: "\n"))
      </ol>
      <div class="row">
      \(sample.firingLayers.isEmpty ? "" : raster)
      \(scores)
      \(sample.layers.map(membranes).joined(separator: "\n"))
      </div></section>
      """
  }

  private var raster: String {
    let layers = sample.firingLayers
    let heights = layers.map { max(14, min(64, 5 * Double($0.neurons.count))) }
    var frame = Self.frame
    frame.height = heights.reduce(0, +) + 6 * Double(max(heights.count - 1, 0))
    var drawing = Drawing(
      width: 340, height: frame.bottom + 38,
      title: "raster of sample \(sample.prediction.index)")
    drawing.text("spikes", frame.left, 14)
    drawing.horizontalAxis(across, frame, title: "time step")
    let width = max(1, min(6, 0.6 * frame.width / (across.high - across.low)))
    var top = frame.top
    for (layer, height) in zip(layers, heights) {
      let row = height / Double(max(layer.neurons.count, 1))
      drawing.text(
        layer.name.shortened(to: 8), frame.left - 6, top + height / 2 + 4, anchor: .end,
        style: "tick")
      let drawn =
        layer.neurons.count < layer.neuronCount
        ? "\(layer.neurons.count) of \(layer.neuronCount.grouped)"
        : "\(layer.neuronCount.grouped)"
      drawing.text(drawn, frame.right + 6, top + height / 2 + 4, style: "tick")
      for (index, spikes) in layer.spikes.enumerated() {
        let y = top + row * (Double(index) + 0.1)
        drawing.strokes(
          spikes.compactMap { step in frame.x(Double(step), across).map { ($0, y) } },
          length: row * 0.8, width: width, style: "spikes")
      }
      top += height + 6
      if top < frame.bottom { drawing.line(frame.left, top - 3, frame.right, top - 3) }
    }
    let x = frame.x(Double(sample.timeSteps), across) ?? frame.right
    drawing.line(x, frame.top, x, frame.bottom, style: "cursor")
    return drawing.svg()
  }

  private func chart(
    _ title: String, _ up: String, _ curves: [CurveChart.Curve],
    mark: (value: Double, name: String)? = nil
  ) -> String {
    CurveChart(
      title: title, across: "time step", up: up, curves: curves, shown: [0], mark: mark,
      cursor: Double(sample.timeSteps), acrossScale: across, frame: Self.frame
    ).svg
  }

  private func points(_ values: [Float]) -> [(x: Double, y: Double)] {
    values.enumerated().map { (Double($0 + 1), Double($1)) }
  }

  private var scores: String {
    chart(
      sample.targets.isEmpty ? "scores" : "outputs", text.scoreAxis,
      sample.shownClasses.map { CurveChart.Curve(text.name($0), points(sample.scores[$0])) })
  }

  private func membranes(_ layer: SampleFindings.Layer) -> String {
    let isOutput = layer.name == sample.layers.last?.name
    let curves = layer.membranes.map { neuron, values in
      CurveChart.Curve(isOutput ? text.name(neuron) : "neuron \(neuron)", points(values))
    }
    return chart(
      "\(layer.name): membrane potentials", layer.threshold == nil ? "u" : "u before the reset",
      curves,
      mark: layer.threshold.map { (Double($0), "θ") })
  }
}
