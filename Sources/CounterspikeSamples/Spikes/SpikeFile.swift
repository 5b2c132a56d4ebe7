package import Counterspike
internal import CounterspikeFormats
internal import Foundation

/// Recordings of spikes and their classes in an HDF5 file, as SHD and SSC are published, read one
/// after the other.
///
///     /spikes/times   [recordings], each a row of floats of 16, 32 or 64 bits: seconds from the
///                     beginning of the recording
///     /spikes/units   [recordings], each a row of integers, as long as that of the times
///     /labels         [recordings], integers
///
/// Whatever else is in the file is passed over. The three must be hard links to data that stand in
/// the file itself. A recording becomes an ``EventStream`` on a sensor of as many columns as there are
/// units and of one row, all events ON, times in microseconds from the beginning of the recording.
///
/// Without the package trait HDF5 there is no reader, and opening a file says so.
///
/// - Note: Cramer, Stradmann, Schemmel, Zenke, "The Heidelberg spiking data sets for the systematic
///   evaluation of spiking neural networks", IEEE TNNLS 33(7), 2022.
package final class SpikeFile {
  /// The latest time of a spike that is taken for one, in seconds. The longest recording of SHD has
  /// 1.4 s.
  package static let timeLimit = 60.0
  /// The units of the artificial cochlea.
  package static let unitCount = 700
  /// Whether a file is of this kind by its name.
  package static func isNamed(_ path: String) -> Bool {
    let name = path.lowercased()
    return [".h5", ".hdf5", ".h5.gz", ".hdf5.gz"].contains { name.hasSuffix($0) }
  }

  package let path: String
  /// The number of recordings.
  package let count: Int
  #if HDF5
    private let messages: SpikeMessages
  #endif
  private let units: Int
  private let classes: Int
  private var index = 0

  /// Opens a file, gzipped or not.
  ///
  /// - Parameters:
  ///   - unitCount: the units are in `0 ..< unitCount`, at most 65,536.
  ///   - classCount: the labels are in `0 ..< classCount`, at most 65,536.
  ///   - scratchFolder: where a gzipped file is unpacked to, for as long as it is read.
  /// - Throws: `missingLibrary`; `unreadableFile`; `damagedFile`, with what was found and what is
  ///   expected; `unwritableFile` if there is no room to unpack it.
  package init(
    _ path: String, unitCount: Int = SpikeFile.unitCount, classCount: Int, scratchFolder: String
  ) throws(CounterspikeError) {
    precondition((1...65536).contains(unitCount), "\(unitCount) units")
    precondition((1...65536).contains(classCount), "\(classCount) classes")
    try HDF5Tree.requireLibrary(for: path)
    self.path = path
    units = unitCount
    classes = classCount
    #if HDF5
      guard Gzip.isCompressed(try WholeFile.beginning(of: path, count: 2)) else {
        messages = try SpikeMessages(of: path, as: path)
        count = messages.count
        return
      }
      let plain = try Self.unpacked(path, in: scratchFolder)
      defer { try? FileManager.default.removeItem(atPath: plain) }
      messages = try SpikeMessages(of: plain, as: path)
      count = messages.count
    #else
      count = 0
    #endif
  }

  /// The next recording and its class; `nil` after the last one.
  ///
  /// - Throws: `damagedFile`, with recording, what was found and what is expected.
  /// - Complexity: O(n log n) for n spikes; O(n) if they are in the order of time.
  package func next() throws(CounterspikeError) -> (stream: EventStream, label: Int)? {
    #if HDF5
      guard let recording = try messages.next() else { return nil }
      defer { index += 1 }
      guard (0..<Int64(classes)).contains(recording.label) else {
        throw damaged("the label \(recording.label), where 0 … \(classes - 1) are expected")
      }
      return (try stream(recording.times, recording.units), Int(recording.label))
    #else
      return nil
    #endif
  }

  #if HDF5
    private func stream(
      _ times: [Double], _ columns: [Int32]
    ) throws(CounterspikeError) -> EventStream {
      var microseconds: [Int64] = []
      var x: [UInt16] = []
      microseconds.reserveCapacity(times.count)
      x.reserveCapacity(times.count)
      var isSorted = true
      for (spike, time) in times.enumerated() {
        // Not a number is outside, too.
        guard time >= 0, time <= Self.timeLimit else {
          throw damaged(
            "spike \(spike) at \(time) s, where 0 … \(Int(Self.timeLimit)) s are expected")
        }
        guard (0..<Int32(units)).contains(columns[spike]) else {
          throw damaged(
            "spike \(spike) of unit \(columns[spike]), where 0 … \(units - 1) are expected")
        }
        let rounded = Int64((time * 1e6).rounded())
        if let last = microseconds.last, rounded < last { isSorted = false }
        microseconds.append(rounded)
        x.append(UInt16(columns[spike]))
      }
      if !isSorted {
        // The index decides between equal times: the order then does not hang on the sorting method.
        let order = microseconds.indices.sorted { (microseconds[$0], $0) < (microseconds[$1], $1) }
        microseconds = order.map { microseconds[$0] }
        x = order.map { x[$0] }
      }
      return EventStream(
        unchecked: units, 1, microseconds, x, [UInt16](repeating: 0, count: x.count),
        [Bool](repeating: true, count: x.count))
    }

    private func damaged(_ problem: String) -> CounterspikeError {
      CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)”, recording \(index), has \(problem); check that it is the right file, "
          + "and fetch it again if it is")
    }

    /// Unpacks a gzipped file.
    ///
    /// - Returns: the new file's path.
    private static func unpacked(
      _ path: String, in folder: String
    ) throws(CounterspikeError) -> String {
      let size = WholeFile.status(of: path)?.size ?? 0
      let target = "\(folder)/unpacked-\(UUID().uuidString).h5"
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      do throws(CounterspikeError) {
        // The published files become about twice as large.
        try Gzip.unpack(path, to: target, limit: 16 << 20 + 32 * size)
      } catch {
        try? FileManager.default.removeItem(atPath: target)
        throw error
      }
      return target
    }
  #endif
}
