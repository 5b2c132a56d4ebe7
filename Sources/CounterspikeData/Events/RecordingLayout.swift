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
    switch self {
    case .classFolders(let training, let test, _), .numberedTrials(let training, let test):
      path.hasPrefix(training + "/") || path.hasPrefix(test + "/")
    case .undivided(let classes): classes.contains { path.hasPrefix($0 + "/") }
    case .gestureTrials: !path.contains("/")
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
    func list(_ found: [RecordingList.Recording], _ name: String)
      throws(CounterspikeError) -> RecordingList
    {
      try RecordingList(
        found, self, at: name.isEmpty ? folder : "\(folder)/\(name)", source: source)
    }
    switch layout {
    case .classFolders(let training, let test, let classes):
      return (
        try list(inClassFolders("\(folder)/\(training)", classes), training),
        try list(inClassFolders("\(folder)/\(test)", classes), test)
      )
    case .undivided(let classes):
      return (try list(inClassFolders(folder, classes), ""), nil)
    case .gestureTrials:
      typealias Layout = DataCatalog.Recordings.Layout
      return (
        try list(trials(in: folder, list: Layout.trainingList), Layout.trainingList),
        try list(trials(in: folder, list: Layout.testList), Layout.testList)
      )
    case .numberedTrials(let training, let test):
      return (
        try list(numbered("\(folder)/\(training)"), training),
        try list(numbered("\(folder)/\(test)"), test)
      )
    }
  }

  private func inClassFolders(
    _ folder: String, _ classes: [String]
  ) throws(CounterspikeError) -> [RecordingList.Recording] {
    var recordings: [RecordingList.Recording] = []
    for (label, name) in classes.enumerated() {
      // Of a subset, whole classes may be missing.
      if WholeFile.status(of: "\(folder)/\(name)") == nil { continue }
      for file in try names(in: "\(folder)/\(name)") {
        recordings += recording("\(folder)/\(name)/\(file)", name: file, label: label)
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
          "\(path) has the line “\(name.excerptOfFile)”, where the name of a recording, "
            + "*.\(fileExtension), is expected; put the original file in its place.")
      }
      let stem = name.dropLast(fileExtension.count + 1)
      guard let whole = recording("\(folder)/\(name)", name: name, label: 0).first else { continue }
      let labels = try GestureLabels(contentsOf: "\(folder)/\(stem)_labels.csv")
      for (number, trial) in labels.trials.enumerated() {
        guard (1...11).contains(trial.label) else {
          throw CounterspikeError(
            .damagedFile,
            "\(folder)/\(stem)_labels.csv has the class \(trial.label), where 1 … 11 are expected; "
              + "put the original file in its place.")
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

  private func numbered(_ folder: String) throws(CounterspikeError) -> [RecordingList.Recording] {
    var recordings: [RecordingList.Recording] = []
    for name in try names(in: folder) {
      guard WholeFile.status(of: "\(folder)/\(name)")?.isFolder == true else { continue }
      for file in try names(in: "\(folder)/\(name)") {
        guard let label = Int(file.dropLast(fileExtension.count + 1)), (0..<11).contains(label)
        else { continue }
        recordings += recording(
          "\(folder)/\(name)/\(file)", name: "\(name)/\(file)", label: label)
      }
    }
    return recordings
  }

  private func names(in folder: String) throws(CounterspikeError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw CounterspikeError(
        .unreadableFile, "\(folder) cannot be read; check its permissions.", cause: error)
    }
  }

  /// The file at `path`, if it is a recording.
  private func recording(_ path: String, name: String, label: Int) -> [RecordingList.Recording] {
    guard name.lowercased().hasSuffix(".\(fileExtension)"),
      let status = WholeFile.status(of: path), !status.isFolder
    else { return [] }
    return [RecordingList.Recording(path: path, name: name, label: label, status: status)]
  }
}
