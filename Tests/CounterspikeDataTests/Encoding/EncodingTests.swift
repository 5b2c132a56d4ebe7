import Counterspike
import CounterspikeData
import Testing

@Suite("Encoded samples")
struct EncodingTests {
  static func encoded(
    _ sample: [Float], shape: [Int], timeSteps: Int, seed: UInt64 = 1,
    _ change: (inout EncodingSettings) -> Void
  ) -> EncodedSet {
    let source = TensorSource(
      samples: Tensor(shape: [1] + shape, scalars: sample), labels: [0], classCount: 1)
    var settings = EncodingSettings()
    change(&settings)
    return EncodedSet(source, settings, timeSteps: timeSteps, seed: seed)
  }

  @Test("by rate fire as often as the value says, anew in every epoch")
  func rate() {
    let values: [Float] = [0, 0.25, 0.5, 1]
    let set = Self.encoded(values, shape: [4, 1, 1], timeSteps: 4000) {
      $0.kind = .rate
      $0.gain = 0.5
    }
    #expect(set.shape == [4000, 4, 1, 1])
    let spikes = set.values(0)
    #expect(spikes.allSatisfy { $0 == 0 || $0 == 1 })
    for (place, value) in values.enumerated() {
      let count = stride(from: place, to: spikes.count, by: 4).count { spikes[$0] == 1 }
      // Five standard deviations of 4,000 coins.
      let expected = 4000 * Double(value) / 2
      #expect(abs(Double(count) - expected) <= 5 * (expected * (1 - expected / 4000)).squareRoot())
    }
    #expect(set.values(0, epoch: 1) != spikes && set.values(0) == spikes)
  }

  @Test("by latency fire once, the earlier the larger the value")
  func latency() {
    let set = Self.encoded([1, 0.75, 0.5, 0.2, 0.1, 0], shape: [6, 1, 1], timeSteps: 5) {
      $0.kind = .latency
      $0.threshold = 0.1
    }
    let spikes = set.values(0)
    let times = (0..<6).map { place in (0..<5).filter { spikes[$0 * 6 + place] == 1 } }
    #expect(times == [[0], [1], [2], [3], [], []])
  }

  @Test("by change of an image that fades in, fire evenly, once for every threshold")
  func fading() {
    let set = Self.encoded([1, 0.5, 0.25, 0.05], shape: [1, 2, 2], timeSteps: 8) {
      $0.kind = .delta
      $0.threshold = 0.125
    }
    #expect(set.shape == [8, 1, 2, 2])
    let spikes = set.values(0)
    let times = (0..<4).map { place in (0..<8).filter { spikes[$0 * 4 + place] == 1 } }
    #expect(times == [[0, 1, 2, 3, 4, 5, 6, 7], [1, 3, 5, 7], [3, 7], []])
    // The smallest threshold that a recipe may have: whatever is not black fires at every step.
    let tiny = Self.encoded([1, 0], shape: [2, 1, 1], timeSteps: 3) {
      $0.kind = .delta
      $0.threshold = 1e-30
    }
    #expect(tiny.values(0) == [1, 0, 1, 0, 1, 0])
  }

  @Test("by change of a series fire on OFF and ON channels")
  func series() {
    // Two channels in five steps: one rises and falls back, the other creeps.
    let set = Self.encoded(
      [0, 0, 0.5, 0.125, 0.5, 0.25, 0, 0.375, 0, 0.5], shape: [5, 2, 1, 1], timeSteps: 5
    ) {
      $0.kind = .delta
      $0.threshold = 0.25
    }
    #expect(set.shape == [5, 4, 1, 1])
    let spikes = set.values(0)
    let times = (0..<4).map { place in (0..<5).filter { spikes[$0 * 4 + place] == 1 } }
    #expect(times == [[3], [], [1], [2, 4]])
  }

  @Test("by saccades have ON spikes where the moving image brightens, and OFF where it darkens")
  func saccades() throws {
    // A bright left half before a dark right half: the edge moves first to the right.
    let image = (0..<64).map { Float($0 % 8 < 4 ? 1 : 0) }
    let set = Self.encoded(image, shape: [1, 8, 8], timeSteps: 9) {
      $0.kind = .saccades
      $0.amplitude = 2
    }
    #expect(set.shape == [9, 2, 8, 8])
    let spikes = set.values(0)
    func count(_ steps: Range<Int>, _ channel: Int) -> Int {
      steps.reduce(0) { sum, step in
        sum
          + (0..<64).count {
            spikes[(step * 2 + channel) * 64 + $0] == 1 && $0 % 8 >= 3 && $0 % 8 < 6
          }
      }
    }
    #expect(count(0..<6, 1) > 0 && count(6..<9, 0) > 0)
    #expect(count(6..<9, 1) == 0)
    // Nothing moves: nothing is seen, but noise.
    let still = Self.encoded(image, shape: [1, 8, 8], timeSteps: 9) {
      $0.kind = .saccades
      $0.amplitude = 0
    }
    #expect(still.values(0).allSatisfy { $0 == 0 })
    let noisy = Self.encoded(image, shape: [1, 8, 8], timeSteps: 100) {
      $0.kind = .saccades
      $0.amplitude = 0
      $0.noise = 0.1
    }
    let share = noisy.values(0).reduce(0, +) / 12_800
    #expect(abs(share - 0.1) < 0.015)
  }

  @Test("of a data set come in time steps, from values in 0 … 1, in training and test")
  func dataSet() throws {
    let data = try DataSetTests.load(timeSteps: 6) { $0.encoding.kind = .rate }
    #expect(data.shape == [6, 1, 4, 4])
    #expect(data.training.values(1, epoch: 0) != data.training.values(1, epoch: 1))
    let entry = Toy.entry()
    for kind in EncodingSettings.Kind.allCases {
      var settings = DataSettings()
      settings.encoding.kind = kind
      let loaded = try DataSetTests.load(timeSteps: 6) { $0.encoding.kind = kind }
      #expect(try entry.sampleShape(settings, timeSteps: 6) == loaded.shape)
    }
    let error = #expect(throws: CounterspikeError.self) {
      try DataSetTests.load {
        $0.encoding.kind = .rate
        $0.mean = [0.5]
      }
    }
    #expect(error?.message.contains("data.mean is set; with Toy it must be left out") == true)
  }
}
