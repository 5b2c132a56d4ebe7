import Counterspike
import CounterspikeData
import Testing

@Suite("Chosen and held-back samples")
struct SelectionTests {
  /// 5,000 training samples of three classes, 1,667 or 1,666 of each.
  static func load(
    seed: UInt64 = 1, _ change: (inout DataSettings) -> Void
  ) throws -> DataSet {
    var settings = DataSettings()
    settings.set = "yin-yang"
    change(&settings)
    return try DataSet.load(settings, seed: seed)
  }

  static func samples(_ source: (any SampleSource)?) throws -> Set<[Float]> {
    let source = try #require(source)
    return Set((0..<source.count).map { source.values($0) + [Float(source.label(at: $0))] })
  }

  @Test("divide the training samples class by class, and leave the test samples alone")
  func validation() throws {
    let whole = try Self.load { _ in }
    #expect(whole.validation == nil)
    let data = try Self.load { $0.validation = 0.1 }
    let held = try #require(data.validation)
    #expect(held.count == 501 && data.training.count == 4499 && data.test.count == 1000)
    let training = try Self.samples(data.training)
    let validation = try Self.samples(held)
    #expect(training.isDisjoint(with: validation))
    #expect(try training.union(validation) == Self.samples(whole.training))
    #expect(try Self.samples(data.test) == Self.samples(whole.test))
    for label in 0..<3 {
      #expect((0..<held.count).count { held.label(at: $0) == label } == 167)
    }
  }

  @Test("are drawn by the seed")
  func seeds() throws {
    let first = try Self.load(seed: 1) { $0.validation = 0.2 }
    let again = try Self.load(seed: 1) { $0.validation = 0.2 }
    let other = try Self.load(seed: 2) { $0.validation = 0.2 }
    #expect(try Self.samples(first.validation) == Self.samples(again.validation))
    #expect(try Self.samples(first.validation) != Self.samples(other.validation))
  }

  @Test("are of each class equally many")
  func balanced() throws {
    let data = try Self.load {
      $0.trainingLimit = 32
      $0.testLimit = 6
      $0.selection = .balanced
      $0.validation = 0.5
    }
    let counts = (0..<3).map { label in
      (0..<32).count { data.training.label(at: $0) == label }
    }
    #expect(data.training.count == 32 && counts == [11, 11, 10])
    #expect((0..<6).map { data.test.label(at: $0) }.sorted() == [0, 0, 1, 1, 2, 2])
    #expect(try Self.samples(data.training).isDisjoint(with: Self.samples(data.validation)))
  }

  @Test("of a class that has too few are made up for by the others")
  func scarce() throws {
    let source = TensorSource(
      samples: Tensor(shape: [7, 1, 1, 1], scalars: (0..<7).map { Float($0) }),
      labels: [0, 1, 1, 1, 1, 2, 2], classCount: 3)
    let division = ClassDivision(source, seed: 5, part: .trainingLimit)
    let labels = division.balanced(6).map { source.label(at: $0) }
    #expect(labels == [0, 1, 1, 1, 2, 2])
    #expect(division.balanced(100) == Array(0..<7))
    let (rest, held) = division.holdingBack(0.5)
    #expect(held.count == 4 && (rest + held).sorted() == Array(0..<7))
  }

  @Test("keep the random transforms that they have in the whole set")
  func transforms() throws {
    let change: (inout DataSettings) -> Void = { $0.augmentation.cropPadding = 2 }
    let whole = try DataSetTests.load(change)
    let some = try DataSetTests.load {
      change(&$0)
      $0.validation = 0.5
    }
    #expect(some.training.count == 3)
    let all = (0..<6).map { whole.training.values($0, epoch: 3) }
    for index in 0..<3 { #expect(all.contains(some.training.values(index, epoch: 3))) }
    let validation = try #require(some.validation)
    for index in 0..<3 {
      #expect(validation.values(index, epoch: 3) == validation.values(index, epoch: 9))
    }
  }

  @Test("that leave nothing to train on or to judge by are refused")
  func nothing() {
    for share in [Float(0.99), 0.01] {
      let error = #expect(throws: CounterspikeError.self) {
        try DataSetTests.load { $0.validation = share }
      }
      #expect(error?.message.hasPrefix("data.validation is \(share), which leaves") == true)
    }
  }
}
