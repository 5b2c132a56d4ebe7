internal import Counterspike
internal import CounterspikeFormats

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
  init(_ settings: ImageSettings, first: ClassFolder.Sample) throws(CounterspikeError) {
    self.settings = settings
    self.first = first.path
    header = try ImageFile.header(
      try WholeFile.bytes(of: first.path, as: .image), path: first.path)
    try check(header, path: first.path)
  }

  /// The pixels of a file, shape `[C, H, W]`, and whether some of them are transparent.
  func pixels(
    of image: ClassFolder.Sample
  ) throws(CounterspikeError) -> (values: [UInt8], isTransparent: Bool) {
    let file = try ImageFile(contentsOf: image.path)
    try check(file.header, path: image.path)
    return (file.sample(size: settings.size, channels: shape[0]), file.isTransparent)
  }

  private func check(
    _ found: ImageFile.Header, path: String
  ) throws(CounterspikeError) {
    if let size = settings.size {
      guard min(found.width, found.height) >= size else {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)” has \(found.width)×\(found.height) pixels, less than data.images.size (\(size)); "
            + "images are not made larger: choose a smaller size, or remove it")
      }
    } else {
      guard found.width == header.width, found.height == header.height else {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)” has \(found.width)×\(found.height) pixels, and “\(first.excerpt)” has "
            + "\(header.width)×\(header.height); set data.images.size to the side that all are to "
            + "get")
      }
    }
    guard settings.channels != nil || found.channels == header.channels else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” has \(found.channels) channels, and “\(first.excerpt)” has \(header.channels); set "
          + "data.images.channels to 1 (grey) or 3 (coloured) for all")
    }
  }
}
