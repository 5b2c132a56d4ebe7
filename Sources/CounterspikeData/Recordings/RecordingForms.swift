internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats
internal import CounterspikeSamples
internal import Foundation

extension DataCatalog.Recordings.Form {
  /// The recordings in `folder`; without official parts all are in the first one.
  ///
  /// - Parameter source: how to get them, for messages.
  /// - Throws: `unreadableFile`; `damagedFile` for lists and labels that are not what they should
  ///   be; `missingData`.
  func recordings(
    in folder: String, source: String
  ) throws(CounterspikeError) -> (training: RecordingList, test: RecordingList?) {
    func list(
      _ name: String,
      _ find: (String, inout LeftOut) throws(CounterspikeError) -> [RecordingList.Recording]
    ) throws(CounterspikeError) -> RecordingList {
      let path = name.isEmpty ? folder : "\(folder)/\(name)"
      var leftOut = LeftOut()
      let found = try find(path, &leftOut)
      return try RecordingList(found, self, at: path, source: source, leftOut: leftOut)
    }
    func inClasses(_ name: String, _ classes: [String]) throws(CounterspikeError) -> RecordingList {
      try list(name) { (path, leftOut) throws(CounterspikeError) in
        try inClassFolders(path, classes, &leftOut)
      }
    }
    switch layout {
    case .classFolders(let training, let test, let classes):
      return (try inClasses(training, classes), try inClasses(test, classes))
    case .undivided(let classes): return (try inClasses("", classes), nil)
    case .gestureTrials:
      func trials(_ name: String) throws(CounterspikeError) -> RecordingList {
        try list(name) { (_, _) throws(CounterspikeError) in try self.trials(in: folder, list: name)
        }
      }
      typealias Layout = DataCatalog.Recordings.Layout
      return (try trials(Layout.trainingList), try trials(Layout.testList))
    case .numberedTrials(let training, let test):
      return (try list(training, numbered), try list(test, numbered))
    }
  }

  private func inClassFolders(
    _ folder: String, _ classes: [String], _ leftOut: inout LeftOut
  ) throws(CounterspikeError) -> [RecordingList.Recording] {
    let listing = try FolderListing(folder)
    leftOut.add(misplaced: listing, endings: [fileExtension])
    var recordings: [RecordingList.Recording] = []
    for (label, name) in classes.enumerated() {
      // Of a subset, whole classes may be missing.
      guard let inside = listing.folders.first(where: { $0.name == name }) else { continue }
      let files = leftOut.samples(in: try FolderListing(inside.path), endings: [fileExtension])
      recordings += files.map {
        RecordingList.Recording(path: $0.path, name: $0.name, label: label, status: $0.status)
      }
    }
    return recordings
  }

  /// Trials of the recordings that a list names; those that are not there are left out, as of a
  /// subset.
  private func trials(
    in folder: String, list: String
  ) throws(CounterspikeError) -> [RecordingList.Recording] {
    let path = "\(folder)/\(list)"
    let text = String(decoding: try WholeFile.bytes(of: path, as: .list), as: UTF8.self)
    var recordings: [RecordingList.Recording] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let name = line.trimmingCharacters(in: .whitespaces)
      if name.isEmpty { continue }
      guard name.hasSuffix(".\(fileExtension)"), !name.contains("/") else {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)” has the line “\(name.excerptOfFile)”, where the name of a recording, "
            + "*.\(fileExtension), is expected; put the original file in its place")
      }
      let stem = name.dropLast(fileExtension.count + 1)
      guard let whole = recording("\(folder)/\(name)", name: name, label: 0).first else { continue }
      let labels = try GestureLabels(contentsOf: "\(folder)/\(stem)_labels.csv")
      for (number, trial) in labels.trials.enumerated() {
        guard (1...11).contains(trial.label) else {
          throw CounterspikeError(
            .damagedFile,
            "“\("\(folder)/\(stem)_labels.csv".excerpt)” has the class \(trial.label), where "
              + "1 … 11 are expected; put the original file in its place")
        }
        let place = number < 10 ? "0\(number)" : "\(number)"
        recordings.append(
          RecordingList.Recording(
            path: whole.path, name: "\(stem)#\(place)", label: trial.label - 1,
            status: whole.status, span: trial.start..<trial.end))
      }
    }
    return recordings
  }

  private func numbered(
    _ folder: String, _ leftOut: inout LeftOut
  ) throws(CounterspikeError) -> [RecordingList.Recording] {
    let listing = try FolderListing(folder)
    leftOut.add(misplaced: listing, endings: [fileExtension])
    var recordings: [RecordingList.Recording] = []
    for trial in listing.folders {
      let files = leftOut.samples(in: try FolderListing(trial.path), endings: [fileExtension])
      for file in files {
        guard let label = Int(file.name.dropLast(fileExtension.count + 1)), (0..<11).contains(label)
        else { continue }
        recordings.append(
          RecordingList.Recording(
            path: file.path, name: "\(trial.name)/\(file.name)", label: label,
            status: file.status))
      }
    }
    return recordings
  }

  /// The file at `path`, if it is a recording.
  private func recording(_ path: String, name: String, label: Int) -> [RecordingList.Recording] {
    guard name.lowercased().hasSuffix(".\(fileExtension)"),
      let status = WholeFile.status(of: path), !status.isFolder
    else { return [] }
    return [RecordingList.Recording(path: path, name: name, label: label, status: status)]
  }
}
