// The surrogate rule with a derivative that comes from outside: SurrogateBlock and DynamicSurrogateBlock have
// the equations. All steps of a block are asked for in one call.

extension DerivativeCall {
  /// Writes f of `count` lanes.
  @inline(__always)
  func write(
    _ membrane: UnsafeMutablePointer<Lanes>, _ threshold: UnsafeMutablePointer<Lanes>,
    _ result: UnsafeMutablePointer<Lanes>, count: Int
  ) {
    function(context, membrane.floats, threshold.floats, result.floats, count &* Lanes.scalarCount)
  }

  /// f of the neurons of one block at one step.
  @inline(__always)
  func value(membrane: Lanes, threshold: Lanes) -> Lanes {
    var (membrane, threshold, result) = (membrane, threshold, Lanes())
    withUnsafeMutablePointer(to: &membrane) { membrane in
      withUnsafeMutablePointer(to: &threshold) { threshold in
        withUnsafeMutablePointer(to: &result) { write(membrane, threshold, $0, count: 1) }
      }
    }
    return result
  }
}

extension UnsafeMutablePointer where Pointee == Lanes {
  @inline(__always)
  var floats: FloatPointer {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Float.self)
  }
}

/// The rule for neurons that a spike resets to zero.
struct ExternalBlock: BlockRule {
  let step: NeuronStep<Lanes>
  let call: DerivativeCall

  /// θ stands in the second row.
  func prepare(_ rows: BlockRows) {
    rows.second.update(repeating: step.threshold, count: rows.timeSteps)
  }

  func run(_ block: BlockRows) {
    block.writeMembrane(block.first, step)
    call.write(block.first, block.second, block.third, count: block.timeSteps)
    var delta = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      let through = (step.membraneDecay * delta).select(
        Lanes(), where: block.first[t] .> step.threshold)
      delta = step.gain * block.errors[t] * block.third[t] + through
      block.deltas[t] = delta
    }
  }
}

/// The rule for neurons of any dynamics.
struct DynamicExternalBlock: StepwiseRule {
  let call: DerivativeCall

  /// f stands in the fifth row.
  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    DynamicSurrogateBlock.begin(block, step)
    call.write(block.first, block.second, block.fifth, count: block.timeSteps)
  }

  @inline(__always)
  func settle(_ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>) {
    DynamicSurrogateBlock.settle(block, t, step, path: Lanes()) { _ in block.fifth[t] }
  }
}
