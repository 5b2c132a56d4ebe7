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
  private var isRight: Bool { sample.prediction.label == sample.prediction.prediction }
  private func name(_ label: Int) -> String { classNames[label] }

  var html: String {
    let step = (Self.frame.width / (across.high - across.low)).fixed(4)
    return """
      <section class="sample" data-left="\(Self.frame.left)" data-step="\(step)">
      <h4>\(title.escaped)</h4>
      <div class="pictures">\(sample.picture.element("sample \(sample.prediction.index)", side: 96))
      <p>\(story.escaped)</p></div>
      <p class="slider"><label for="\(id)">time step</label> <input id="\(id)" type="range" min="1" \
      max="\(sample.timeSteps)" value="\(sample.timeSteps)"/></p>
      <ol class="readings" aria-live="polite">
      \((1...sample.timeSteps).map { "<li>\(reading($0).escaped)</li>" }.joined(separator: "\n"))
      </ol>
      <div class="row">
      \(raster)
      \(scores)
      \(sample.layers.map(membranes).joined(separator: "\n"))
      </div></section>
      """
  }

  private var title: String {
    let file = sample.name.map { " (\($0.onOneLine.shortened(to: 40)))" } ?? ""
    let label = name(sample.prediction.label)
    return "Sample \(sample.prediction.index)\(file): "
      + (isRight
        ? "\(label), predicted right"
        : "\(label), predicted as \(name(sample.prediction.prediction))")
  }

  private var story: String {
    let decided = sample.decision.map {
      "The predicted class leads from step \($0) of \(sample.timeSteps) until the end."
    }
    let scores = sample.shownClasses.map {
      "\(name($0)): \(Double(sample.prediction.scores[$0]).significant)"
    }
    return (decided ?? "All classes end with the same score; nothing was decided.")
      + " Scores, the psc summed over time, of class \(scores.joined(separator: "; "))."
  }

  private func reading(_ step: Int) -> String {
    let leader = sample.leadingClass(at: step)
    let leads = leader.map {
      "\(name($0)) leads with a score of \(Double(sample.scores[$0][step - 1]).significant)"
    }
    let spikes = sample.layers.map {
      "\($0.name) \($0.counts[step - 1].grouped) of \($0.neuronCount.grouped)"
    }
    return "Step \(step): \(leads ?? "no class leads"); spikes \(spikes.joined(separator: ", "))."
  }

  private var raster: String {
    let heights = sample.layers.map { max(14, min(64, 5 * Double($0.neurons.count))) }
    var frame = Self.frame
    frame.height = heights.reduce(0, +) + 6 * Double(max(heights.count - 1, 0))
    var drawing = Drawing(
      width: 340, height: frame.bottom + 38,
      title: "raster of sample \(sample.prediction.index)")
    drawing.text("spikes", frame.left, 14)
    drawing.horizontalAxis(across, frame, title: "time step")
    let width = max(1, min(6, 0.6 * frame.width / (across.high - across.low)))
    var top = frame.top
    for (layer, height) in zip(sample.layers, heights) {
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
      "scores", "summed psc",
      sample.shownClasses.map { CurveChart.Curve(name($0), points(sample.scores[$0])) })
  }

  private func membranes(_ layer: SampleFindings.Layer) -> String {
    let isOutput = layer.name == sample.layers.last?.name
    let curves = layer.membranes.map { neuron, values in
      CurveChart.Curve(isOutput ? name(neuron) : "neuron \(neuron)", points(values))
    }
    return chart(
      "\(layer.name): membrane potentials", "u before the reset", curves,
      mark: (Double(layer.threshold), "θ"))
  }
}
