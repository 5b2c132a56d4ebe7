internal import Counterspike
internal import CounterspikeFormats

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
  package static let trainingList = "trials_to_train.txt"
  package static let testList = "trials_to_test.txt"

  /// What is expected in the data set's folder, for messages.
  package var text: String {
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
  package func has(_ path: String) -> Bool {
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
  package func isIn(_ folder: String) -> Bool {
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
