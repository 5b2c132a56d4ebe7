import Counterspike
import CounterspikeData
import Testing

@Suite("Randman")
struct RandmanTests {
  @Test("has one spike of each unit in a sample, and the same samples every time")
  func samples() throws {
    let data = try DataSet.load(named: "randman")
    #expect(data.training.count == 8000 && data.test.count == 2000 && data.classCount == 10)
    #expect(data.shape == [100, 100, 1, 1])
    let sample = data.training.values(17)
    for unit in 0..<100 {
      #expect((0..<100).count { sample[$0 * 100 + unit] == 1 } == 1)
    }
    #expect(sample.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(try DataSet.load(named: "randman").training.values(17) == sample)
    #expect(data.test.values(17) != sample)
  }

  @Test("puts samples of one class nearer to each other than to those of another")
  func classes() throws {
    let data = try DataSet.load(named: "randman")
    func times(_ index: Int) -> [Double] {
      let sample = data.training.values(index)
      return (0..<100).map { unit in Double((0..<100).first { sample[$0 * 100 + unit] == 1 } ?? 0) }
    }
    /// The nearest of 40 samples a class, on average over 30 other samples.
    let all = (0..<400).map { times($0) }
    var right = 0
    for index in 400..<430 {
      let own = times(index)
      let nearest = all.indices.min { first, second in
        func distance(_ other: Int) -> Double {
          zip(own, all[other]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        return distance(first) < distance(second)
      }
      if nearest.map({ data.training.label(at: $0) }) == data.training.label(at: index) {
        right += 1
      }
    }
    #expect(right >= 24, "\(right) of 30")
  }
}
