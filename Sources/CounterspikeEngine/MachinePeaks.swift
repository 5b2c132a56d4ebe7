internal import CounterspikeKernels
internal import CounterspikeProducts
package import CounterspikeSettings
internal import CounterspikeSystem
internal import Synchronization

/// What one worker can reach at most while all of them are busy, measured.
package struct MachinePeaks: Sendable {
  /// Operations a second in a convolution that suits oneDNN well, for each precision measured.
  package var operationsPerSecond: [NetworkSettings.Precision: Double]
  /// Bytes a second of a sum of two arrays larger than a core's caches.
  package var bytesPerSecond: Double
  /// oneDNN's version, which the first number is measured with.
  package var libraryVersion: String { OneDNN.version }

  /// Measures for about a third of a second.
  ///
  /// - Throws: `libraryFailure`, also where processor or library lack one of the precisions.
  package static func measure(
    workers: Int, precisions: Set<NetworkSettings.Precision>
  ) throws -> MachinePeaks {
    let pool = try WorkerPool(count: workers)
    defer { pool.close() }
    let workers = pool.count
    var operationsPerSecond: [NetworkSettings.Precision: Double] = [:]
    for precision in precisions {
      let convolution = try ConvolutionPeak(workers: workers, precision: precision.kernel)
      try pool.run(convolution, items: workers)
      operationsPerSecond[precision] = convolution.operations / convolution.best.seconds
    }
    let memory = MemoryPeak(workers: workers)
    try pool.run(memory, items: workers)
    return MachinePeaks(
      operationsPerSecond: operationsPerSecond,
      bytesPerSecond: memory.bytes / memory.best.seconds)
  }
}

/// The mean over workers of each one's shortest time.
private final class BestTimes: Sendable {
  private let sum = Mutex<(seconds: Double, count: Int)>((0, 0))

  var seconds: Double { sum.withLock { $0.seconds / Double(max($0.count, 1)) } }

  /// Calls `body` for a while on this thread and keeps the shortest time.
  func measure(for span: Duration, _ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    let start = clock.now
    var shortest = Duration.seconds(1_000_000)
    try body()
    repeat {
      let begin = clock.now
      try body()
      shortest = min(shortest, clock.now - begin)
    } while clock.now - start < span
    let seconds = shortest / .seconds(1)
    sum.withLock { $0 = ($0.seconds + seconds, $0.count + 1) }
  }
}

/// 3×3, 128 channels from 128, on 16×16 pixels.
private final class ConvolutionPeak: WorkerJob {
  let best = BestTimes()
  private let shape = ConvolutionShape(
    images: 4, inChannels: 128, inHeight: 16, inWidth: 16, outChannels: 128, kernel: 3, stride: 1,
    padding: 1)
  private let calls: [Call]

  private struct Call: Sendable {
    let call: ConvolutionCall
    let images: FloatBuffer
    let output: FloatBuffer
    let scratch: FloatBuffer
  }

  var operations: Double { 2 * Double(shape.weightCount * shape.outputCount / shape.outChannels) }

  init(workers: Int, precision: Precision) throws(CounterspikeError) {
    do throws(LibraryFailure) {
      let convolution = try Convolution(
        shape, precision: precision, backward: false, needsDataGradient: false)
      try convolution.pack(
        FloatBuffer([Float](repeating: 0.01, count: shape.weightCount)).all)
      var calls: [Call] = []
      for _ in 0..<workers {
        calls.append(
          Call(
            call: try ConvolutionCall(convolution),
            images: FloatBuffer([Float](repeating: 0.5, count: shape.inputCount)),
            output: FloatBuffer(count: shape.outputCount),
            scratch: FloatBuffer(count: convolution.scratchCount)))
      }
      self.calls = calls
    } catch {
      throw CounterspikeError(error, stage: "that measures the machine")
    }
  }

  func perform(item: Int, worker: Int) throws {
    let own = calls[item]
    try best.measure(for: .milliseconds(150)) {
      try own.call.forward(
        images: own.images.all, output: own.output.all, scratch: own.scratch.all)
    }
  }
}

/// x += y on 16 MB each.
private final class MemoryPeak: WorkerJob {
  let best = BestTimes()
  private let pairs: [(FloatBuffer, FloatBuffer)]
  private static let count = 4 << 20

  var bytes: Double { Double(3 * Self.count * MemoryLayout<Float>.stride) }

  init(workers: Int) {
    pairs = (0..<workers).map { _ in
      let pair = (FloatBuffer(count: Self.count), FloatBuffer(count: Self.count))
      pair.1.all.fill(1)
      return pair
    }
  }

  func perform(item: Int, worker: Int) {
    let (sum, term) = pairs[item]
    best.measure(for: .milliseconds(100)) { sum.all.add(term.all) }
  }
}
