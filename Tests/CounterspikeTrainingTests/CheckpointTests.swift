import Counterspike
import CounterspikeTraining
import Foundation
import Testing

@Suite("A checkpoint")
struct CheckpointTests {
  private let temporary: TemporaryFolder
  private let path: String

  init() throws {
    temporary = try TemporaryFolder()
    path = temporary.file("a.safetensors")
  }

  /// The checkpoint of a trainer that stopped in its second epoch.
  private func checkpoint(_ training: TrainingCase = .plain) throws -> Checkpoint {
    let trainer = try training.trainer()
    var asked = 0
    try trainer.run(shouldStop: {
      asked += 1
      return asked > 7
    })
    return trainer.checkpoint()
  }

  /// A file like a checkpoint's, some of it changed.
  private func write(
    _ change: (inout [String: Tensor], inout [String: String]) -> Void
  ) throws {
    try checkpoint().write(to: path)
    let file = try SafeTensorsFile(contentsOf: path)
    var tensors: [String: Tensor] = [:]
    for name in file.entries.keys { tensors[name] = try file.tensor(name) }
    var metadata = file.metadata
    change(&tensors, &metadata)
    try SafeTensorsFile(tensors: tensors, metadata: metadata).write(to: path)
  }

  /// Reading the file fails with one line that names it.
  @discardableResult
  private func expectFailure(_ code: CounterspikeError.Code, _ reason: String) -> String {
    let error = #expect(throws: CounterspikeError.self) { try Checkpoint(contentsOf: path) }
    #expect(error?.code == code)
    let message = error?.message ?? ""
    #expect(message.contains(path) && message.contains(reason), "\(message)")
    #expect(!message.contains("\n"))
    return message
  }

  @Test("is read as it was written", arguments: TrainingCase.allCases)
  func roundTrip(training: TrainingCase) throws {
    let written = try checkpoint(training)
    try written.write(to: path)
    let read = try Checkpoint(contentsOf: path)
    #expect(read.recipe == written.recipe && read.inputShape == [1, 12, 12])
    #expect(
      read.weights == written.weights
        && read.parameters.filter { $0.hasSuffix(".weight") }
          == ["conv_1.weight", "dense_1.weight", "output.weight"]
    )
    #expect(read.step == 6 && read.completedEpochs == 1)
    #expect(read.best?.epoch == written.best?.epoch)
    #expect(read.best?.accuracy == written.best?.accuracy)
    let network = try read.network()
    #expect(try network.weights == written.network().weights)
    #expect((network.weights == written.weights) == (training != .roundedWeights))
    let again = temporary.file("b.safetensors")
    try read.write(to: again)
    #expect(try bytes(of: again) == bytes(of: path))
  }

  @Test("holds weights and moments under their layers' names")
  func contents() throws {
    try checkpoint().write(to: path)
    let adamW = try SafeTensorsFile(contentsOf: path)
    let layers = ["conv_1", "dense_1", "output"]
    #expect(
      Set(adamW.entries.keys)
        == Set(
          layers.flatMap { ["\($0).weight", "optimizer.first.\($0)", "optimizer.second.\($0)"] }))
    #expect(adamW.metadata["format"] == "counterspike checkpoint")
    #expect(adamW.metadata["version"] == "1")
    try checkpoint(.dropout).write(to: path)
    let sgd = try SafeTensorsFile(contentsOf: path)
    #expect(
      Set(sgd.entries.keys)
        == Set(layers.flatMap { ["\($0).weight", "optimizer.first.\($0)"] }))
  }

  @Test("is refused when it is cut off, wherever")
  func truncation() throws {
    try checkpoint().write(to: path)
    let whole = try bytes(of: path)
    var lengths = Array(0..<40)
    lengths += (1...40).map { $0 * whole.count / 41 }
    lengths.append(whole.count - 1)
    for length in lengths {
      try Data(whole[..<length]).write(to: URL(fileURLWithPath: path))
      expectFailure(.damagedFile, "download, copy or save it again")
    }
  }

  @Test("never stops the program, however its header is damaged", arguments: 0..<3 as Range<UInt64>)
  func fuzz(seed: UInt64) throws {
    try checkpoint().write(to: path)
    let whole = try bytes(of: path)
    let length = whole[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    var random = SeededGenerator(seed: seed)
    var refused = 0
    for _ in 0..<150 {
      var bytes = whole
      for _ in 0...Int.random(in: 0..<2, using: &random) {
        let place = Int.random(in: 0..<length + 8, using: &random)
        bytes[place] =
          Bool.random(using: &random)
          ? bytes[place] ^ 1 << UInt8.random(in: 0..<8, using: &random)
          : UInt8.random(in: UInt8(ascii: "0")...UInt8(ascii: "9"), using: &random)
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      do throws(CounterspikeError) {
        _ = try Checkpoint(contentsOf: path)
      } catch {
        refused += 1
        #expect(error.message.contains(path), "\(error.message)")
        #expect(!error.message.contains("\n"))
      }
    }
    // Much of the header is the recipe, where another number may be as good.
    #expect(refused > 50)
  }

  @Test(
    "is refused without one of its texts, or with one that cannot be",
    arguments: [
      "recipe", "inputShape", "epoch", "stepInEpoch", "step", "epochSamples", "epochCorrect",
      "epochLoss", "epochSpikes", "bestAccuracy",
    ])
  func metadata(key: String) throws {
    try write { $1[key] = nil }
    expectFailure(.damagedFile, "has no usable “\(key)”")
    guard key != "recipe" else { return }
    for text in ["", "x", "-1", "1e9999", "nan", "9223372036854775807", "1 2 3 4 5 6 7 8 9"] {
      if text == "" && key == "epochSpikes" { continue }
      if ["epochLoss", "bestAccuracy"].contains(key), Double(text)?.isFinite == true {
        continue
      }
      try write { $1[key] = text }
      expectFailure(.damagedFile, "has no usable “\(key)”")
    }
  }

  @Test("is refused with a recipe that cannot be, naming key and file")
  func recipe() throws {
    try write { $1["recipe"] = "network: {timeSteps: 0}" }
    let message = expectFailure(.invalidRecipe, "timeSteps")
    #expect(message.contains("the recipe in “\(path)”"))
    try write { $1["recipe"] = "netwerk: 5" }
    expectFailure(.invalidRecipe, "netwerk")
    try write { $1["inputShape"] = "1 4 4" }
    expectFailure(.invalidRecipe, "a 5×5 kernel is larger than its input of 4×4")
  }

  @Test("is refused with tensors that are missing or of another shape")
  func tensors() throws {
    for name in ["conv_1.weight", "optimizer.first.dense_1", "optimizer.second.output"] {
      try write { tensors, _ in tensors[name] = nil }
      expectFailure(.mismatch, "has no tensor “\(name)”")
      try write { tensors, _ in tensors[name] = Tensor(zeros: [3, 2]) }
      expectFailure(.mismatch, "“\(name)” in “\(path)” has shape [3, 2]")
    }
  }

  @Test("is refused with any single bit changed: in the header, and in weights and moments")
  func flippedBits() throws {
    try checkpoint().write(to: path)
    let whole = try bytes(of: path)
    let header = whole[..<8].reversed().reduce(0) { $0 << 8 | Int($1) } + 8
    var random = SeededGenerator(seed: 5)
    // Every byte of the header with a bit of it, and 300 bits of the data.
    let places =
      Array(0..<header)
      + (0..<300).map { _ in Int.random(in: header..<whole.count, using: &random) }
    var accepted: [Int] = []
    for place in places {
      var changed = whole
      changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try Data(changed).write(to: URL(fileURLWithPath: path))
      do throws(CounterspikeError) {
        _ = try Checkpoint(contentsOf: path)
        accepted.append(place)
      } catch {
        #expect(!error.message.contains("\n"))
        if place >= header { #expect(error.message.contains("was changed after it was written")) }
      }
    }
    #expect(accepted == [])
    // Both of the texts that tell of the checksum, bit by bit.
    for key in ["counterspike.checked", "counterspike.sha256"] {
      let start = try #require(whole.firstRange(of: Array("\"\(key)\":\"".utf8))).lowerBound
      for bit in 0..<(8 * (key.utf8.count + 12)) {
        var changed = whole
        changed[start + bit / 8] ^= 1 << UInt8(bit % 8)
        try Data(changed).write(to: URL(fileURLWithPath: path))
        #expect(throws: CounterspikeError.self) { _ = try Checkpoint(contentsOf: path) }
      }
    }
  }

  @Test("of before there were checksums is read, and so by who knows none")
  func withoutChecksum() throws {
    let written = try checkpoint()
    try write { _, _ in }
    #expect(try SafeTensorsFile(contentsOf: path).metadata["counterspike.sha256"] == nil)
    #expect(try Checkpoint(contentsOf: path).weights == written.weights)
  }

  @Test("is refused with values that are no numbers, in weights and moments")
  func notFinite() throws {
    for name in ["output.weight", "optimizer.second.conv_1"] {
      for value in [Float.nan, -.infinity] {
        try write { tensors, _ in tensors[name]?.scalars[1] = value }
        expectFailure(.damagedFile, "“\(name)”")
      }
    }
  }

  @Test("is refused in another version of the format")
  func version() throws {
    try write { $1["version"] = "2" }
    expectFailure(.mismatch, "is a checkpoint of format version 2, this program reads version 1")
    try write { $1["version"] = nil }
    expectFailure(.mismatch, "format version ?")
  }

  @Test("is not any other file")
  func others() throws {
    expectFailure(.unreadableFile, "No such file")
    try Data("epochs: 3\n".utf8).write(to: URL(fileURLWithPath: path))
    expectFailure(.damagedFile, path)
    try SafeTensorsFile(tensors: ["a": Tensor(zeros: [2])]).write(to: path)
    expectFailure(.mismatch, "is a safetensors file but no checkpoint of counterspike")
    try write { $1["format"] = "pt" }
    expectFailure(.mismatch, "is a safetensors file but no checkpoint of counterspike")
  }

  @Test("cannot be written where there is no folder")
  func unwritable() throws {
    let place = temporary.file("none/a.safetensors")
    let error = #expect(throws: CounterspikeError.self) { try checkpoint().write(to: place) }
    #expect(error?.code == .unwritableFile && error?.message.contains(place) == true)
  }
}
