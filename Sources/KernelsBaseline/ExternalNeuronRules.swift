extension ExternalPass {
  /// Neighborhood aggregation: every spike inverted, and the neuron replayed behind it on the same currents.
  ///
  ///     ε = (θ[k] − u[k])/(∂u/∂c),   ∂L/∂c[k] = ΔL_k·w(ε)
  ///     ΔL_k = (1 − d)·Σ_{j≥k} Δs[j]·e[j]
  ///
  /// - Complexity: O(T²) steps of the neurons, fewer where their states meet again.
  func aggregate(_ weight: some DistanceWeight, _ rows: ExternalRows) {
    if compute(.replay, rows) {
      for k in 0..<rows.timeSteps {
        let row = rows.currents + k &* rows.width
        rows.forEachLanes { i in row.setRow(weigh(row.row(i), weight, at: k, rows, i), i) }
      }
      return
    }
    rows.third.update(repeating: layer.threshold, count: rows.width)
    // ∂L/∂c takes the place of c[k], which no later k needs.
    for k in 0..<rows.timeSteps {
      aggregate(weight, at: k, rows, into: rows.currents + k &* rows.width)
    }
  }

  /// The same at one time step.
  @inline(__always)
  func aggregate(
    _ weight: some DistanceWeight, at k: Int, _ rows: ExternalRows, into deltas: FloatPointer
  ) {
    let scale = Lanes(repeating: 1 / call.currentGain)
    let (current, membrane, threshold, train, sum) = (
      rows.first, rows.second, rows.third, rows.fourth, rows.fifth
    )
    let row = k &* rows.width
    let (u, theta) = (rows.membranes + row, rows.thresholds + row)
    rows.work.update(from: rows.states(k), count: rows.stateCount &* rows.width)
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
    rows.forEachLanes { i in deltas.setRow(weigh(sum.row(i), weight, at: k, rows, i), i) }
  }

  /// ∂L/∂c[k] = (1 − d)·Σ·w(ε)
  @inline(__always)
  private func weigh(
    _ sum: Lanes, _ weight: some DistanceWeight, at k: Int, _ rows: ExternalRows, _ place: Int
  ) -> Lanes {
    let row = k &* rows.width
    let distance = (rows.thresholds + row).row(place) - (rows.membranes + row).row(place)
    let fired = (rows.spikes + row).row(place) .> Lanes()
    let delta =
      Lanes(repeating: 1 - layer.synapticDecay) * sum
      * weight.value(distance * Lanes(repeating: 1 / call.currentGain), fired: fired)
    return Lanes().select(delta, where: rows.mask.row(place) .> Lanes())
  }

  /// Adds up Δs[j]·e[j] of the steps behind k.
  private func replay(behind k: Int, _ rows: ExternalRows) {
    let (membrane, threshold, train, sum) = (rows.second, rows.third, rows.fourth, rows.fifth)
    var t = k &+ 1
    while t < rows.timeSteps, !meets(rows.states(t), rows) {
      let row = t &* rows.width
      integrate(rows.currents + row, rows.work, membrane, threshold, rows)
      let (spikes, errors) = (rows.spikes + row, rows.errors + row)
      rows.forEachLanes { i in
        let fired = membrane.row(i) .> threshold.row(i)
        let s = Lanes().select(rows.mask.row(i), where: fired)
        train.setRow(s, i)
        sum.setRow(sum.row(i) + (s - spikes.row(i)) * errors.row(i), i)
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
    if call.series != nil {
      for t in 0..<rows.timeSteps {
        let row = t &* rows.width
        derivative(rows.membranes + row, rows.thresholds + row, rows.first)
        rows.forEachLanes { (rows.thresholds + row).setRow(rows.first.row($0), $0) }
      }
      _ = compute(.propagate, rows)
      return
    }
    rows.ofStates.update(repeating: 0, count: rows.stateCount &* rows.width)
    var t = rows.timeSteps
    while t > 0 {
      t &-= 1
      propagate(at: t, rows, into: rows.currents + t &* rows.width, derivative: derivative)
    }
  }

  /// The same at one time step, where the gradient with respect to the states behind it stands in the rows.
  @inline(__always)
  func propagate(
    at t: Int, _ rows: ExternalRows, into deltas: FloatPointer,
    derivative: (_ membrane: FloatPointer, _ threshold: FloatPointer, _ result: FloatPointer)
      -> Void
  ) {
    let gain = Lanes(repeating: 1 - layer.synapticDecay)
    let (ofMembrane, ofThreshold, ofSpikes, f, ofCurrents) = (
      rows.first, rows.second, rows.third, rows.fourth, rows.fifth
    )
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
      deltas.setRow(Lanes().select(ofCurrents.row(i), where: isRun), i)
    }
  }
}
