/// The rows that a pass over neurons from outside works on: floats of `width` neurons each.
/// ``ExternalPass/rowCount`` says how many there are.
struct ExternalRows {
  let timeSteps: Int
  let width: Int
  /// Rows from one step's states to the next one's.
  let stateCount: Int
  /// `[T]` each: c, u, θ, s and e; `[T, states]` those before each step.
  let currents: FloatPointer
  let membranes: FloatPointer
  let thresholds: FloatPointer
  let spikes: FloatPointer
  let errors: FloatPointer
  let states: FloatPointer
  /// States, and the gradient with respect to them.
  let work: FloatPointer
  let ofStates: FloatPointer
  /// 1 of neurons that are run, 0 of others.
  let mask: FloatPointer
  /// One row each.
  let first: FloatPointer
  let second: FloatPointer
  let third: FloatPointer
  let fourth: FloatPointer
  let fifth: FloatPointer
  /// e[t+1] of recurrent neurons, filtered once.
  let plainErrors: FloatPointer

  init(_ room: FloatPointer, _ pass: ExternalPass) {
    timeSteps = pass.layer.timeSteps
    width = pass.width
    stateCount = pass.call.stateCount
    let series = timeSteps &* width
    currents = room
    membranes = currents + series
    thresholds = membranes + series
    spikes = thresholds + series
    errors = spikes + series
    states = errors + series
    work = states + series &* stateCount
    ofStates = work + stateCount &* width
    mask = ofStates + stateCount &* width
    first = mask + width
    second = first + width
    third = second + width
    fourth = third + width
    fifth = fourth + width
    plainErrors = fifth + width
  }

  @inline(__always)
  func states(_ t: Int) -> FloatPointer { states + t &* stateCount &* width }

  /// All rows of zeros, but θ.
  func begin(threshold: Float) {
    work.update(repeating: 0, count: stateCount &* width)
    thresholds.update(repeating: threshold, count: timeSteps &* width)
  }

  /// Calls `body` with the place of every sixteen neurons.
  @inline(__always)
  func forEachLanes(_ body: (_ place: Int) -> Void) {
    var place = 0
    while place < width {
      body(place)
      place &+= Lanes.scalarCount
    }
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  @inline(__always)
  func row(_ place: Int) -> Lanes { lanes(place, place &+ 8) }

  @inline(__always)
  func setRow(_ lanes: Lanes, _ place: Int) { store(lanes, place, place &+ 8) }
}

/// Neurons that are taken at a time: pieces of memory of the same length.
struct ExternalPart {
  /// Where the first piece begins in a plane, and floats from one piece to the next.
  let first: Int
  let stride: Int
  let pieces: Int
  let length: Int
  /// Where their output begins in a plane, and how many floats it has.
  let output: Int
  let outputCount: Int

  @inline(__always)
  var count: Int { pieces &* length }

  /// Calls `body` with each piece's place in the plane and in a row.
  @inline(__always)
  func forEachPiece(_ body: (_ place: Int, _ offset: Int) -> Void) {
    for piece in 0..<pieces { body(first &+ piece &* stride, piece &* length) }
  }
}

extension ExternalPass {
  /// Calls `body` with parts of the neurons that are run.
  @inline(__always)
  func forEachPart(_ body: (ExternalPart) -> Void) {
    guard layer.pooling > 1 else {
      let count = layer.plane / layer.batch &* samples
      var first = 0
      while first < count {
        let length = min(taken, count &- first)
        body(
          ExternalPart(
            first: first, stride: 0, pieces: 1, length: length, output: first, outputCount: length))
        first &+= taken
      }
      return
    }
    let (size, channels) = (layer.pooling, layer.channels)
    let row = layer.width &* channels
    let step = taken / (size &* size &* channels)
    for line in 0..<samples &* layer.pooledHeight {
      let (image, y) = (line / layer.pooledHeight, line % layer.pooledHeight)
      var x = 0
      while x < layer.pooledWidth {
        let windows = min(step, layer.pooledWidth &- x)
        body(
          ExternalPart(
            first: (image &* layer.height &+ y &* size) &* row &+ x &* size &* channels,
            stride: row, pieces: size, length: windows &* size &* channels,
            output: (line &* layer.pooledWidth &+ x) &* channels, outputCount: windows &* channels))
        x &+= step
      }
    }
  }

  /// A part's windows.
  private func sums(_ part: ExternalPart, factor: Float, sumStride: Int) -> WindowSums {
    WindowSums(
      height: layer.pooling, width: layer.pooling, channels: layer.channels, factor: factor,
      strips: 1, columns: part.length / layer.channels, steps: layer.timeSteps, stride: width,
      sumStride: sumStride)
  }

  /// Writes the mask of a part, unless `last` says that it stands there.
  func writeMask(
    _ part: ExternalPart, _ rows: ExternalRows, last: inout (count: Int, channel: Int)
  ) {
    let count = part.count
    var channel = part.first % layer.channels
    guard last != (count, channel) else { return }
    last = (count, channel)
    for i in 0..<rows.width {
      rows.mask[i] = i < count && channel < channels ? 1 : 0
      channel &+= 1
      if channel == layer.channels { channel = 0 }
    }
  }

  /// Writes, time step by time step, the currents of neurons; those that fill a row have none.
  func load(_ currents: FloatPointer, _ part: ExternalPart, _ rows: ExternalRows) {
    let count = part.count
    for t in 0..<(layer.stillInputDecay == nil ? rows.timeSteps : 1) {
      let row = layer.stillInputDecay == nil ? rows.currents + t &* rows.width : rows.first
      part.forEachPiece { place, offset in
        (row + offset).update(from: currents + t &* layer.plane + place, count: part.length)
      }
      (row + count).update(repeating: 0, count: rows.width &- count)
    }
    guard let decay = layer.stillInputDecay else { return }
    var power: Float = 1
    for t in 0..<rows.timeSteps {
      power *= decay
      let factor = Lanes(repeating: 1 - power)
      let row = rows.currents + t &* rows.width
      rows.forEachLanes { row.setRow(factor * rows.first.row($0), $0) }
    }
  }

  /// Has a neuron that can compute all time steps do so.
  ///
  /// - Returns: whether it can.
  @inline(__always)
  func compute(_ operation: NeuronSeries.Operation, _ rows: ExternalRows) -> Bool {
    guard let function = call.series else { return false }
    let series = NeuronSeries(
      timeSteps: rows.timeSteps, width: rows.width, threshold: layer.threshold,
      gain: 1 - layer.synapticDecay, currents: rows.currents, membranes: rows.membranes,
      thresholds: rows.thresholds, spikes: rows.spikes, errors: rows.errors, states: rows.states,
      mask: rows.mask)
    withUnsafePointer(to: operation) { operation in
      withUnsafePointer(to: series) { function(call.context, operation, $0) }
    }
    return true
  }

  /// Runs the neurons of one part; what they did stands in the rows.
  ///
  /// - Parameter isRecorded: not the spikes alone.
  func run(_ rows: ExternalRows, isRecorded: Bool) {
    guard !compute(isRecorded ? .record : .forward, rows) else { return }
    rows.begin(threshold: layer.threshold)
    runSteps(rows, keepsStates: isRecorded)
  }

  /// The same step by step.
  ///
  /// - Parameter keepsStates: those before each step stand in the rows, too.
  func runSteps(_ rows: ExternalRows, keepsStates: Bool) {
    let states = rows.stateCount &* rows.width
    for t in 0..<rows.timeSteps {
      if keepsStates { rows.states(t).update(from: rows.work, count: states) }
      let row = t &* rows.width
      integrate(rows.currents + row, rows.work, rows.membranes + row, rows.thresholds + row, rows)
      fire(rows.membranes + row, rows.thresholds + row, into: rows.spikes + row, rows)
      settle(rows.spikes + row, rows.membranes + row, rows.work, rows)
    }
  }

  @inline(__always)
  func integrate(
    _ currents: FloatPointer, _ states: FloatPointer, _ membrane: FloatPointer,
    _ threshold: FloatPointer, _ rows: ExternalRows
  ) {
    call.integrate(call.context, currents, states, membrane, threshold, rows.width)
  }

  @inline(__always)
  func settle(
    _ spikes: FloatPointer, _ membrane: FloatPointer, _ states: FloatPointer, _ rows: ExternalRows
  ) {
    call.settle(call.context, spikes, membrane, states, rows.width)
  }

  /// s = 1 where u > θ
  @inline(__always)
  func fire(
    _ membrane: FloatPointer, _ threshold: FloatPointer, into spikes: FloatPointer,
    _ rows: ExternalRows
  ) {
    rows.forEachLanes { i in
      let fired = membrane.row(i) .> threshold.row(i)
      spikes.setRow(Lanes().select(rows.mask.row(i), where: fired), i)
    }
  }

  /// e[t] = f·g[t] + d·e[t+1], with the gradient of the window that sees a neuron.
  func filterErrors(_ gradient: FloatPointer, _ part: ExternalPart, _ rows: ExternalRows) {
    let d = Lanes(repeating: layer.synapticDecay)
    let count = part.count
    if layer.pooling > 1 {
      Kernels.spread(
        sums(part, factor: layer.poolingFactor, sumStride: layer.pooledPlane),
        gradient: gradient + part.output, into: rows.errors)
    }
    var t = rows.timeSteps
    while t > 0 {
      t &-= 1
      let row = rows.errors + t &* rows.width
      if layer.pooling == 1 {
        row.update(from: gradient + t &* layer.plane + part.first, count: count)
      }
      (row + count).update(repeating: 0, count: rows.width &- count)
      guard t &+ 1 < rows.timeSteps else { continue }
      rows.forEachLanes { row.setRow(row.row($0) + d * (row + rows.width).row($0), $0) }
    }
  }

  /// e[t] += d·e[t+1]
  func filterErrorsAgain(_ rows: ExternalRows) {
    let d = Lanes(repeating: layer.synapticDecay)
    var t = rows.timeSteps &- 1
    while t > 0 {
      t &-= 1
      let row = rows.errors + t &* rows.width
      rows.forEachLanes { row.setRow(row.row($0) + d * (row + rows.width).row($0), $0) }
    }
  }

  /// Writes ∂L/∂c, which stand in place of the currents in the rows, over the currents.
  func store(_ currents: FloatPointer, _ part: ExternalPart, _ rows: ExternalRows) {
    if let decay = layer.stillInputDecay {
      // Σ_t (1 − sᵗ⁺¹)·∂L/∂c[t], in the order of the steps.
      let sum = rows.first
      sum.update(repeating: 0, count: rows.width)
      var power: Float = 1
      for t in 0..<rows.timeSteps {
        power *= decay
        let factor = Lanes(repeating: 1 - power)
        let row = rows.currents + t &* rows.width
        rows.forEachLanes { sum.setRow(sum.row($0) + factor * row.row($0), $0) }
      }
      part.forEachPiece { place, offset in
        (currents + place).update(from: sum + offset, count: part.length)
      }
      return
    }
    for t in 0..<rows.timeSteps {
      part.forEachPiece { place, offset in
        (currents + t &* layer.plane + place).update(
          from: rows.currents + t &* rows.width + offset, count: part.length)
      }
    }
  }

  /// Writes a[t] = d·a[t−1] + (1 − d)·f·Σ s[t]; the trains of spikes are lost.
  func writeOutput(_ output: FloatPointer, _ part: ExternalPart, _ rows: ExternalRows) {
    let place = output + part.output
    let d = layer.synapticDecay
    let gain = (1 - d) * layer.poolingFactor
    if layer.pooling > 1 {
      Kernels.sum(
        sums(part, factor: 1, sumStride: layer.pooledPlane), rows.spikes, into: place)
    }
    let psc = rows.first
    psc.update(repeating: 0, count: part.outputCount)
    for t in 0..<rows.timeSteps {
      let result = place + t &* layer.pooledPlane
      let train = layer.pooling > 1 ? result : rows.spikes + t &* rows.width
      for i in 0..<part.outputCount { psc[i] = d * psc[i] + gain * train[i] }
      result.update(from: psc, count: part.outputCount)
    }
  }

  /// Rows that pad a micro-batch have no output and no gradient.
  func clearRest(_ values: FloatPointer, plane: Int, isStill: Bool = false) {
    let count = plane / layer.batch &* samples
    for t in 0..<(isStill ? 1 : layer.timeSteps) {
      (values + t &* plane + count).update(repeating: 0, count: plane &- count)
    }
  }
}

extension Kernels {
  /// ``ExternalNeurons/forward(currents:output:samples:room:)``
  static func externalForward(
    _ pass: ExternalPass, currents: FloatPointer, output: FloatPointer, room: FloatPointer
  ) -> Int {
    let rows = ExternalRows(room, pass)
    let one = Lanes(repeating: 1)
    var spikes = SIMD16<Int32>()
    var last = (count: -1, channel: -1)
    pass.forEachPart { part in
      pass.writeMask(part, rows, last: &last)
      pass.load(currents, part, rows)
      pass.run(rows, isRecorded: false)
      for t in 0..<rows.timeSteps {
        let train = rows.spikes + t &* rows.width
        rows.forEachLanes { spikes &-= (train.row($0) .== one).integers }
      }
      pass.writeOutput(output, part, rows)
    }
    pass.clearRest(output, plane: pass.layer.pooledPlane)
    return spikes.total
  }

  /// ``ExternalNeurons/backward(rule:currents:gradient:samples:room:)``
  static func externalBackward(
    _ pass: ExternalPass, rule: VectorRule, currents: FloatPointer, gradient: FloatPointer,
    room: FloatPointer
  ) {
    let rows = ExternalRows(room, pass)
    let isStill = pass.layer.stillInputDecay != nil
    pass.layer.clearUncovered(currents, stride: isStill ? 0 : pass.layer.plane)
    var last = (count: -1, channel: -1)
    pass.forEachPart { part in
      pass.writeMask(part, rows, last: &last)
      pass.load(currents, part, rows)
      // A neuron that computes all time steps replays them where it has them.
      if pass.call.series == nil || !rule.isNeighborhood { pass.run(rows, isRecorded: true) }
      pass.filterErrors(gradient, part, rows)
      switch rule {
      case .neighborhood(let rule):
        if rule.filtersTwice { pass.filterErrorsAgain(rows) }
        switch rule.weight {
        case .inverse(let bound): pass.aggregate(InverseWeight(bound: bound), rows)
        case .inverseCube(let bound): pass.aggregate(InverseCubeWeight(bound: bound), rows)
        case .lorentzian(let width): pass.aggregate(LorentzianWeight(width: width), rows)
        case .gaussian(let deviation): pass.aggregate(GaussianWeight(deviation: deviation), rows)
        case .none: pass.aggregate(UnitWeight(), rows)
        }
      case .surrogate(let rule):
        pass.propagate(rows) { membrane, threshold, result in
          rows.forEachLanes {
            result.setRow(rule.derivative(membrane.row($0) - threshold.row($0)), $0)
          }
        }
      case .external(let call):
        pass.propagate(rows) {
          call.function(call.context, $0, $1, $2, rows.width)
        }
      case .tsslbp, .slayer, .own: break
      }
      pass.store(currents, part, rows)
    }
    pass.clearRest(currents, plane: pass.layer.plane, isStill: isStill)
  }
}

extension VectorRule {
  @inline(__always)
  fileprivate var isNeighborhood: Bool {
    if case .neighborhood = self { true } else { false }
  }
}
