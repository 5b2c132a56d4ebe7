import Counterspike
import CounterspikeData
import Foundation
import TestSupport
import Testing

@Suite("Files that a training never saw")
struct NewSamplesTests {
  /// A NumPy file of format 1.0.
  private static func numPy(_ type: String, _ shape: [Int], _ bytes: [UInt8]) -> [UInt8] {
    let size = shape.map { "\($0)," }.joined()
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(size)), }"
    while (text.utf8.count + 11) % 64 != 0 { text += " " }
    text += "\n"
    let length = UInt16(text.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
      + Array(text.utf8) + bytes
  }

  private static func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
  }

  private static func values(_ source: any SampleSource, _ index: Int = 0) -> [Float] {
    var values = [Float](repeating: -1, count: source.shape.reduce(1, *))
    var span = values.mutableSpan
    source.load(index, epoch: 0, into: &span)
    return values
  }

  private static func samples(_ shape: [Int], _ change: (inout Recipe) -> Void) -> NewSamples {
    var recipe = Recipe()
    change(&recipe)
    return NewSamples(recipe, inputShape: shape, classCount: 10)
  }

  @Test("bytes become pixels, scaled as the run's, with the channels first or last")
  func pixels() throws {
    let pixels = (0..<2 * 3 * 4).map { UInt8($0 * 7) }
    let samples = Self.samples([3, 2, 4]) {
      $0.data.set = "image-folder"
      $0.data.mean = [0.1, 0.2, 0.3]
      $0.data.standardDeviation = [0.5, 0.25, 1]
    }
    let first = try samples.samples(of: Self.numPy("|u1", [3, 2, 4], pixels), path: "a.npy")
    let wanted = pixels.enumerated().map { place, value in
      let channel = place / 8
      let mean: Float = [0.1, 0.2, 0.3][channel]
      return (Float(value) / 255 - mean) / [0.5, 0.25, 1][channel]
    }
    #expect(first.count == 1 && first.shape == [3, 2, 4])
    #expect(zip(Self.values(first), wanted).allSatisfy { abs($0 - $1) < 1e-6 })
    let last = (0..<24).map { pixels[$0 % 3 * 8 + $0 / 3] }
    let second = try samples.samples(
      of: Self.numPy("|u1", [2, 2, 4, 3], last + last), path: "b.npy")
    #expect(second.count == 2)
    #expect(Self.values(second, 0) == Self.values(first))
    #expect(Self.values(second, 1) == Self.values(first))
  }

  @Test("numbers are scaled by the recipe's mean and standard deviation")
  func numbers() throws {
    let samples = Self.samples([2, 1, 1]) {
      $0.data.set = "array-folder"
      $0.data.arrays.axes = .points
      $0.data.mean = [1, 10]
      $0.data.standardDeviation = [2, 4]
    }
    let source = try samples.samples(
      of: Self.numPy("<f4", [3, 2], Self.floats([1, 10, 3, 14, -1, 2])), path: "a.npy")
    #expect(source.count == 3 && source.shape == [2, 1, 1])
    #expect((0..<3).map { Self.values(source, $0) } == [[0, 0], [1, 1], [-1, -2]])
  }

  @Test("a series gets as many steps as the network's, each the mean of its part")
  func series() throws {
    let samples = Self.samples([2, 1, 1]) {
      $0.data.set = "series-folder"
      $0.network.timeSteps = 2
      $0.data.mean = [0]
      $0.data.standardDeviation = [1]
    }
    let source = try samples.samples(
      of: Array("a,b\n1,10\n3,30\n5,50\n7,70\n".utf8), path: "a.csv")
    #expect(source.shape == [2, 2, 1, 1])
    #expect(Self.values(source) == [2, 20, 6, 60])
  }

  @Test("events are binned on the recipe's sensor")
  func events() throws {
    let samples = Self.samples([2, 2, 3]) {
      $0.data.set = "event-folder"
      $0.data.events.sensor = SensorSize(width: 3, height: 2)
      $0.data.events.slicing = .timeWindow
      $0.data.events.timeWindow = 10
      $0.network.timeSteps = 2
    }
    let source = try samples.samples(
      of: Array("t,x,y,p\n100,0,0,1\n109,2,1,0\n110,1,1,1\n".utf8), path: "a.csv")
    #expect(source.shape == [2, 2, 2, 3])
    var wanted = [Float](repeating: 0, count: 24)
    // [T, C, H, W]
    for (t, c, y, x) in [(0, 1, 0, 0), (0, 0, 1, 2), (1, 1, 1, 1)] {
      wanted[((t * 2 + c) * 2 + y) * 3 + x] = 1
    }
    #expect(Self.values(source) == wanted)
  }

  @Test("what does not fit is refused with what the network takes")
  func refusals() throws {
    let images = Self.samples([1, 4, 4]) { $0.data.set = "mnist" }
    func message(_ samples: NewSamples, _ bytes: [UInt8]) -> String {
      let error = #expect(throws: CounterspikeError.self) {
        try samples.samples(of: bytes, path: "f")
      }
      return error?.message ?? ""
    }
    #expect(message(images, []).contains("“f” is empty"))
    #expect(message(images, Array("1,2".utf8)).contains("no PNG, JPEG or NumPy file"))
    #expect(
      message(images, Self.numPy("|u1", [5, 4], [UInt8](repeating: 0, count: 20)))
        .contains("takes images of [1, 4, 4]"))
    let points = Self.samples([2, 1, 1]) {
      $0.data.set = "array-folder"
      $0.data.arrays.axes = .points
    }
    #expect(message(points, Self.numPy("<f4", [2], Self.floats([1, 2]))).contains("set data.mean"))
    #expect(
      message(points, Self.numPy("<f4", [3], Self.floats([1, 2, 3]))).contains("has the shape [3]"))
    #expect(message(points, Self.numPy("<f4", [2], [1])).contains("truncated"))
  }
}
