extension Drawing {
  /// The part of a drawing that its axes enclose.
  package struct Frame {
    package var left: Double
    package var top: Double
    package var width: Double
    package var height: Double

    package init(left: Double, top: Double, width: Double, height: Double) {
      self.left = left
      self.top = top
      self.width = width
      self.height = height
    }

    package var right: Double { left + width }
    package var bottom: Double { top + height }

    package func x(_ value: Double, _ scale: Scale) -> Double? {
      scale.position(value).map { left + $0 * width }
    }

    package func y(_ value: Double, _ scale: Scale) -> Double? {
      scale.position(value).map { bottom - $0 * height }
    }
  }

  /// About the width of small text: letters of the usual fonts are narrower than this.
  package static func width(of text: String) -> Double { 6.4 * Double(text.count) }

  /// Ticks with grid lines, and the title, below the frame.
  package mutating func horizontalAxis(_ scale: Scale, _ frame: Frame, title: String) {
    let places = scale.ticks.map { frame.x($0.value, scale) ?? frame.left }
    let spans = zip(scale.ticks, places).map { tick, place in
      place - Self.width(of: tick.label) / 2...place + Self.width(of: tick.label) / 2
    }
    let shown = LabelPlacing.shown(spans, order: Self.order(scale), gap: 6)
    for (index, tick) in scale.ticks.enumerated() {
      line(places[index], frame.top, places[index], frame.bottom, style: "grid")
      guard shown.contains(index) else { continue }
      text(tick.label, places[index], frame.bottom + 14, anchor: .middle, style: "tick")
    }
    line(frame.left, frame.bottom, frame.right, frame.bottom)
    text(
      title, frame.left + frame.width / 2, frame.bottom + 30, anchor: .middle, style: "title")
  }

  /// Ticks with grid lines at the left of the frame, and the title beside them, upwards.
  package mutating func verticalAxis(_ scale: Scale, _ frame: Frame, title: String) {
    let places = scale.ticks.map { frame.y($0.value, scale) ?? frame.bottom }
    let shown = LabelPlacing.shown(
      places.map { $0 - 6...$0 + 6 }, order: Self.order(scale), gap: 2)
    var widest = 0.0
    for (index, tick) in scale.ticks.enumerated() {
      line(frame.left, places[index], frame.right, places[index], style: "grid")
      guard shown.contains(index) else { continue }
      text(tick.label, frame.left - 6, places[index] + 4, anchor: .end, style: "tick")
      widest = max(widest, Self.width(of: tick.label))
    }
    line(frame.left, frame.top, frame.left, frame.bottom)
    text(
      title, max(frame.left - widest - 14, 10), frame.top + frame.height / 2, anchor: .middle,
      style: "title", isUpright: true)
  }

  /// Powers of ten first on a logarithmic scale, then both ends, then the others.
  private static func order(_ scale: Scale) -> [Int] {
    let ticks = scale.ticks
    let ends = Set([ticks.indices.first, ticks.indices.last].compactMap { $0 })
    func rank(_ index: Int) -> Int {
      if scale.isLogarithmic, ticks[index].isMajor { return 0 }
      return ends.contains(index) ? 1 : 2
    }
    return ticks.indices.sorted { (rank($0), $0) < (rank($1), $1) }
  }
}
