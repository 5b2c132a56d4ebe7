internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Binned recordings, each as the gaps between the bins that are not empty.
///
/// A byte g below 255 says: after g empty bins comes one that is not. A byte 255 says: 255 empty
/// bins. With counts, the byte after each g is the bin's count, 1 … 255. A recording of N-MNIST of
/// 30 steps of 3 ms takes about 1.5 kB, in place of 277 kB as floats.
package struct SpikeRuns: Sendable, Equatable {
  /// Whether bins hold one spike or none; else counts stand in the bytes.
  let isBinary: Bool
  /// The number of bins of one recording.
  let size: Int
  /// Those of all recordings, one after the other, from `start` on; a file's may be mapped, and are
  /// then in memory only as far as they are looked at.
  private(set) var bytes = Data()
  /// Where in `bytes` each recording ends.
  private(set) var ends: [Int] = []
  /// Where in `bytes` the first recording begins.
  private let start: Int

  init(isBinary: Bool, size: Int) {
    self.isBinary = isBinary
    self.size = size
    start = 0
  }

  /// Takes over what was stored, or refuses bytes that are not such gaps.
  init?(isBinary: Bool, size: Int, bytes: Data, start: Int, ends: [Int]) {
    var begin = start
    let span = bytes.span
    for end in ends {
      guard end >= begin, end <= bytes.count, Self.fit(span, begin..<end, isBinary, size) else {
        return nil
      }
      begin = end
    }
    self.isBinary = isBinary
    self.size = size
    self.start = start
    self.bytes = bytes
    self.ends = ends
  }

  /// Whether the bytes are whole gaps and stay inside of a recording.
  private static func fit(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ isBinary: Bool, _ size: Int
  ) -> Bool {
    var bin = 0
    var place = range.lowerBound
    while place < range.upperBound {
      let gap = bytes[place]
      place += 1
      bin += Int(gap)
      guard gap < 255 else { continue }
      bin += 1
      if !isBinary {
        guard place < range.upperBound, bytes[place] > 0 else { return false }
        place += 1
      }
    }
    return bin <= size
  }

  /// The next bin that is not empty of the recording that ends at `end`, and its count, which is 1 where
  /// bins are binary.
  ///
  /// - Parameters:
  ///   - place: where in `bytes` to go on.
  ///   - bin: the bin to go on from; both start as the recording does, this one with 0.
  @inline(__always)
  static func next(
    _ bytes: Span<UInt8>, isBinary: Bool, end: Int, place: inout Int, bin: inout Int
  ) -> (bin: Int, count: UInt8)? {
    while place < end {
      let gap = bytes[place]
      place += 1
      bin += Int(gap)
      guard gap < 255 else { continue }
      var count: UInt8 = 1
      if !isBinary {
        count = bytes[place]
        place += 1
      }
      bin += 1
      return (bin - 1, count)
    }
    return nil
  }

  var count: Int { ends.count }

  /// Bytes of all recordings.
  var byteCount: Int { (ends.last ?? start) - start }

  /// All recordings' bytes.
  var packed: [UInt8] { Array(bytes[start..<(start + byteCount)]) }

  /// Asks the system to bring a recording into memory soon, where it is a file's; does not wait.
  func prefetch(_ index: Int) {
    // What begins with the first byte is in memory.
    guard start > 0 else { return }
    let range = range(of: index)
    unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress, !range.isEmpty else { return }
      // Whole pages, which may begin before the recording.
      let address = UInt(bitPattern: base) + UInt(range.lowerBound)
      let offset = Int(address % Self.pageSize)
      let first = unsafe UnsafeMutableRawPointer(mutating: base) + (range.lowerBound - offset)
      // A hint, whose failure changes nothing.
      _ = unsafe madvise(first, range.count + offset, MADV_WILLNEED)
    }
  }

  private static let pageSize = UInt(sysconf(Int32(_SC_PAGESIZE)))

  /// Where in `bytes` a recording stands.
  func range(of index: Int) -> Range<Int> {
    (index == 0 ? start : ends[index - 1])..<ends[index]
  }

  /// Adds a recording.
  ///
  /// - Parameter counts: the number of events in each bin.
  mutating func append(_ counts: [UInt8]) {
    precondition(counts.count == size, "\(counts.count) counts for \(size) bins")
    var packed: [UInt8] = []
    var next = 0
    for (bin, count) in counts.enumerated() where count > 0 {
      var gap = bin - next
      while gap >= 255 {
        packed.append(255)
        gap -= 255
      }
      packed.append(UInt8(gap))
      if !isBinary { packed.append(count) }
      next = bin + 1
    }
    bytes.append(contentsOf: packed)
    ends.append(bytes.count)
  }
}
