internal import Counterspike
internal import Foundation

/// The recordings of one part of a data set: a folder with one folder for each class.
struct RecordingFolder {
  struct Recording {
    let path: String
    let name: String
    let label: Int
    let status: WholeFile.Status
  }

  let path: String
  /// In the order of their names and, for equal names, classes; not in the file system's.
  let recordings: [Recording]

  /// - Throws: `unreadableFile`, or `missingData` where there is not one recording.
  init(
    _ path: String, _ entry: DataCatalog.Entry, _ kind: DataCatalog.Recordings
  ) throws(CounterspikeError) {
    var recordings: [Recording] = []
    for (label, folder) in kind.classFolders.enumerated() {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
      } catch {
        // Of a subset, whole classes may be missing.
        if WholeFile.status(of: "\(path)/\(folder)") == nil { continue }
        throw CounterspikeError(
          .unreadableFile, "\(path)/\(folder) cannot be read; check its permissions.",
          cause: error)
      }
      for name in names where name.lowercased().hasSuffix(".\(kind.fileExtension)") {
        let file = "\(path)/\(folder)/\(name)"
        guard let status = WholeFile.status(of: file), !status.isFolder else { continue }
        recordings.append(Recording(path: file, name: name, label: label, status: status))
      }
    }
    guard !recordings.isEmpty else {
      throw CounterspikeError(
        .missingData,
        "\(path) has no recordings of \(entry.title), which are *.\(kind.fileExtension) in folders "
          + "\(kind.classFolders.joined(separator: ", ")); get them from \(entry.source).")
    }
    self.path = path
    // By bytes: the order of text depends on the system's tables.
    self.recordings = recordings.sorted {
      $0.name == $1.name
        ? $0.label < $1.label : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
  }

  /// All recordings, binned; from the cache if that has them.
  ///
  /// - Throws: `unreadableFile`; `damagedFile`.
  func binned(
    _ binning: EventBinning, _ kind: DataCatalog.Recordings, classCount: Int, cache: BinnedCache
  ) throws(CounterspikeError) -> (runs: SpikeRuns, labels: [UInt16]) {
    let isBinary = binning.settings.values == .binary
    if let found = cache.read(isBinary: isBinary, size: binning.size, classCount: classCount) {
      return found
    }
    var runs = SpikeRuns(isBinary: isBinary, size: binning.size)
    var counts = [UInt8](repeating: 0, count: binning.size)
    for recording in recordings {
      let stream = try EventStream(
        contentsOf: recording.path, format: kind.format, sensor: kind.sensor)
      binning.count(stream, into: &counts)
      runs.append(counts)
    }
    let labels = recordings.map { UInt16($0.label) }
    cache.write(runs, labels: labels)
    return (runs, labels)
  }

  /// The place in the cache, and the key under which it is good.
  func cache(
    in folder: String, name: String, _ binning: EventBinning, _ format: EventFormat
  ) -> BinnedCache {
    BinnedCache(
      folder: folder, name: name, binning, format: format.rawValue, path: path,
      sources: recordings.map { recording in
        let status = recording.status
        return "\(recording.label)/\(recording.name) \(status.size) \(status.modified)"
      })
  }
}
