import Counterspike
import CounterspikeData
import Foundation

/// The readers of files from outside, each of which must read whatever bytes it is given or throw a
/// `CounterspikeError` of one line that names the file.
enum Readers {
  typealias Reader = @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void

  /// By the names that Scripts/fuzz takes.
  static let all: [String: Reader] = {
    var readers: [String: Reader] = [
      "recipe": { bytes, path in
        // What is no UTF-8 is refused before.
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let recipe = try Recipe(yaml: text, source: path)
        let again = try Recipe(yaml: recipe.yaml, source: path)
        precondition(again == recipe, "a recipe reads back otherwise")
      },
      "safetensors": { bytes, path in _ = try SafeTensorsFile(bytes: bytes, name: path) },
      "json": { bytes, _ in
        guard let line = try? JSONParser.object(bytes[...]) else { return }
        let again = try JSONParser.object(Array(line.description.utf8)[...])
        precondition(again == line, "a line reads back otherwise")
      },
      "idx": { bytes, path in
        let content: IDXFile.Content = bytes.count % 2 == 0 ? .images : .labels
        let file = try IDXFile(bytes: bytes, path: path, content: content)
        precondition(file.elements.count == file.dimensions.reduce(1, *))
      },
      "gzip": { bytes, path in
        _ = try Gzip.content(of: bytes, expected: 300, limit: 1 << 16, file: path)
      },
      "array": { bytes, path in
        let array = try NumPyArray(bytes, path: path)
        let count = try array.floats().count
        precondition(count == array.count)
      },
      "table": { bytes, path in _ = try CSVTable(bytes, path: path) },
      "trials": { bytes, path in _ = try GestureLabels(bytes, path: path) },
      "image": { bytes, path in
        let header = try ImageFile.header(bytes, path: path)
        // What is large is so by its header alone, and takes its time.
        guard header.width * header.height <= 1 << 16 else { return }
        let file = try ImageFile(bytes, path: path)
        precondition(file.header == header)
      },
    ]
    for format in EventFormat.allCases {
      readers["events-\(format)"] = { bytes, path in
        let sensor = SensorSize(width: 128, height: 128)
        let stream = try format.read(
          bytes, path: path, sensor: bytes.count % 2 == 0 ? sensor : nil)
        precondition(stream.x.allSatisfy { $0 < stream.width }, "an event beside the sensor")
        precondition(stream.y.allSatisfy { $0 < stream.height }, "an event beside the sensor")
        precondition(
          zip(stream.times, stream.times.dropFirst()).allSatisfy { $0 <= $1 }, "time goes back")
      }
    }
    return readers
  }()

  /// - Throws: what is no `CounterspikeError`, and so ends the program.
  static func run(_ reader: Reader, on bytes: [UInt8]) throws {
    do {
      try reader(bytes, "the/file")
    } catch let error as CounterspikeError {
      precondition(!error.message.contains(where: \.isNewline), error.message)
      precondition(error.message.contains("the/file"), error.message)
    }
  }
}
