internal import Counterspike
internal import Foundation

/// Recordings in their order: by name, of equal names by class; not in the file system's.
struct RecordingList {
  /// A file, or a stretch of time in one.
  struct Recording {
    let path: String
    /// What it is ordered by.
    let name: String
    let label: Int
    let status: WholeFile.Status
    /// The time that is the recording, in the file's microseconds; `nil`: all of it.
    var span: Range<Int64>?
  }

  /// Where they are, for messages.
  let path: String
  /// `nil`: found by each file's first bytes and name.
  let format: EventFormat?
  let recordings: [Recording]

  /// - Parameter source: how to get them, for messages.
  /// - Throws: `missingData` where there is not one recording.
  init(
    _ recordings: [Recording], _ form: DataCatalog.Recordings.Form, at path: String, source: String
  ) throws(CounterspikeError) {
    guard !recordings.isEmpty else {
      throw CounterspikeError(
        .missingData,
        "\(path) has no recordings *.\(form.fileExtension), which should be in \(form.layout.text); "
          + "get them from \(source).")
    }
    self.path = path
    format = form.format
    // By bytes: the order of text depends on the system's tables.
    self.recordings = recordings.sorted {
      $0.name == $1.name
        ? $0.label < $1.label : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
  }

  /// The user's own, in their order, of any format.
  init(_ samples: [ClassFolder.Sample], at path: String) {
    self.path = path
    format = nil
    recordings = samples.compactMap { sample in
      WholeFile.status(of: sample.path).map {
        Recording(path: sample.path, name: sample.name, label: sample.label, status: $0)
      }
    }
  }

  /// All recordings, binned; from the cache if that has them.
  ///
  /// - Parameter name: of the file in the cache.
  /// - Throws: `unreadableFile`; `damagedFile`.
  func binned(
    _ binning: EventBinning, classCount: Int, cacheFolder: String, name: String
  ) throws(CounterspikeError) -> (runs: SpikeRuns, labels: [UInt16]) {
    let cache = BinnedCache(
      folder: cacheFolder, name: name, binning, format: format?.rawValue ?? "any", path: path,
      sources: recordings.map { recording in
        let status = recording.status
        let span = recording.span.map { " \($0.lowerBound)-\($0.upperBound)" } ?? ""
        return "\(recording.label)/\(recording.name) \(status.size) \(status.modified)\(span)"
      })
    return try cache.recordings(binning, classCount: classCount) { reader(binning.sensor) }
  }

  /// Reads the recordings one after the other; a file that holds several is read once.
  ///
  /// - Returns: what throws `unreadableFile` and `damagedFile`.
  func reader(_ sensor: SensorSize) -> BinnedCache.NextRecording {
    var index = 0
    var whole: (path: String, stream: EventStream)?
    return { () throws(CounterspikeError) -> (stream: EventStream, label: Int)? in
      guard index < recordings.count else { return nil }
      let recording = recordings[index]
      index += 1
      let stream: EventStream
      if let whole, whole.path == recording.path {
        stream = whole.stream
      } else {
        stream = try EventStream(contentsOf: recording.path, format: format, sensor: sensor)
        whole = recording.span == nil ? nil : (recording.path, stream)
      }
      let part = recording.span.map { stream.part(from: $0.lowerBound, to: $0.upperBound) }
      return (part ?? stream, recording.label)
    }
  }
}
