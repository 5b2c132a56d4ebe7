internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import Foundation

struct DataShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Draws a sample: an image, a recording, a time series or a point.",
    discussion: """
      A recording is drawn frame by frame, its time steps and microseconds below each frame; spikes of \
      units in a row are one picture, time to the right and units upwards. A time series has a line a \
      channel, a heat map for more than \(SeriesPicture.mostLines). A sample of yin-yang is a point in \
      the plane. In `mnist#7`, 7 is the sample's index, counted from 0.
      """)

  enum Split: String, ExpressibleByArgument, CaseIterable {
    case test
    case training
  }

  @Argument(
    help: ArgumentHelp(
      "A file of events or images, or a data set's name; then perhaps # and an index.",
      valueName: "file or name"))
  var subject: String

  @OptionGroup var place: DataFolderOption

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Shows a data set's sample as a recipe with this setting does, data.encoding.kind=saccades for "
        + "example; can be given several times.", valueName: "key.path=value"))
  var settings: [String] = []

  @Option(help: "Which samples of a data set: test or training.")
  var split = Split.test

  @Option(help: "Frames that a recording is drawn in, at most.")
  var frames = 6

  @Option(
    help: ArgumentHelp(
      "Writes a drawing with axes and key to this file instead.",
      valueName: "file.svg or .png"))
  var output: String?

  @OptionGroup var replacement: OverwriteOption
  @OptionGroup var quietness: QuietOption

  func validate() throws {
    if !(1...1000).contains(frames) {
      throw ValidationError("--frames is \(frames); allowed are 1 to 1000")
    }
    if let output, ![".svg", ".png"].contains(output.lowercased().suffix(4)) {
      throw ValidationError("--output is “\(output.excerpt)”; its name must end in .svg or .png")
    }
  }

  func run() throws {
    try replacement.check(output)
    let (title, picture) = try drawn()
    if let output {
      let canvas = picture.canvas(title: title)
      let isPNG = output.lowercased().hasSuffix(".png")
      try AtomicFile.write(isPNG ? try png(canvas) : Array(canvas.svg.utf8), to: output)
      if !quietness.quiet { Console.line("wrote \(output)") }
      return
    }
    if !quietness.quiet {
      for line in title.onOneLine.wrapped(toCells: Console.width) { Console.line(line) }
    }
    // What is wider is also higher than a screen.
    for line in picture.lines(columns: min(Console.width, 80), colours: Console.colours) {
      Console.raw(line + "\n")
    }
  }

  private func png(_ canvas: Canvas) throws -> [UInt8] {
    #if ImageFiles
      let (pixels, width, height) = canvas.raster()
      return try PNGFile.bytes(of: pixels, width: width, height: height)
    #else
      throw CounterspikeError(
        .missingData,
        "cannot write PNG files: this counterspike was built without the trait ImageFiles; name "
          + "a file that ends in .svg")
    #endif
  }

  private func drawn() throws -> (String, any Picture) {
    // The file itself first: a name may have a # of its own.
    if FileManager.default.fileExists(atPath: subject), settings.isEmpty {
      return try DataFile.shown(subject, index: nil, frames: frames)
    }
    var name = subject
    var index: Int?
    if let mark = subject.lastIndex(of: "#") {
      name = String(subject[..<mark])
      index = Int(subject[subject.index(after: mark)...])
      guard let index, index >= 0 else {
        throw ValidationError("“\(subject.excerpt)” has no index from 0 after the #")
      }
    }
    if FileManager.default.fileExists(atPath: name), settings.isEmpty {
      return try DataFile.shown(name, index: index, frames: frames)
    }
    guard DataCatalog.names.contains(name) else {
      let near = name.nearest(in: DataCatalog.names).map { "did you mean \($0)? " } ?? ""
      throw CounterspikeError(
        .unreadableFile,
        "there is no file “\(name.excerpt)” and no data set of that name; \(near)known are "
          + DataCatalog.names.joined(separator: ", "))
    }
    return try sample(of: name, index: index ?? 0)
  }

  private func sample(of name: String, index: Int) throws -> (String, any Picture) {
    let entry = try DataCatalog.entry(named: name)
    if entry.kind == .folder(.images), settings.isEmpty {
      // Its images need not be of one size to be looked at.
      let folder = try ClassFolder(entry, .images, folder: place.data)
      let images = split == .test ? folder.test : folder.training
      try Self.check(index, images.count, name)
      let image = images[index]
      return (
        "\(split.rawValue) sample \(index) of \(name), class \(image.label), "
          + "\(folder.classNames[image.label]), \(image.path)",
        ImagePicture(try ImageFile(contentsOf: image.path))
      )
    }
    let data = try data(name)
    let source = split == .test ? data.test : data.training
    try Self.check(index, source.count, name)
    let label = source.label(at: index)
    return (
      "\(split.rawValue) sample \(index) of \(name), class \(label), \(data.classNames[label])",
      ShownSample(source, index, of: data, kind: entry.kind).picture(frames: frames)
    )
  }

  private func data(_ name: String) throws -> DataSet {
    if settings.isEmpty {
      return try DataSet.load(named: name, folder: place.data, progress: quietness.progress)
    }
    let recipe = try Recipe(
      yaml: "data: {set: \(name)}", source: "the settings", overrides: settings)
    return try DataSet.load(recipe, folder: place.data, progress: quietness.progress)
  }

  static func check(_ index: Int, _ count: Int, _ name: String) throws {
    guard index < count else {
      throw ValidationError(
        count == 0
          ? "“\(name.excerpt)” has no samples"
          : "the index is \(index), and “\(name.excerpt)” has \(count.counted("sample")); allowed are "
            + "0 to \(count - 1)")
    }
  }
}
