import Counterspike
import CounterspikeKernels
import Foundation
import Testing

/// Feeds a reader with damaged files.
///
/// `COUNTERSPIKE_FUZZ_CASES` sets the number of cases for each reader, 100,000 for a thorough run;
/// without it, each takes about a third of a second.
enum Fuzzing {
  static let environmentVariable = "COUNTERSPIKE_FUZZ_CASES"

  static let cases: Int? =
    ProcessInfo.processInfo.environment[environmentVariable].flatMap { Int($0) }

  /// The folder that seeds are written to, for fuzzing that is guided by coverage (Scripts/fuzz).
  static let seedFolder = ProcessInfo.processInfo.environment["COUNTERSPIKE_FUZZ_SEEDS"]

  private static func writeSeeds(_ seeds: [[UInt8]], for reader: String) {
    guard let seedFolder else { return }
    do {
      let folder = URL(fileURLWithPath: seedFolder).appending(path: reader)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for seed in seeds {
        let name = "seed-" + Checksum.sha256(seed).prefix(16)
        try Data(seed).write(to: folder.appending(path: name))
      }
    } catch {
      Issue.record("the seeds for \(reader) cannot be written: \(error)")
    }
  }

  /// Calls `read` with mutations of `seeds`; what it throws must name the file and the place.
  ///
  /// - Parameters:
  ///   - reader: what Scripts/fuzz calls it; `nil`: it is not fuzzed there.
  ///   - header: how many bytes at the beginning decide more than the others do.
  ///   - read: traps or throws another error than a `CounterspikeError` where it is wrong.
  static func run(
    _ seeds: [[UInt8]], number: UInt64, reader: String? = nil, header: Int = 80,
    sourceLocation: SourceLocation = #_sourceLocation,
    read: ([UInt8], String) throws -> Void
  ) {
    if let reader { writeSeeds(seeds, for: reader) }
    let start = ContinuousClock.now
    var refused = 0
    var index = 0
    while cases.map({ index < $0 })
      ?? (index < 50 || ContinuousClock.now - start < .milliseconds(300))
    {
      var random = RandomStream(seed: number, purpose: .noise, index)
      let seed = seeds[random.integer(below: seeds.count)]
      let bytes = mutated(seed, header: header, using: &random)
      index += 1
      do {
        try read(bytes, "the/file")
      } catch let error as CounterspikeError {
        refused += 1
        let message = error.message
        let hasPlace = ["byte", "has ", "begins with"].contains { message.contains($0) }
        if !message.contains("the/file") || !hasPlace || message.contains(where: \.isNewline) {
          Issue.record("case \(index): \(message)", sourceLocation: sourceLocation)
          return
        }
      } catch {
        Issue.record("case \(index): \(error)", sourceLocation: sourceLocation)
        return
      }
    }
    // Most damage is noticed, or the mutations are none.
    #expect(refused > 0 && index > 20, "\(refused) of \(index)", sourceLocation: sourceLocation)
  }

  /// Up to four changes: a bit, a byte, a word of extreme value, a cut, a repetition, an insertion.
  static func mutated(
    _ bytes: [UInt8], header: Int = 80, using random: inout RandomStream
  ) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.integer(below: 4) {
      guard !bytes.isEmpty else {
        bytes = [UInt8(random.integer(below: 256))]
        continue
      }
      let reach = random.integer(below: 2) == 0 ? min(bytes.count, header) : bytes.count
      let place = random.integer(below: reach)
      switch random.integer(below: 7) {
      case 0: bytes[place] ^= 1 << UInt8(random.integer(below: 8))
      case 1: bytes[place] = UInt8(random.integer(below: 256))
      case 2:
        let extremes: [UInt8] = [0x00, 0x7F, 0x80, 0xFF]
        for offset in place..<min(place + 4, bytes.count) {
          bytes[offset] = extremes[random.integer(below: 4)]
        }
      case 3: bytes.removeLast(bytes.count - place)
      case 4: bytes.remove(at: place)
      case 5:
        let end = min(bytes.count, place + 1 + random.integer(below: 40))
        bytes.insert(contentsOf: bytes[place..<end], at: random.integer(below: bytes.count))
      default: bytes.insert(UInt8(random.integer(below: 256)), at: place)
      }
    }
    return bytes
  }
}
