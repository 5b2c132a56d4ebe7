internal import Counterspike
internal import Foundation

extension DataCatalog.Recordings {
  /// How the files of recordings are laid out in a folder.
  public enum Layout: Sendable, Equatable {
    /// A folder for each part, and in it one for each class.
    case classFolders(training: String, test: String, classes: [String])
    /// A folder for each class, and no official parts.
    case undivided(classes: [String])
    /// As DVS128 Gesture is published: recordings of several trials, beside each of them its
    /// labels, `NAME_labels.csv`, and two lists of names, `trials_to_train.txt` and
    /// `trials_to_test.txt`.
    case gestureTrials
    /// As Tonic passes DVS128 Gesture on: a folder for each part, in it one for each recording, and
    /// in that a file for each trial, named by its class, which is counted from 0.
    case numberedTrials(training: String, test: String)
  }
}

extension DataCatalog.Recordings.Layout {
  static let trainingList = "trials_to_train.txt"
  static let testList = "trials_to_test.txt"

  /// What is expected in the data set's folder, for messages.
  var text: String {
    switch self {
    case .classFolders(let training, let test, let classes):
      "the folders \(training) and \(test), each with folders \(Self.some(classes))"
    case .undivided(let classes): "the folders \(Self.some(classes))"
    case .gestureTrials: "the recordings that \(Self.trainingList) and \(Self.testList) name"
    case .numberedTrials(let training, let test): "the folders \(training) and \(test)"
    }
  }

  private static func some(_ names: [String]) -> String {
    names.count > 4
      ? "\(names[0]), \(names[1]), … \(names[names.count - 1])" : names.joined(separator: ", ")
  }

  /// Whether a file of an archive belongs to such a layout.
  ///
  /// - Parameter path: in the data set's folder.
  func has(_ path: String) -> Bool {
    if path.split(separator: "/").contains(where: { FolderListing.isPassedOver(String($0)) }) {
      return false
    }
    switch self {
    case .classFolders(let training, let test, _), .numberedTrials(let training, let test):
      return path.hasPrefix(training + "/") || path.hasPrefix(test + "/")
    case .undivided(let classes): return classes.contains { path.hasPrefix($0 + "/") }
    case .gestureTrials: return !path.contains("/")
    }
  }

  /// Whether `folder` is laid out like this.
  func isIn(_ folder: String) -> Bool {
    func has(_ name: String, isFolder: Bool) -> Bool {
      WholeFile.status(of: "\(folder)/\(name)").map { $0.isFolder == isFolder } ?? false
    }
    switch self {
    case .classFolders(let training, let test, _), .numberedTrials(let training, let test):
      return has(training, isFolder: true) && has(test, isFolder: true)
    case .undivided(let classes):
      return classes.allSatisfy { has($0, isFolder: true) }
    case .gestureTrials:
      return has(Self.trainingList, isFolder: false) && has(Self.testList, isFolder: false)
    }
  }
}

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
    let text = String(decoding: try WholeFile.bytes(of: path), as: UTF8.self)
    var recordings: [RecordingList.Recording] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let name = line.trimmingCharacters(in: .whitespaces)
      if name.isEmpty { continue }
      guard name.hasSuffix(".\(fileExtension)"), !name.contains("/") else {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerptOfPath)” has the line “\(name.excerptOfFile)”, where the name of a recording, "
            + "*.\(fileExtension), is expected; put the original file in its place")
      }
      let stem = name.dropLast(fileExtension.count + 1)
      guard let whole = recording("\(folder)/\(name)", name: name, label: 0).first else { continue }
      let labels = try GestureLabels(contentsOf: "\(folder)/\(stem)_labels.csv")
      for (number, trial) in labels.trials.enumerated() {
        guard (1...11).contains(trial.label) else {
          throw CounterspikeError(
            .damagedFile,
            "“\("\(folder)/\(stem)_labels.csv".excerptOfPath)” has the class \(trial.label), where "
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
