import Counterspike
import CounterspikeData
import Testing

@testable import CounterspikeSamples

@Suite("Yin-Yang")
struct YinYangTests {
  @Test(
    "points fall to the class that the symbol gives them",
    arguments: [
      // The dots, the bulge of yin around the left one and that of yang around the right one, the
      // upper and the lower half, and corners outside the disk.
      (0.75, 0.5, 2), (0.25, 0.5, 2), (0.25, 0.65, 1), (0.25, 0.35, 1), (0.75, 0.65, 0),
      (0.75, 0.35, 0), (0.5, 0.9, 1), (0.5, 0.1, 0), (0.01, 0.01, nil), (0.99, 0.99, nil),
    ] as [(Double, Double, Int?)])
  func points(x: Double, y: Double, expected: Int?) {
    #expect(YinYang.classIndex(x, y) == expected)
  }

  @Test("samples repeat, are balanced, lie in the disk, and differ between the parts")
  func samples() throws {
    let data = try DataSet.load(named: "yin-yang")
    #expect(data.training.count == 5000 && data.test.count == 1000 && data.folder == nil)
    #expect(data.shape == [4, 1, 1] && data.classCount == 3)
    var counts = [0, 0, 0]
    var seen: Set<[Float]> = []
    for source in [data.training, data.test] {
      for index in 0..<source.count {
        let values = values(source, index)
        #expect(values[0] + values[2] == 1 && values[1] + values[3] == 1)
        let label = YinYang.classIndex(Double(values[0]), Double(values[1]))
        #expect(label == source.label(at: index))
        counts[source.label(at: index)] += 1
        seen.insert(values)
      }
    }
    #expect(seen.count == 6000)
    #expect(counts.allSatisfy { $0 == 2000 || $0 == 2001 || $0 == 1999 })

    var settings = DataSettings()
    settings.set = "yin-yang"
    settings.trainingLimit = 7
    let few = try DataSet.load(settings, seed: 9)
    #expect(few.training.count == 7 && few.test.count == 1000)
    for index in 0..<7 { #expect(values(few.training, index) == values(data.training, index)) }
  }

  @Test("settings for images are refused by their key")
  func unfit() {
    for change in [
      { $0.mean = [1] }, { $0.standardDeviation = [1] }, { $0.augmentation.flip = true },
      { $0.trainingLimit = 5001 }, { $0.testLimit = 0 },
    ] as [(inout DataSettings) -> Void] {
      var settings = DataSettings()
      settings.set = "yin-yang"
      change(&settings)
      let error = #expect(throws: CounterspikeError.self) { try DataSet.load(settings) }
      #expect(error?.code == .invalidRecipe)
      #expect(error?.message.contains("data.") == true)
    }
  }

  private func values(_ source: any SampleSource, _ index: Int) -> [Float] {
    var values = [Float](repeating: .nan, count: 4)
    var span = values.mutableSpan
    source.load(index, epoch: 0, into: &span)
    return values
  }
}
