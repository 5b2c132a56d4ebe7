internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats
internal import CounterspikeSamples
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
  /// What lies beside them and is no recording.
  let leftOut: LeftOut

  /// - Parameter source: how to get them, for messages.
  /// - Throws: `missingData` where there is not one recording.
  init(
    _ recordings: [Recording], _ form: DataCatalog.Recordings.Form, at path: String, source: String,
    leftOut: LeftOut = LeftOut()
  ) throws(CounterspikeError) {
    guard !recordings.isEmpty else {
      throw CounterspikeError(
        .missingData,
        "“\(path.excerpt)” has no recordings *.\(form.fileExtension), which should be in "
          + "\(form.layout.text); get them from \(source)")
    }
    self.path = path
    self.leftOut = leftOut
    format = form.format
    self.recordings = recordings.sorted {
      $0.name.utf8.elementsEqual($1.name.utf8)
        ? $0.label < $1.label : FolderListing.precedes($0.name, $1.name)
    }
  }

  /// The user's own, in their order, of any format.
  init(_ samples: [ClassFolder.Sample], at path: String) {
    self.path = path
    format = nil
    leftOut = LeftOut()
    recordings = samples.map {
      Recording(path: $0.path, name: $0.name, label: $0.label, status: $0.status)
    }
  }

  /// What was left out of several lists.
  static func remarks(_ lists: RecordingList?...) -> [String] {
    var all = LeftOut()
    for list in lists { if let list { all.add(list.leftOut) } }
    return all.remarks
  }

  /// All recordings, binned; from the cache if that has them.
  ///
  /// - Parameter name: of the file in the cache.
  /// - Throws: `unreadableFile`; `damagedFile`.
  func binned(
    _ binning: EventBinning, classCount: Int, cacheFolder: String, name: String
  ) throws(CounterspikeError) -> BinnedCache.Content {
    var sources: [String] = []
    for recording in recordings {
      let source = try BinnedCache.sourceText(recording.status, path: recording.path)
      let span = recording.span.map { " \($0.lowerBound)-\($0.upperBound)" } ?? ""
      sources.append("\(recording.label)/\(recording.name) \(source)\(span)")
    }
    let cache = BinnedCache(
      folder: cacheFolder, name: name, binning, format: format?.rawValue ?? "any", path: path,
      sources: sources)
    return try cache.recordings(binning, classCount: classCount) {
      let reader = reader(binning.sensor)
      return { () throws(CounterspikeError) in try reader.next() }
    }
  }

  func reader(_ sensor: SensorSize) -> RecordingReader {
    RecordingReader(self, sensor)
  }
}

/// Reads recordings one after the other; a file that holds several is read once.
///
/// A class: as a closure over variables, Swift 6.3's optimizer makes code of it that crashes where it is
/// inlined into a loop.
final class RecordingReader {
  private let list: RecordingList
  private let sensor: SensorSize
  private var index = 0
  /// The file of the last recording, where it may hold others.
  private var path: String?
  private var whole: EventStream?

  init(_ list: RecordingList, _ sensor: SensorSize) {
    self.list = list
    self.sensor = sensor
  }

  /// The next recording; `nil` after the last one.
  ///
  /// - Throws: `unreadableFile`, `damagedFile`.
  func next() throws(CounterspikeError) -> (stream: EventStream, label: Int)? {
    guard index < list.recordings.count else { return nil }
    let recording = list.recordings[index]
    index += 1
    guard let span = recording.span else {
      return (
        try EventStream(contentsOf: recording.path, format: list.format, sensor: sensor),
        recording.label
      )
    }
    let stream: EventStream
    if let whole, path == recording.path {
      stream = whole
    } else {
      stream = try EventStream(contentsOf: recording.path, format: list.format, sensor: sensor)
    }
    (path, whole) = (recording.path, stream)
    return (stream.part(from: span.lowerBound, to: span.upperBound), recording.label)
  }
}
