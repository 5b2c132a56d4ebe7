internal import CounterspikeKernels
internal import CounterspikeSystem

extension NeuronFunction {
  /// The neurons with the windows of a call.
  ///
  /// - Throws: `mismatch` for windows that do not fit the neurons.
  func pooled(
    _ array: NeuronArray, _ extent: Extent
  ) throws(CounterspikeError) -> PooledNeuronArray? {
    guard let windows = extent.windows else { return nil }
    let sizes = [windows.height, windows.width, windows.columns, windows.channels]
    guard sizes.allSatisfy({ (1...1 << 40).contains($0) }) else {
      throw CounterspikeError(
        .mismatch, "windows of sizes \(sizes); each must be a whole number from 1")
    }
    guard windows.factor.isFinite else {
      throw CounterspikeError(
        .mismatch, "the factor of the windows is \(windows.factor); it must be a finite number")
    }
    guard windows.columns % windows.width == 0 else {
      throw CounterspikeError(
        .mismatch,
        "windows of \(windows.width) columns do not divide rows of \(windows.columns) neurons; choose a "
          + "width that does")
    }
    let (row, isTooLarge) = windows.columns.multipliedReportingOverflow(by: windows.channels)
    let (strip, isAlsoTooLarge) = row.multipliedReportingOverflow(by: windows.height)
    guard !isTooLarge, !isAlsoTooLarge, array.count % strip == 0 else {
      throw CounterspikeError(
        .mismatch,
        "windows of \(windows.height) rows of \(windows.columns)·\(windows.channels) neurons do not divide "
          + "\(array.count) neurons; choose a height that does")
    }
    return PooledNeuronArray(array, windows)
  }

  /// Parts of the tiles that threads take one after the other, as of neurons without windows.
  static func parts(_ pooled: PooledNeuronArray, threads: Int) -> [Range<Int>] {
    let values = pooled.array.count * pooled.array.timeSteps
    let parts = max(1, min(4 * max(threads, 1), values / 32_768, pooled.tileCount))
    let size = (pooled.tileCount + parts - 1) / parts
    guard size > 0 else { return [] }
    return stride(from: 0, to: pooled.tileCount, by: size).map {
      $0..<min($0 + size, pooled.tileCount)
    }
  }
}
