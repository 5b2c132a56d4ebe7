public import Counterspike
public import CounterspikeCatalog
internal import Foundation

extension DataCatalog.Entry {
  /// Bytes that the samples take in memory while they are trained on, those that a recipe leaves out
  /// included: files are read whole.
  ///
  /// Of recordings, which are packed, a byte a spike, it is an estimate; of those, and of
  /// batches of images, that are on this machine only what is there counts.
  ///
  /// - Parameter folder: the folder that must hold the files; `nil`: the usual places are searched.
  /// - Throws: `invalidRecipe` for settings that cannot be used.
  public func residentBytes(
    _ settings: DataSettings, timeSteps: Int, folder: String? = nil
  ) throws(CounterspikeError) -> Int {
    // As they are kept: what is encoded as spikes is encoded when it is read.
    var plain = settings
    plain.encoding = EncodingSettings()
    let size = try sampleShape(plain, timeSteps: timeSteps).reduce(1, *)
    let count = trainingCount + testCount
    let float = MemoryLayout<Float>.stride
    switch kind {
    case .imageBatches(let batches):
      return imageCount(batches, size, folder: folder) * (size + 1)
    case .images, .folder(.images):
      // A byte a pixel and a label.
      return count * (size + 1)
    case .generated: return count * (shape.reduce(1, *) * float + MemoryLayout<Int>.stride)
    case .series(let files): return count * files.steps * shape.reduce(1, *) * float
    case .folder(.series), .folder(.arrays):
      // As they are stored, whatever T is; a number in text has about as many bytes as in memory.
      return Self.storedBytes(in: folder)
    case .events(let recordings):
      return recordingCount(recordings, folder: folder) * packed(size)
    case .spikes, .folder(.events): return count * packed(size)
    }
  }

  /// Bytes of one packed recording: in N-MNIST about every fortieth bin of 3 ms has a spike.
  private func packed(_ bins: Int) -> Int { bins / 40 + MemoryLayout<Int>.stride + 2 }

  /// Bytes of all files in a folder and those inside it.
  private static func storedBytes(in folder: String?) -> Int {
    guard let folder = folder ?? DataLocator().environmentFolder,
      let paths = FileManager.default.enumerator(atPath: folder)
    else { return 0 }
    var bytes = 0
    for case let path as String in paths {
      guard let status = WholeFile.status(of: "\(folder)/\(path)"), status.isPlain else { continue }
      bytes += status.size
    }
    return bytes
  }

  /// The images in the files that there are, which may be a part of them, or all of the data set where none
  /// is on this machine.
  private func imageCount(
    _ batches: DataCatalog.ImageBatches, _ size: Int, folder: String?
  ) -> Int {
    guard let location = try? DataLocator(folder: folder).locate(self), !location.isPacked else {
      return trainingCount + testCount
    }
    let bytes = files.lazy.filter { location.names[$0.name] != nil }
      .compactMap { WholeFile.status(of: location.path(of: $0))?.size }
    return bytes.reduce(0, +) / (batches.labelBytes + size)
  }

  /// The recordings that there are, or all of the data set where none is on this machine.
  private func recordingCount(_ recordings: DataCatalog.Recordings, folder: String?) -> Int {
    guard let location = try? DataLocator(folder: folder).locate(self), !location.isPacked,
      let lists = try? recordings.lists(self, at: location)
    else { return trainingCount + testCount }
    return lists.training.recordings.count + (lists.test?.recordings.count ?? 0)
  }
}
