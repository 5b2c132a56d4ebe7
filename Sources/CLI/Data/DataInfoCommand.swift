internal import ArgumentParser
internal import CLIDrawing
internal import Counterspike
internal import CounterspikeData

struct DataInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "What a file of events, spikes, images or arrays holds.",
    discussion: """
      Recordings of events: .bin (N-MNIST), .dat (N-CARS), .aedat (2.0 and 3.1), .aedat4, .csv, .txt, .npy, \
      .npz. Arrays: .npy and .npz. Time series: .csv, .tsv and .txt. Images and labels: IDX files, gzipped or not; \
      .png and .jpg. Recordings of spikes: the HDF5 files of SHD and SSC, gzipped or not, where counterspike \
      was built with the trait HDF5.
      """)

  @Argument(help: "A file.")
  var path: String

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func run() throws {
    let file = try DataFile(path)
    let line: JSONLine
    switch file {
    case .events(let format, let stream):
      let on = stream.polarities.count { $0 }
      line = [
        "format": .string(format.rawValue), "width": .integer(stream.width),
        "height": .integer(stream.height), "events": .integer(stream.count),
        "on": .integer(on), "start": .integer(Int(stream.times.first ?? 0)),
        "duration": .integer(Int(stream.duration)),
        "notes": .array(stream.notes.texts.map { .string($0) }),
      ]
      if !json, stream.count == 0 {
        Console.line("\(format.rawValue): a recording without events")
      } else if !json {
        let share = (Double(on) / Double(stream.count)).percent
        Console.line(
          "\(format.rawValue): \(stream.count.grouped) events on \(stream.width)×\(stream.height) "
            + "pixels, \(share) of them ON")
        Console.line(
          "\(stream.duration.grouped) µs from the first event, at "
            + "\((stream.times.first ?? 0).grouped) µs, to the last")
      }
      if !json { for note in stream.notes.texts { Console.line(note) } }
    case .arrays(let arrays):
      line = try summary(of: arrays)
    case .series(let table):
      let (low, high) = (table.values.min() ?? 0, table.values.max() ?? 0)
      line = [
        "format": .string("series"), "steps": .integer(table.rows),
        "channels": .integer(table.columns),
        "names": .array((table.names ?? []).map { .string($0) }),
        "smallest": .number(Double(low)), "largest": .number(Double(high)),
      ]
      if !json {
        let names = table.names.map { " (\($0.joined(separator: ", ").excerpt))" } ?? ""
        Console.line(
          "time series: \(table.rows.counted("step")) of \(table.columns.counted("channel"))\(names), "
            + "\(low) to \(high)")
      }
    case .spikes(let file):
      line = try summary(of: file)
    case .image(let image):
      let header = image.header
      let (low, high) = (image.pixels.min() ?? 0, image.pixels.max() ?? 0)
      line = [
        "format": .string(header.format.rawValue), "width": .integer(header.width),
        "height": .integer(header.height), "channels": .integer(header.channels),
        "smallest": .integer(Int(low)), "largest": .integer(Int(high)),
      ]
      if !json {
        Console.line(
          "\(header.format.rawValue): \(header.width)×\(header.height) pixels, "
            + "\(header.channels == 1 ? "grey" : "colour"), \(low) to \(high)")
      }
    case .idx(let file):
      line = [
        "format": .string("IDX"), "shape": .array(file.dimensions.map { .integer($0) }),
        "smallest": .integer(Int(file.elements.min() ?? 0)),
        "largest": .integer(Int(file.elements.max() ?? 0)),
      ]
      if !json {
        Console.line(
          "IDX: \(file.dimensions.map { "\($0)" }.joined(separator: "×")) bytes, "
            + "\(file.elements.min() ?? 0) to \(file.elements.max() ?? 0)")
      }
    }
    if json { Console.line(line.description) }
  }

  /// Says what each array of a file is.
  private func summary(of arrays: [(name: String, array: NumPyArray)]) throws -> JSONLine {
    var items: [JSONLine.Value] = []
    for (name, array) in arrays {
      let values = try array.floats()
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      items.append(
        .object([
          "name": .string(name), "type": .string(array.typeText),
          "shape": .array(array.shape.map { .integer($0) }), "smallest": .number(Double(low)),
          "largest": .number(Double(high)),
        ]))
      if !json {
        Console.line(
          "NumPy: \(name.isEmpty ? "" : "\(name.excerpt), ")\(array.typeText) of shape "
            + "\(array.shape), \(low) to \(high)")
      }
    }
    return ["format": .string("NumPy"), "arrays": .array(items)]
  }

  /// Reads a whole file of spikes, and says what is in it.
  private func summary(of file: SpikeFile) throws -> JSONLine {
    var spikes = 0
    var longest: Int64 = 0
    var units = 0
    var labels: Set<Int> = []
    while let (stream, label) = try file.next() {
      spikes += stream.count
      longest = max(longest, stream.times.last ?? 0)
      units = max(units, stream.x.max().map { Int($0) + 1 } ?? 0)
      labels.insert(label)
    }
    if !json {
      Console.line(
        "HDF5: \(file.count.grouped) recordings of \(labels.count) classes, \(spikes.grouped) spikes "
          + "of units 0 to \(max(units - 1, 0))")
      Console.line("the latest spike at \(longest.grouped) µs from its recording's beginning")
    }
    return [
      "format": .string("HDF5"), "recordings": .integer(file.count),
      "classes": .integer(labels.count), "spikes": .integer(spikes), "units": .integer(units),
      "latest": .integer(Int(longest)),
    ]
  }
}
