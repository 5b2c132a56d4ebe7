/// The vectors that one worker's kernels need beside their inputs: a few rows of T lanes.
@safe
package final class NeuronScratch: @unchecked Sendable {
  let rows: NeuronRows
  package var timeSteps: Int { rows.timeSteps }

  package init(timeSteps: Int) { rows = NeuronRows(timeSteps: timeSteps) }

  deinit { rows.deallocate() }

  package static func bytes(timeSteps: Int) -> Int { NeuronRows.bytes(timeSteps: timeSteps) }
}

/// The memory of a ``NeuronScratch``, as vector code sees it. Each row has ``padding`` more behind it.
package struct NeuronRows {
  private static let floatRowCount = 2

  package let timeSteps: Int
  /// Lanes from one row to the next.
  package let length: Int
  package let lanes: UnsafeMutablePointer<SIMD16<Float>>
  /// Factors of the currents.
  package let factors: FloatPointer
  /// Powers of the membrane's decay.
  package let powers: FloatPointer

  fileprivate init(timeSteps: Int) {
    self.timeSteps = timeSteps
    length = timeSteps + Self.padding
    let count = Self.lanes(timeSteps: timeSteps)
    lanes = .allocate(capacity: count)
    lanes.initialize(repeating: SIMD16(), count: count)
    factors = .allocate(capacity: length * Self.floatRowCount)
    factors.initialize(repeating: 0, count: length * Self.floatRowCount)
    powers = factors + length
  }

  fileprivate func deallocate() {
    lanes.deallocate()
    factors.deallocate()
  }

  fileprivate static func bytes(timeSteps: Int) -> Int {
    lanes(timeSteps: timeSteps) * MemoryLayout<SIMD16<Float>>.stride
      + (timeSteps + padding) * floatRowCount * MemoryLayout<Float>.stride
  }
}
