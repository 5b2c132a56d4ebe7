package import Counterspike
internal import Foundation

/// The user's own images: in a folder, `train/CLASS/*.png` and `test/CLASS/*.png`, or .jpg.
package struct ImageFolder {
  package struct Image: Sendable {
    package let path: String
    package let name: String
    package let label: Int
  }

  /// The names of the two parts, and those that their folders may have.
  static let partNames = [("train", ["train", "training"]), ("test", ["test", "testing"])]

  /// Labels are bytes.
  private static let classLimit = 256

  package let path: String
  /// The names of the folders in the training part, in the order of their bytes.
  package let classNames: [String]
  /// In the order of the bytes of their names and, for equal names, classes.
  package let training: [Image]
  package let test: [Image]

  /// Lists the folder that `location` has of `entry`.
  ///
  /// - Throws: `missingData` where a part, or a class in training, has no images; `damagedFile` for
  ///   a class that only the test part has, and for too many; `unreadableFile`.
  package init(
    _ entry: DataCatalog.Entry, at location: DataLocator.Location
  ) throws(CounterspikeError) {
    path = location.folder
    func folder(_ part: Int) -> String {
      let (name, _) = Self.partNames[part]
      return "\(location.folder)/\(location.names[name] ?? name)"
    }
    classNames = try Self.folders(in: folder(0))
    guard (1...Self.classLimit).contains(classNames.count) else {
      throw CounterspikeError(
        .missingData,
        "\(folder(0)) has \(classNames.count) folders, where one for each class is expected, 1 to "
          + "\(Self.classLimit); use \(entry.source).")
    }
    let other = try Self.folders(in: folder(1)).first { [classNames] in !classNames.contains($0) }
    if let other {
      throw CounterspikeError(
        .damagedFile,
        "\(folder(1)) has the folder \(other.excerpt), and \(folder(0)) has none of that name; the "
          + "classes are those of the training images: add some, or remove it.")
    }
    training = try Self.images(in: folder(0), classNames, areAllNeeded: true)
    test = try Self.images(in: folder(1), classNames, areAllNeeded: false)
  }

  /// Lists the folder that the user names, or that the environment does.
  ///
  /// - Throws: as ``init(_:at:)``; `missingData` where there is none.
  package init(_ entry: DataCatalog.Entry, folder: String?) throws(CounterspikeError) {
    let location = try DataSet.find(entry, locator: DataLocator(folder: folder), progress: nil)
    self = try ImageFolder(entry, at: location)
  }

  /// The names of the folders in `path`, hidden ones left out.
  private static func folders(in path: String) throws(CounterspikeError) -> [String] {
    try names(in: path).filter {
      !$0.hasPrefix(".") && WholeFile.status(of: "\(path)/\($0)")?.isFolder == true
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func names(in path: String) throws(CounterspikeError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw CounterspikeError(
        .unreadableFile, "\(path) cannot be read; check its permissions.", cause: error)
    }
  }

  private static func images(
    in path: String, _ classNames: [String], areAllNeeded: Bool
  ) throws(CounterspikeError) -> [Image] {
    let endings = ImageFile.fileExtensions
    var images: [Image] = []
    for (label, folder) in classNames.enumerated() {
      let place = "\(path)/\(folder)"
      guard areAllNeeded || WholeFile.status(of: place) != nil else { continue }
      let before = images.count
      for name in try names(in: place) where !name.hasPrefix(".") {
        let ending = name.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
        if name.contains("."), endings.contains(ending.lowercased()) {
          images.append(Image(path: "\(place)/\(name)", name: name, label: label))
        }
      }
      guard !areAllNeeded || images.count > before else { throw empty(place) }
    }
    guard !images.isEmpty else { throw empty(path) }
    // By bytes: the order of text depends on the system's tables.
    return images.sorted {
      $0.name == $1.name
        ? $0.label < $1.label : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
  }

  private static func empty(_ path: String) -> CounterspikeError {
    CounterspikeError(
      .missingData,
      "\(path) has no images, which are files *."
        + ImageFile.fileExtensions.joined(separator: ", *.") + "; add some, or remove it.")
  }
}

/// The shape that all samples of a folder get, and images brought to it.
struct ImageForm {
  private let settings: ImageSettings
  /// What all others have to be like where the settings do not say.
  private let first: String
  private let header: ImageFile.Header

  /// `[C, H, W]`
  var shape: [Int] {
    [
      settings.channels ?? header.channels, settings.size ?? header.height,
      settings.size ?? header.width,
    ]
  }

  /// Decides by the settings and the first image.
  init(_ settings: ImageSettings, first: ImageFolder.Image) throws(CounterspikeError) {
    self.settings = settings
    self.first = first.path
    header = try ImageFile.header(try WholeFile.bytes(of: first.path), path: first.path)
    try check(header, path: first.path)
  }

  /// The pixels of a file, shape `[C, H, W]`.
  func pixels(of image: ImageFolder.Image) throws(CounterspikeError) -> [UInt8] {
    let file = try ImageFile(contentsOf: image.path)
    try check(file.header, path: image.path)
    return file.sample(size: settings.size, channels: shape[0])
  }

  private func check(
    _ found: ImageFile.Header, path: String
  ) throws(CounterspikeError) {
    if let size = settings.size {
      guard min(found.width, found.height) >= size else {
        throw CounterspikeError(
          .damagedFile,
          "\(path) has \(found.width)×\(found.height) pixels, less than data.images.size (\(size)); "
            + "images are not made larger: choose a smaller size, or remove it.")
      }
    } else {
      guard found.width == header.width, found.height == header.height else {
        throw CounterspikeError(
          .damagedFile,
          "\(path) has \(found.width)×\(found.height) pixels, and \(first) has "
            + "\(header.width)×\(header.height); set data.images.size to the side that all are to "
            + "get.")
      }
    }
    guard settings.channels != nil || found.channels == header.channels else {
      throw CounterspikeError(
        .damagedFile,
        "\(path) has \(found.channels) channels, and \(first) has \(header.channels); set "
          + "data.images.channels to 1 (grey) or 3 (coloured) for all.")
    }
  }
}
