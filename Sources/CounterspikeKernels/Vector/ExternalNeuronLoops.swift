/// The rows that a pass over neurons from outside works on: floats of `width` neurons each.
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

  /// How many there are.
  static func rows(_ pass: ExternalPass) -> Int {
    pass.layer.timeSteps &* (5 &+ pass.call.stateCount) &+ 2 &* pass.call.stateCount &+ 6
  }

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
  fileprivate func row(_ place: Int) -> Lanes { lanes(place, place &+ 8) }

  @inline(__always)
  fileprivate func setRow(_ lanes: Lanes, _ place: Int) { store(lanes, place, place &+ 8) }
}

extension ExternalPass {
  /// Calls `body` with the first of every ``width`` neurons and how many there are.
  @inline(__always)
  func forEachPart(_ body: (_ first: Int, _ count: Int) -> Void) {
    var first = 0
    while first < count {
      body(first, min(width, count &- first))
      first &+= width
    }
  }

  /// Writes the mask and, time step by time step, the currents of neurons; those that fill a row have none.
  func load(_ currents: FloatPointer, _ first: Int, _ count: Int, _ rows: ExternalRows) {
    rows.begin(threshold: layer.threshold)
    for i in 0..<rows.width {
      rows.mask[i] = i < count && (first &+ i) % layer.channels < channels ? 1 : 0
    }
    var power: Float = 1
    for t in 0..<rows.timeSteps {
      let row = rows.currents + t &* rows.width
      if let decay = layer.stillInputDecay {
        power *= decay
        let factor = 1 - power
        for i in 0..<count { row[i] = factor * currents[first &+ i] }
      } else {
        row.update(from: currents + t &* layer.plane + first, count: count)
      }
      (row + count).update(repeating: 0, count: rows.width &- count)
    }
  }

  /// Runs the neurons of one part; what they did stands in the rows.
  func run(_ rows: ExternalRows) {
    let states = rows.stateCount &* rows.width
    for t in 0..<rows.timeSteps {
      rows.states(t).update(from: rows.work, count: states)
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

  /// e[t] = g[t] + d·e[t+1]
  func filterErrors(_ gradient: FloatPointer, _ first: Int, _ count: Int, _ rows: ExternalRows) {
    let d = Lanes(repeating: layer.synapticDecay)
    var t = rows.timeSteps
    while t > 0 {
      t &-= 1
      let row = rows.errors + t &* rows.width
      row.update(from: gradient + t &* layer.plane + first, count: count)
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
  func store(_ currents: FloatPointer, _ first: Int, _ count: Int, _ rows: ExternalRows) {
    guard let decay = layer.stillInputDecay else {
      for t in 0..<rows.timeSteps {
        (currents + t &* layer.plane + first).update(
          from: rows.currents + t &* rows.width, count: count)
      }
      return
    }
    let result = currents + first
    result.update(repeating: 0, count: count)
    var power: Float = 1
    for t in 0..<rows.timeSteps {
      power *= decay
      let factor = 1 - power
      let row = rows.currents + t &* rows.width
      for i in 0..<count { result[i] += factor * row[i] }
    }
  }

  /// Neurons of rows that pad a micro-batch have no output and no gradient.
  func clearRest(_ values: FloatPointer, isPlane: Bool) {
    for t in 0..<(isPlane ? 1 : layer.timeSteps) {
      (values + t &* layer.plane + count).update(repeating: 0, count: layer.plane &- count)
    }
  }
}

extension Kernels {
  /// ``ExternalNeurons/forward(currents:output:samples:room:)``
  static func externalForward(
    _ pass: ExternalPass, currents: FloatPointer, output: FloatPointer, room: FloatPointer
  ) -> Int {
    let rows = ExternalRows(room, pass)
    let layer = pass.layer
    let d = Lanes(repeating: layer.synapticDecay)
    let gain = Lanes(repeating: 1 - layer.synapticDecay)
    let one = Lanes(repeating: 1)
    var spikes = SIMD16<Int32>()
    pass.forEachPart { first, count in
      pass.load(currents, first, count, rows)
      pass.run(rows)
      let psc = rows.first
      psc.update(repeating: 0, count: rows.width)
      for t in 0..<rows.timeSteps {
        let train = rows.spikes + t &* rows.width
        rows.forEachLanes { i in
          let s = train.row(i)
          spikes &-= (s .== one).integers
          psc.setRow(d * psc.row(i) + gain * s, i)
        }
        (output + t &* layer.plane + first).update(from: psc, count: count)
      }
    }
    pass.clearRest(output, isPlane: false)
    return spikes.total
  }

  /// ``ExternalNeurons/backward(rule:currents:gradient:samples:room:)``
  static func externalBackward(
    _ pass: ExternalPass, rule: VectorRule, currents: FloatPointer, gradient: FloatPointer,
    room: FloatPointer
  ) {
    let rows = ExternalRows(room, pass)
    pass.forEachPart { first, count in
      pass.load(currents, first, count, rows)
      pass.run(rows)
      pass.filterErrors(gradient, first, count, rows)
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
      pass.store(currents, first, count, rows)
    }
    pass.clearRest(currents, isPlane: pass.layer.stillInputDecay != nil)
  }
}

extension ExternalPass {
  /// Neighborhood aggregation: every spike inverted, and the neuron replayed behind it on the same currents.
  ///
  ///     ε = (θ[k] − u[k])/(∂u/∂c),   ∂L/∂c[k] = ΔL_k·w(ε)
  ///     ΔL_k = (1 − d)·Σ_{j≥k} Δs[j]·e[j]
  ///
  /// - Complexity: O(T²) steps of the neurons, fewer where their states meet again.
  func aggregate(_ weight: some DistanceWeight, _ rows: ExternalRows) {
    let gain = Lanes(repeating: 1 - layer.synapticDecay)
    let scale = Lanes(repeating: 1 / call.currentGain)
    let states = rows.stateCount &* rows.width
    let (current, membrane, threshold, train, sum) = (
      rows.first, rows.second, rows.third, rows.fourth, rows.fifth
    )
    threshold.update(repeating: layer.threshold, count: rows.width)
    // ∂L/∂c takes the place of c[k], which no later k needs.
    for k in 0..<rows.timeSteps {
      let row = k &* rows.width
      let (u, theta) = (rows.membranes + row, rows.thresholds + row)
      rows.work.update(from: rows.states(k), count: states)
      rows.forEachLanes { i in
        let epsilon = (theta.row(i) - u.row(i)) * scale
        current.setRow((rows.currents + row).row(i) + epsilon, i)
      }
      integrate(current, rows.work, membrane, threshold, rows)
      rows.forEachLanes { i in
        let s = (rows.spikes + row).row(i)
        let inverted = rows.mask.row(i) - s
        train.setRow(inverted, i)
        sum.setRow((inverted - s) * (rows.errors + row).row(i), i)
      }
      settle(train, theta, rows.work, rows)
      replay(behind: k, rows)
      rows.forEachLanes { i in
        let r = (theta.row(i) - u.row(i)) * scale
        let fired = (rows.spikes + row).row(i) .> Lanes()
        let delta = gain * sum.row(i) * weight.value(r, fired: fired)
        (rows.currents + row).setRow(Lanes().select(delta, where: rows.mask.row(i) .> Lanes()), i)
      }
    }
  }

  /// Adds up Δs[j]·e[j] of the steps behind k.
  private func replay(behind k: Int, _ rows: ExternalRows) {
    let (membrane, threshold, train, sum) = (rows.second, rows.third, rows.fourth, rows.fifth)
    var t = k &+ 1
    while t < rows.timeSteps, !meets(rows.states(t), rows) {
      let row = t &* rows.width
      integrate(rows.currents + row, rows.work, membrane, threshold, rows)
      fire(membrane, threshold, into: train, rows)
      rows.forEachLanes { i in
        let difference = train.row(i) - (rows.spikes + row).row(i)
        sum.setRow(sum.row(i) + difference * (rows.errors + row).row(i), i)
      }
      settle(train, membrane, rows.work, rows)
      t &+= 1
    }
  }

  /// Whether all neurons' states are those of the real run.
  private func meets(_ states: FloatPointer, _ rows: ExternalRows) -> Bool {
    for i in 0..<rows.stateCount &* rows.width where rows.work[i] != states[i] { return false }
    return true
  }

  /// The surrogate rule, by the way back through the neuron's own steps:
  ///
  ///     S[t] = (1 − d)·e[t] + what the states behind t say of s[t]
  ///     ∂L/∂u[t] = S[t]·f(u[t], θ[t]) + what the states say,   ∂L/∂θ[t] = −S[t]·f(u[t], θ[t])
  @inline(__always)
  func propagate(
    _ rows: ExternalRows,
    derivative: (_ membrane: FloatPointer, _ threshold: FloatPointer, _ result: FloatPointer)
      -> Void
  ) {
    let gain = Lanes(repeating: 1 - layer.synapticDecay)
    let (ofMembrane, ofThreshold, ofSpikes, f, ofCurrents) = (
      rows.first, rows.second, rows.third, rows.fourth, rows.fifth
    )
    rows.ofStates.update(repeating: 0, count: rows.stateCount &* rows.width)
    var t = rows.timeSteps
    while t > 0 {
      t &-= 1
      let row = t &* rows.width
      ofMembrane.update(repeating: 0, count: rows.width)
      ofSpikes.update(repeating: 0, count: rows.width)
      call.settleBackward(
        call.context, rows.spikes + row, rows.membranes + row, rows.ofStates, ofMembrane, ofSpikes,
        rows.width)
      derivative(rows.membranes + row, rows.thresholds + row, f)
      rows.forEachLanes { i in
        let ofSpike = gain * (rows.errors + row).row(i) + ofSpikes.row(i)
        let through = (ofSpike * f.row(i)) * rows.mask.row(i)
        ofMembrane.setRow(ofMembrane.row(i) + through, i)
        ofThreshold.setRow(-through, i)
      }
      call.integrateBackward(
        call.context, rows.currents + row, rows.states(t), ofMembrane, ofThreshold, rows.ofStates,
        ofCurrents, rows.width)
      rows.forEachLanes { i in
        let isRun = rows.mask.row(i) .> Lanes()
        (rows.currents + row).setRow(Lanes().select(ofCurrents.row(i), where: isRun), i)
      }
    }
  }
}
