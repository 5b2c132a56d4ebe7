package import CounterspikeKernels
internal import CounterspikeSettings
package import CounterspikeSystem
internal import Synchronization

extension NeuronFunction {
  /// Advances the neurons through all time steps.
  ///
  /// - Parameters:
  ///   - currents: c, `[T, N]`; `[N]` where they repeat.
  ///   - before: membrane potential, psc and firing rate (of an adaptive threshold) before the first step,
  ///     `[N]` each.
  ///   - output: the psc, `[T, N]`; without a synapse the spikes. Sums over windows where there are such.
  ///   - after: the same three behind the last step.
  /// - Throws: `mismatch` for sizes or constants out of their ranges; `libraryFailure` where there is no
  ///   memory for what windows need.
  package func forward(
    _ extent: Extent, currents: UnsafePointer<Float>, before: NeuronArray.Given,
    output: UnsafeMutablePointer<Float>, after: NeuronArray.Written
  ) throws(CounterspikeError) {
    let array = try array(extent)
    let memory = unsafe Memory(
      currents: currents, before: before, gradient: nil, ofState: NeuronArray.Given(),
      result: output, after: after)
    if let pooled = try pooled(array, extent) {
      return unsafe try forward(pooled, memory, threads: extent.threads)
    }
    let parts = Self.parts(array, threads: extent.threads)
    SharedWorkers.perform(parts.count, threads: extent.threads) { item, _ in
      unsafe array.forward(
        parts[item], currents: memory.currents, before: memory.before, output: memory.result,
        after: memory.after)
    }
  }

  /// The gradient with respect to the currents.
  ///
  /// - Parameters:
  ///   - currents, membrane: as in the forward pass.
  ///   - gradient: ∂L/∂output, shaped like it.
  ///   - deltas: ∂L/∂c, shaped like the currents; no other array's memory.
  ///   - needsConstants: whether those of the constants are wanted.
  /// - Returns: ∂L/∂τ_m, ∂L/∂τ_s and ∂L/∂θ, if they are wanted.
  /// - Throws: `mismatch` for sizes or constants out of their ranges, and for a membrane before currents
  ///   that repeat; `libraryFailure` where there is no memory for what the rule needs.
  package func backward(
    _ extent: Extent, currents: UnsafePointer<Float>, membrane: UnsafePointer<Float>?,
    gradient: UnsafePointer<Float>, deltas: UnsafeMutablePointer<Float>, needsConstants: Bool
  ) throws(CounterspikeError) -> Constants? {
    let array = try array(extent)
    guard unsafe membrane == nil || !array.repeatsCurrents else {
      throw CounterspikeError(
        .mismatch,
        "currents that repeat, and a membrane potential before them; their gradient needs one that begins "
          + "at zero, so give the currents of every step")
    }
    let memory = unsafe Memory(
      currents: currents, before: NeuronArray.Given(membrane: membrane), gradient: gradient,
      ofState: NeuronArray.Given(), result: deltas, after: NeuronArray.Written())
    // Sums of the constants' gradients do not depend on the number of threads.
    let shares = needsConstants ? 4 : extent.threads
    let pooled = try pooled(array, extent)
    let parts = pooled.map { Self.parts($0, threads: shares) } ?? Self.parts(array, threads: shares)
    let workers = min(max(extent.threads, 1), max(parts.count, 1))
    let tile = pooled?.tileSize ?? FloatBuffer.octet
    let workspaces = try Self.workspaces(workers, array, neurons: tile)
    let rule = self.rule(timeSteps: array.timeSteps)
    let sums = SumTable(count: parts.count)
    SharedWorkers.perform(parts.count, threads: workers) { item, worker in
      var sum = needsConstants ? NeuronArray.ConstantGradients() : nil
      guard let gradient = unsafe memory.gradient else { return }
      if let pooled {
        unsafe pooled.backward(
          parts[item], rule: rule, currents: memory.currents, membrane: memory.before.membrane,
          gradient: gradient, deltas: memory.result, sums: &sum, workspace: workspaces[worker])
      } else {
        unsafe array.backward(
          parts[item], rule: rule, currents: memory.currents, membrane: memory.before.membrane,
          gradient: gradient, deltas: memory.result, sums: &sum, workspace: workspaces[worker])
      }
      if let sum { sums.set(item, sum) }
    }
    return needsConstants ? constants(sums.total, of: array) : nil
  }

  /// The gradients of one time step where the caller goes back through the steps itself, see
  /// ``CounterspikeKernels/NeuronArray/backwardStep(_:rule:currents:before:gradient:after:deltas:result:)``.
  ///
  /// - Parameters:
  ///   - before: the state before the step, as in the forward pass.
  ///   - gradient: ∂L/∂output, `[N]`.
  ///   - ofState: the gradient with respect to the state behind the step.
  ///   - deltas: ∂L/∂c, `[N]`.
  ///   - result: the gradient with respect to the state before the step.
  /// - Throws: `invalidRecipe` where the rule needs the whole series; `mismatch` for sizes or constants out
  ///   of their ranges.
  package func backwardStep(
    _ extent: Extent, currents: UnsafePointer<Float>, before: NeuronArray.Given,
    gradient: UnsafePointer<Float>, ofState: NeuronArray.Given,
    deltas: UnsafeMutablePointer<Float>, result: NeuronArray.Written
  ) throws(CounterspikeError) {
    let array = try array(extent)
    guard array.timeSteps == 1 else {
      throw CounterspikeError(
        .mismatch, "\(array.timeSteps) time steps; the gradient of a single step takes 1")
    }
    let rule = self.rule(timeSteps: 1)
    try requireStep(hasSynapse: array.synapticDecay > 0)
    let memory = unsafe Memory(
      currents: currents, before: before, gradient: gradient, ofState: ofState, result: deltas,
      after: result)
    let parts = Self.parts(array, threads: extent.threads)
    SharedWorkers.perform(parts.count, threads: extent.threads) { item, _ in
      guard let gradient = unsafe memory.gradient else { return }
      unsafe array.backwardStep(
        parts[item], rule: rule, currents: memory.currents, before: memory.before,
        gradient: gradient, after: memory.ofState, deltas: memory.result, result: memory.after)
    }
  }

  private func forward(
    _ pooled: PooledNeuronArray, _ memory: Memory, threads: Int
  ) throws(CounterspikeError) {
    let parts = Self.parts(pooled, threads: threads)
    let workers = min(max(threads, 1), max(parts.count, 1))
    let workspaces = try Self.workspaces(workers, pooled.array, neurons: pooled.tileSize)
    SharedWorkers.perform(parts.count, threads: workers) { item, worker in
      unsafe pooled.forward(
        parts[item], currents: memory.currents, before: memory.before, output: memory.result,
        after: memory.after, workspace: workspaces[worker])
    }
  }

  /// - Throws: `invalidRecipe` where there is no memory for them.
  private static func workspaces(
    _ count: Int, _ array: NeuronArray, neurons: Int
  ) throws(CounterspikeError) -> [NeuronArray.Workspace] {
    let bytes =
      count * 2
      * (NeuronScratch.bytes(timeSteps: array.timeSteps) + array.portion * 16
        + neurons * (array.timeSteps + 2) * 4)
    // To ask the system how much there is takes longer than many a call.
    if bytes > 64 << 20 {
      try MemoryLimit.current().require(
        bytes, for: "neurons over \(array.timeSteps) time steps", remedy: "use fewer threads")
    }
    return (0..<count).map { _ in NeuronArray.Workspace(array, neurons: neurons) }
  }

  /// - Throws: `invalidRecipe` where the rule needs the whole series.
  package func requireStep(hasSynapse: Bool) throws(CounterspikeError) {
    guard !rule(timeSteps: 1).hasStep(hasSynapse: hasSynapse) else { return }
    throw CounterspikeError(
      .invalidRecipe,
      "the rule \(gradient.rule.rawValue) with these settings needs the whole series and cannot go back one "
        + "step at a time; set gradient.neighborhood.neighbors: simple and "
        + "gradient.neighborhood.error: exact, or give all time steps at once")
  }

  /// From ∂L/∂m and ∂L/∂d to those of τ: m = 1 − 1/τ_m, so that ∂m/∂τ_m = 1/τ_m² = (1 − m)².
  private func constants(
    _ sums: NeuronArray.ConstantGradients, of array: NeuronArray
  ) -> Constants {
    func slope(_ decay: Double) -> Double { (1 - decay) * (1 - decay) }
    return Constants(
      membraneTimeConstant: sums.membraneDecay * slope(array.membraneDecay),
      synapticTimeConstant: sums.synapticDecay * slope(array.synapticDecay),
      threshold: sums.threshold)
  }

  /// A call's arrays, which its threads share; each writes the places of its own neurons alone.
  @unsafe private struct Memory: @unchecked Sendable {
    let currents: UnsafePointer<Float>
    let before: NeuronArray.Given
    let gradient: UnsafePointer<Float>?
    let ofState: NeuronArray.Given
    let result: UnsafeMutablePointer<Float>
    let after: NeuronArray.Written
  }

  /// Sums of parts, added in the parts' order.
  private final class SumTable: Sendable {
    private let sums: Mutex<[NeuronArray.ConstantGradients]>

    init(count: Int) { sums = Mutex(Array(repeating: .init(), count: count)) }

    func set(_ item: Int, _ sum: NeuronArray.ConstantGradients) {
      sums.withLock { $0[item] = sum }
    }

    var total: NeuronArray.ConstantGradients {
      sums.withLock { sums in
        sums.reduce(into: NeuronArray.ConstantGradients()) {
          $0.membraneDecay += $1.membraneDecay
          $0.synapticDecay += $1.synapticDecay
          $0.threshold += $1.threshold
        }
      }
    }
  }
}
