extension ExternalPass {
  /// All neurons of recurrent ones, which are taken at once.
  fileprivate var all: ExternalPart {
    let count = layer.plane / layer.batch &* samples
    return ExternalPart(
      first: 0, stride: 0, pieces: 1, length: count, output: 0, outputCount: count)
  }

  /// e[t] of the gradient with respect to a[t], to which what comes back through lateral weights is added.
  fileprivate func takeErrors(
    _ gradient: FloatPointer, _ lateral: FloatPointer?, _ t: Int, _ rows: ExternalRows,
    filtersTwice: Bool
  ) {
    let count = all.count
    let row = gradient + t &* layer.plane
    if let lateral { for i in 0..<count { row[i] += lateral[i] } }
    let errors = rows.errors + t &* rows.width
    errors.update(from: row, count: count)
    (errors + count).update(repeating: 0, count: rows.width &- count)
    let plain = rows.plainErrors
    guard t &+ 1 < rows.timeSteps else {
      plain.update(from: errors, count: rows.width)
      return
    }
    let d = Lanes(repeating: layer.synapticDecay)
    rows.forEachLanes { i in
      let e = errors.row(i) + d * plain.row(i)
      plain.setRow(e, i)
      errors.setRow(filtersTwice ? e + d * (errors + rows.width).row(i) : e, i)
    }
  }
}

extension Kernels {
  /// Runs recurrent neurons of a program's own once more on the currents that the forward pass left.
  static func externalRecurrentBegin(
    _ pass: ExternalPass, currents: FloatPointer, room: FloatPointer
  ) {
    let rows = ExternalRows(room, pass)
    let part = pass.all
    var last = (count: -1, channel: -1)
    pass.writeMask(part, rows, last: &last)
    pass.load(currents, part, rows)
    rows.begin(threshold: pass.layer.threshold)
    pass.runSteps(rows, keepsStates: true)
    rows.ofStates.update(repeating: 0, count: rows.stateCount &* rows.width)
    rows.third.update(repeating: pass.layer.threshold, count: rows.width)
  }

  /// Computes δ[t] of all of them, over the currents.
  ///
  /// - Parameters:
  ///   - gradient: g, `[T, B, N]`; what comes back through lateral weights is added at step t.
  ///   - lateral: Vᵀ·δ[t+1], `[B, N]`; `nil` at the last step.
  static func externalRecurrentSettle(
    _ pass: ExternalPass, rule: VectorRule, _ t: Int, gradient: FloatPointer,
    lateral: FloatPointer?, deltas: FloatPointer, room: FloatPointer
  ) {
    let rows = ExternalRows(room, pass)
    pass.takeErrors(gradient, lateral, t, rows, filtersTwice: rule.filtersTwice)
    let result = rows.first
    switch rule {
    case .neighborhood(let rule):
      switch rule.weight {
      case .inverse(let bound):
        pass.aggregate(InverseWeight(bound: bound), at: t, rows, into: result)
      case .inverseCube(let bound):
        pass.aggregate(InverseCubeWeight(bound: bound), at: t, rows, into: result)
      case .lorentzian(let width):
        pass.aggregate(LorentzianWeight(width: width), at: t, rows, into: result)
      case .gaussian(let deviation):
        pass.aggregate(GaussianWeight(deviation: deviation), at: t, rows, into: result)
      case .none: pass.aggregate(UnitWeight(), at: t, rows, into: result)
      }
    case .surrogate(let rule):
      pass.propagate(at: t, rows, into: result) { membrane, threshold, derivative in
        rows.forEachLanes {
          derivative.setRow(rule.derivative(membrane.row($0) - threshold.row($0)), $0)
        }
      }
    case .external(let call):
      pass.propagate(at: t, rows, into: result) {
        call.function(call.context, $0, $1, $2, rows.width)
      }
    case .tsslbp, .slayer, .own: break
    }
    (deltas + t &* pass.layer.plane).update(from: result, count: pass.layer.plane)
  }
}
