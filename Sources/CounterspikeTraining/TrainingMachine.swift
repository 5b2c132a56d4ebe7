internal import Counterspike
internal import CounterspikeKernels
internal import CounterspikeProducts
internal import Foundation

/// The machine that a process trains on: what speed depends on and, with few exceptions, no result.
package struct TrainingMachine: Sendable {
  /// The processor's name; `nil` where the system does not tell it as Linux does.
  package let processor: String?
  /// How many processors may be used.
  package let processors: Int
  /// Bytes of memory that the machine has.
  package let memory: Int
  package let system: String
  /// Threads of the training.
  package let workers: Int

  /// The most machines that a run remembers.
  static let remembered = 20

  package init(workers: Int) {
    let information = ProcessInfo.processInfo
    processor = Self.processor
    processors = information.activeProcessorCount
    memory = Int(clamping: information.physicalMemory)
    system = information.operatingSystemVersionString
    self.workers = workers
  }

  private static var processor: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// As a run's notes have it.
  var notes: JSONLine {
    [
      "processor": processor.map { .string($0) } ?? .null, "processors": .integer(processors),
      "memory": .integer(memory), "system": .string(system),
      "oneDNN": .string(OneDNN.version), "kernels": .string(InstructionSet.kernels),
      "counterspike": .string(CounterspikeVersion.text), "threads": .integer(workers),
    ]
  }

  /// The machines of a run's notes.
  static func all(_ notes: JSONLine) -> [JSONLine]? {
    guard case .array(let values) = notes["machines"] else { return nil }
    return values.compactMap { value in
      if case .object(let machine) = value { machine } else { nil }
    }
  }

  /// The machines of a run on one line each, as far as its notes can be read.
  ///
  /// - Parameter path: of the notes, `run.json`.
  package static func descriptions(_ path: String) -> [String] {
    guard let notes = (try? JSONLine.lines(in: path))?.first else { return [] }
    return (all(notes) ?? []).map(description)
  }

  /// The machine on one line, with the versions that it runs.
  package var description: String { Self.description(notes) }

  private static func description(_ notes: JSONLine) -> String {
    func text(_ key: String, _ words: (String) -> String) -> String? {
      notes[key]?.stringValue.map { words($0.excerpt) }
    }
    func count(_ key: String, _ word: String) -> String? {
      notes[key]?.integerValue.map { "\($0) \(word)\($0 == 1 ? "" : "s")" }
    }
    let memory = notes["memory"]?.doubleValue.map { bytes in
      "\((bytes / 1_073_741_824 * 10).rounded() / 10) GiB of memory"
    }
    return [
      text("processor") { $0 }, count("processors", "processor"), count("threads", "thread"),
      memory,
      text("system") { $0 }, text("counterspike") { "counterspike \($0)" },
      text("oneDNN") { "oneDNN \($0)" }, text("kernels") { "kernels for \($0)" },
    ].compactMap(\.self).joined(separator: ", ")
  }
}
