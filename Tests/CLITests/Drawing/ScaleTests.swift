import Testing

@testable import CLIDrawing

@Suite("Scales")
struct ScaleTests {
  @Test(
    "linear ticks are multiples of 1, 2 or 5 around all values",
    arguments: [
      ([0, 1], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      ([0, 200], ["0", "50", "100", "150", "200"]),
      ([-0.37, 0.41], ["-0.4", "-0.2", "0", "0.2", "0.4", "0.6"]),
      ([3], ["0", "1", "2", "3"]), ([-7, -7], ["-8", "-6", "-4", "-2", "0"]),
      ([2e-7, 9e-7], ["2e-7", "4e-7", "6e-7", "8e-7", "1e-6"]),
    ] as [([Double], [String])])
  func linear(values: [Double], labels: [String]) {
    let scale = Scale.linear(values)
    let expected = labels.map { $0 == "0.0" ? "0" : $0 }
    #expect(scale.ticks.map(\.label) == expected)
    for value in values { #expect(scale.low <= value && value <= scale.high) }
    // Ticks are where their labels say.
    for tick in scale.ticks { #expect(Double(tick.label) == tick.value) }
  }

  @Test(
    "logarithmic ticks are powers of ten, and 2 and 5 times them where there is room",
    arguments: [
      ([0.3, 4], ["0.2", "0.5", "1", "2", "5"]),
      ([1, 1e6], ["1", "10", "100", "1000", "10000", "100000", "1e6"]),
      ([1e-12, 1], ["1e-12", "1e-10", "1e-8", "1e-6", "1e-4", "0.01", "1"]),
      ([3], ["2", "5"]), ([-1, 0, 5, 50], ["5", "10", "20", "50"]),
    ] as [([Double], [String])])
  func logarithmic(values: [Double], labels: [String]) {
    let scale = Scale.logarithmic(values)
    #expect(scale.ticks.map(\.label) == labels)
    for tick in scale.ticks { #expect(Double(tick.label) == tick.value) }
  }

  @Test("equal factors are equal lengths of a logarithmic axis, equal differences of a linear one")
  func positions() throws {
    let log = Scale.logarithmic([0.01, 100])
    for (value, place) in [(0.01, 0), (0.1, 0.25), (1, 0.5), (10, 0.75), (100, 1)] {
      #expect(abs(try #require(log.position(value)) - place) < 1e-12)
    }
    #expect(log.position(-1) == 0 && log.position(.infinity) == 1 && log.position(.nan) == nil)
    let linear = Scale.linear([-1, 1])
    #expect(linear.position(-1) == 0 && linear.position(0) == 0.5 && linear.position(7) == 1)
  }

  @Test("a scale is logarithmic where positive values span more than a decade")
  func fitting() {
    #expect(!Scale.fitting([0.2, 1.9]).isLogarithmic)
    #expect(Scale.fitting([0.02, 1.9]).isLogarithmic)
    #expect(Scale.fitting([0, 0.02, 1.9]).isLogarithmic)
    #expect(!Scale.fitting([0, 0]).isLogarithmic && !Scale.fitting([]).isLogarithmic)
    #expect(Scale.fitting([3, 4]).low == 0)
  }

  @Test("any numbers make a scale", arguments: NumberCase.all)
  func extremes(numbers: NumberCase) {
    for scale in [
      Scale.linear(numbers.values), .logarithmic(numbers.values), .fitting(numbers.values),
    ] {
      #expect((2...30).contains(scale.ticks.count), "\(scale.ticks.map(\.label))")
      #expect(scale.low < scale.high && scale.low.isFinite && scale.high.isFinite)
      #expect(zip(scale.ticks, scale.ticks.dropFirst()).allSatisfy { $0.value < $1.value })
      for value in numbers.values {
        #expect(scale.position(value).map { (0...1).contains($0) } ?? value.isNaN)
      }
    }
  }
}

/// Numbers that formulas for many ordinary ones fail for.
struct NumberCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let values: [Double]

  static let all: [NumberCase] = [
    NumberCase(testDescription: "none", values: []),
    NumberCase(testDescription: "one", values: [0.3]),
    NumberCase(testDescription: "one negative", values: [-2]),
    NumberCase(testDescription: "two", values: [0.3, -0.7]),
    NumberCase(testDescription: "one zero", values: [0]),
    NumberCase(testDescription: "zeros", values: [0, 0, 0]),
    NumberCase(testDescription: "equal", values: [0.5, 0.5, 0.5, 0.5]),
    NumberCase(testDescription: "nearly equal", values: [1, 1.0000000000000002]),
    NumberCase(testDescription: "no numbers", values: [.nan, .nan]),
    NumberCase(testDescription: "one no number", values: [.nan, 1, 2]),
    NumberCase(testDescription: "infinite", values: [.infinity, -.infinity, 1]),
    NumberCase(testDescription: "only infinite", values: [.infinity]),
    NumberCase(testDescription: "largest", values: [.greatestFiniteMagnitude, -1e300, 1]),
    NumberCase(testDescription: "within the largest", values: [9e289, -9e289]),
    NumberCase(
      testDescription: "smallest", values: [.leastNonzeroMagnitude, .leastNormalMagnitude / 4]),
    NumberCase(testDescription: "within the smallest", values: [1.1e-290, 1.3e-290]),
    NumberCase(testDescription: "all sizes", values: [1e-280, 1, 1e280, -1e-280]),
  ]
}
