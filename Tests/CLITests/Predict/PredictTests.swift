import Foundation
import Testing

@Suite("predict")
struct PredictTests {
  /// The made-up test images, as they lie in their file, as an array of bytes.
  private static func images(_ count: Int) throws -> [UInt8] {
    let path = try "\(SmallRun.dataFolder)/emnist-mnist-test-images-idx3-ubyte"
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    let bytes = [UInt8](try file.read(upToCount: 16 + count * 784) ?? Data())
    // EMNIST's images are stored column by column.
    let pixels = (0..<count * 784).map { (place: Int) -> UInt8 in
      let (image, row, column) = (place / 784, place / 28 % 28, place % 28)
      return bytes[16 + image * 784 + column * 28 + row]
    }
    var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(count), 28, 28), }"
    while (header.utf8.count + 11) % 64 != 0 { header += " " }
    header += "\n"
    var array: [UInt8] = [0x93] + Array("NUMPY".utf8)
    array += [1, 0, UInt8(header.utf8.count), 0]
    return array + Array(header.utf8) + pixels
  }

  private func rows(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      .map { $0.map(String.init) }
  }

  @Test("gives the scores and spikes of evaluate, digit for digit")
  func sameAsEvaluate() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    try run.folder.write(Self.images(64), to: "new.npy")
    let evaluated = try await run.run(
      "evaluate", "run", "--data", SmallRun.dataFolder, "--predictions", "e.csv", "--quiet")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let predicted = try await run.run("predict", "run", "new.npy", "--csv")
    #expect(predicted.status == 0, "\(predicted.errors)")
    let wanted = rows(try run.folder.text("e.csv"))
    let found = rows(predicted.output)
    #expect(found.count == 65 && wanted.count == 65)
    #expect(found[0].suffix(20) == wanted[0].suffix(20))
    for (ours, theirs) in zip(found, wanted).dropFirst() {
      #expect(ours.suffix(20) == theirs.suffix(20))
      #expect(ours[2] == theirs[2], "the class")
    }
    #expect(Set(found.map { $0[2] }).count > 2, "one class for all says nothing")
  }

  @Test("tells class, score, runner-up and time of decision as text and JSON")
  func forms() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    try run.folder.write(Self.images(16), to: "new.npy")
    let text = try await run.run("predict", "run", "new.npy")
    #expect(text.output.contains("new.npy [15]: ") && text.output.contains(" of 3\n"))
    #expect(text.output.contains("µs a time step"))
    let quiet = try await run.run("predict", "run", "new.npy", "--quiet")
    #expect(!quiet.output.contains("µs"))
    let outcome = try await run.run("predict", "run", "new.npy", "new.npy", "--json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let predictions = try #require(object["predictions"] as? [[String: Any]])
    #expect(predictions.count == 32)
    for prediction in predictions {
      let scores = try #require(prediction["scores"] as? [Double]).sorted()
      #expect(prediction["score"] as? Double == scores[9])
      #expect(prediction["runnerUpScore"] as? Double == scores[8])
      // Where no class is ahead of another, nothing was decided.
      let decided = prediction["decidedAt"] as? Int
      #expect(scores[0] == scores[9] ? decided == nil : (1...3).contains(decided ?? 0))
    }
    #expect(predictions.contains { $0["decidedAt"] is Int })
  }

  @Test("says in one line what cannot be predicted")
  func refusals() async throws {
    let run = try SmallRun()
    try await run.trainSmall()
    try run.folder.write([], to: "empty.png")
    try run.folder.write(Self.images(1).dropLast(5), to: "short.npy")
    for (arguments, words) in [
      (["run", "empty.png"], "“empty.png” is empty"), (["run", "short.npy"], "truncated"),
      (["run", "missing.png"], "“missing.png”"), (["run", "small.yaml"], "no PNG, JPEG or NumPy"),
      (["run"], "file"), (["run", "-", "-"], "only once"),
      (["run", "empty.png", "--json", "--csv"], "exclude each other"),
    ] {
      let outcome = try await Command.run(["predict"] + arguments, in: run.folder)
      #expect(outcome.status != 0 && outcome.output.isEmpty)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }
}
