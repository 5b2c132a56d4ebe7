internal import CounterspikeKernels
internal import CounterspikeSettings
package import CounterspikeSystem

extension GradientSettings {
  /// Bytes that the rules of a network's stages take beside the engine's buffers: the waveforms of
  /// general neighborhoods.
  package func memory(_ plan: NetworkPlan, workers: Int) -> Int {
    let bytes = plan.stages.reduce(0.0) {
      $0 + settings(of: $1).memory(timeSteps: plan.timeSteps, workers: workers)
    }
    return bytes < 0x1p60 ? Int(bytes) : 1 << 60
  }

  private func memory(timeSteps: Int, workers: Int) -> Double {
    guard rule == .neighborhood else { return 0 }
    let (steps, number) = (Double(timeSteps), Double(MemoryLayout<Double>.stride))
    switch neighborhood.neighbors {
    case .simple: return 0
    case .flips:
      // Of every neighbor the currents, membrane, spikes and psc, and a row of the matrix.
      return Double(workers) * number * steps * (steps + 1) / 2 * 5 * steps
    case .sampled:
      // The perturbations, the matrix's rows and its inverse; the replays of one neuron.
      return number * Double(neighborhood.samples) * steps * (3 + 4 * Double(workers))
    }
  }

  /// - Throws: `invalidRecipe` where the rules take more memory than this process may have.
  package func requireMemory(_ plan: NetworkPlan, workers: Int) throws(CounterspikeError) {
    try MemoryLimit.current().require(
      memory(plan, workers: workers),
      for: "gradient.neighborhood.neighbors with network.timeSteps \(plan.timeSteps)",
      remedy: "use simple neighbors, fewer samples or fewer time steps")
  }
}
