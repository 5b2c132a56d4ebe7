import CounterspikeKernels
import Testing

@Suite("Arithmetic")
struct ArithmeticTests {
  @Test("sums, products and norms are those of plain loops", arguments: [0, 1, 7, 8, 100])
  func elementwise(count: Int) {
    var random = RandomStream(seed: 51, purpose: .audit)
    let a = random.normals(count)
    let b = random.normals(count)
    let slice = FloatBuffer(a).all
    slice.add(FloatBuffer(b).all)
    #expect(slice.array == zip(a, b).map { $0 + $1 })
    slice.multiply(by: FloatBuffer(b).all)
    #expect(slice.array == zip(a, b).map { ($0 + $1) * $1 })
    let norm = a.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(FloatBuffer(a).all.squaredNorm - norm) <= 1e-12 * norm)
  }

  @Test("a norm neither overflows nor loses small numbers beside large ones")
  func norm() {
    #expect(FloatBuffer([3e30, 4e30]).all.squaredNorm.isFinite)
    #expect(FloatBuffer([4096, 1 / 4096]).all.squaredNorm == 0x1p24 + 0x1p-24)
  }

  @Test("an input is filtered as a spike train is", arguments: [1, 2, 5, 30])
  func filter(steps: Int) {
    var random = RandomStream(seed: 52, purpose: .audit)
    let plane = 11
    let x = random.normals(steps * plane)
    let slice = FloatBuffer(x).all
    slice.filterSynaptically(decay: 0.75, timeSteps: steps)
    var expected = [Double](repeating: 0, count: x.count)
    for place in 0..<plane {
      var a = 0.0
      for t in 0..<steps {
        a = 0.75 * a + 0.25 * Double(x[t * plane + place])
        expected[t * plane + place] = a
      }
    }
    #expect(largestDifference(slice.array, expected) < 1e-6)
  }

  @Test("planes that are not equal are refused")
  func unequalPlanes() async {
    await #expect(processExitsWith: .failure) {
      FloatBuffer(count: 10).all.filterSynaptically(decay: 0.5, timeSteps: 3)
    }
  }

  @Test("slices of other sizes are refused")
  func otherSizes() async {
    await #expect(processExitsWith: .failure) {
      FloatBuffer(count: 10).all.add(FloatBuffer(count: 9).all)
    }
    await #expect(processExitsWith: .failure) {
      FloatBuffer(count: 10).all.multiply(by: FloatBuffer(count: 11).all)
    }
  }
}

@Suite("Dropout mask")
struct DropoutMaskTests {
  static func mask(
    _ probability: Float, channels: Int = 5, height: Int = 4, width: Int = 3, stride: Int = 8,
    sample: Int = 0
  ) -> [Float] {
    let mask = FloatBuffer([Float](repeating: 9, count: height * width * stride))
    writeDropoutMask(
      mask.all, probability: probability, channels: channels, height: height, width: width,
      channelStride: stride, stream: RandomStream(seed: 3, purpose: .dropout, 0, sample))
    return mask.all.array
  }

  @Test(
    "drops the wanted share, and scales what it keeps", arguments: [0, 0.1, 0.5, 0.9] as [Float])
  func share(probability: Float) {
    let mask = Self.mask(probability, channels: 100, height: 10, width: 10, stride: 100)
    let dropped = Double(mask.count { $0 == 0 })
    #expect(mask.allSatisfy { $0 == 0 || $0 == 1 / (1 - probability) })
    let (p, n) = (Double(probability), 10_000.0)
    #expect(abs(dropped - p * n) <= 4 * (n * p * (1 - p)).squareRoot())
    let mean = mask.reduce(0) { $0 + Double($1) } / n
    #expect(abs(mean - 1) <= 4 * (p / (1 - p) / n).squareRoot())
  }

  @Test("a neuron's value is the same in any layout, and padding is left alone")
  func layout() {
    func neurons(_ mask: [Float], _ stride: Int) -> [Float] {
      (0..<5).flatMap { c in (0..<12).map { mask[$0 * stride + c] } }
    }
    let narrow = Self.mask(0.5)
    let wide = Self.mask(0.5, stride: 24)
    #expect(neurons(narrow, 8) == neurons(wide, 24))
    #expect(neurons(narrow, 8) == neurons(Self.mask(0.5, height: 1, width: 12), 8))
    #expect(narrow.indices.allSatisfy { $0 % 8 < 5 || narrow[$0] == 9 })
    #expect(wide.indices.allSatisfy { $0 % 24 < 5 || wide[$0] == 9 })
  }

  @Test("the n-th number of the stream decides on neuron n in the order C, H, W")
  func order() {
    var stream = RandomStream(seed: 3, purpose: .dropout, 0, 0)
    let mask = Self.mask(0.5)
    for c in 0..<5 {
      for pixel in 0..<12 { #expect(mask[pixel * 8 + c] == (stream.uniform() < 0.5 ? 0 : 2)) }
    }
  }

  @Test("samples have masks of their own, each always the same")
  func samples() {
    #expect(Self.mask(0.5) == Self.mask(0.5))
    #expect(Self.mask(0.5) != Self.mask(0.5, sample: 1))
  }
}
