import CounterspikeKernels
import CounterspikeProducts
import Testing

@Suite("Convolution")
struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var images = 1
    var channels: Int
    var size = (6, 5)
    var out = 8
    var kernel: Int
    var stride = 1
    var padding = 0

    var shape: ConvolutionShape {
      ConvolutionShape(
        images: images, inChannels: channels, inHeight: size.0, inWidth: size.1, outChannels: out,
        kernel: kernel, stride: stride, padding: padding)
    }

    var testDescription: String {
      "\(images)×\(channels)×\(size.0)×\(size.1), \(out)C\(kernel)s\(stride)p\(padding)"
    }

    static let all: [Case] =
      [1, 3, 8].flatMap { channels in
        [1, 3, 5].flatMap { kernel in
          [
            Case(channels: channels, kernel: kernel),
            Case(images: 3, channels: channels, out: 16, kernel: kernel, stride: 2, padding: 1),
            Case(channels: channels, size: (5, 9), kernel: kernel, padding: kernel / 2),
          ]
        }
      }
      + [16, 40].flatMap { channels in
        [
          Case(images: 3, channels: channels, out: 40, kernel: 1),
          Case(channels: channels, out: 16, kernel: 3, padding: 1),
          Case(channels: channels, size: (7, 4), out: 40, kernel: 3, stride: 2, padding: 2),
          Case(images: 3, channels: channels, kernel: 5, stride: 2, padding: 2),
          Case(channels: channels, size: (5, 5), out: 16, kernel: 5),
        ]
      }
  }

  /// Random images, weights and output gradients.
  struct Problem {
    let shape: ConvolutionShape
    var images: [Float]
    var weights: [Float]
    var gradient: [Float]

    init(_ shape: ConvolutionShape, seed: UInt64 = 31) {
      self.shape = shape
      var random = RandomStream(seed: seed, purpose: .audit)
      images = random.normals(shape.inputCount)
      weights = random.normals(shape.weightCount)
      gradient = random.normals(shape.outputCount)
    }

    /// With all factors rounded to bfloat16: to nearest, ties to even.
    var rounded: Problem {
      func round(_ values: [Float]) -> [Float] {
        values.map { value in
          let bits = value.bitPattern
          return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
        }
      }
      var result = self
      result.images = round(images)
      result.weights = round(weights)
      result.gradient = round(gradient)
      return result
    }

    struct Result: Equatable {
      var output: [Float]
      var imageGradient: [Float]
      var weightGradient: [Float]
    }

    func run(_ convolution: Convolution) throws -> Result {
      OneDNN.useOneThread()
      let call = try ConvolutionCall(convolution)
      let scratch = FloatBuffer(count: convolution.scratchCount).all
      // What was there before must not matter.
      func fresh(_ count: Int) -> FloatSlice {
        FloatBuffer([Float](repeating: .nan, count: count)).all
      }
      let input = FloatBuffer(images).all
      let upper = FloatBuffer(gradient).all
      let output = fresh(shape.outputCount)
      try call.forward(images: input, output: output, scratch: scratch)
      let lower = fresh(shape.inputCount)
      try call.backwardData(outputGradient: upper, imageGradient: lower, scratch: scratch)
      let packed = fresh(convolution.gradientCount)
      try call.backwardWeights(
        images: input, outputGradient: upper, packedGradient: packed, scratch: scratch)
      let weightGradient = fresh(shape.weightCount)
      try convolution.unpack(packed, into: weightGradient)
      return Result(
        output: output.array, imageGradient: lower.array, weightGradient: weightGradient.array)
    }

    /// The same by loops over everything, in double precision.
    func naive() -> (output: [Double], imageGradient: [Double], weightGradient: [Double]) {
      let s = shape
      var output = [Double](repeating: 0, count: s.outputCount)
      var lower = [Double](repeating: 0, count: s.inputCount)
      var weightGradient = [Double](repeating: 0, count: s.weightCount)
      let x = images.map { Double($0) }
      let w = weights.map { Double($0) }
      let g = gradient.map { Double($0) }
      for image in 0..<s.images {
        for oy in 0..<s.outHeight {
          for ox in 0..<s.outWidth {
            for ky in 0..<s.kernel {
              for kx in 0..<s.kernel {
                let y = oy * s.stride + ky - s.padding
                let x0 = ox * s.stride + kx - s.padding
                guard y >= 0, y < s.inHeight, x0 >= 0, x0 < s.inWidth else { continue }
                let above = ((image * s.outHeight + oy) * s.outWidth + ox) * s.outChannels
                let below = ((image * s.inHeight + y) * s.inWidth + x0) * s.inChannels
                for o in 0..<s.outChannels {
                  for i in 0..<s.inChannels {
                    let weight = ((o * s.inChannels + i) * s.kernel + ky) * s.kernel + kx
                    output[above + o] += w[weight] * x[below + i]
                    lower[below + i] += w[weight] * g[above + o]
                    weightGradient[weight] += g[above + o] * x[below + i]
                  }
                }
              }
            }
          }
        }
      }
      return (output, lower, weightGradient)
    }
  }

  @Test("forward, data gradient and weight gradient are those of plain loops", arguments: Case.all)
  func naive(test: Case) throws {
    let problem = Problem(test.shape)
    let convolution = try Convolution(test.shape, backward: true, needsDataGradient: true)
    try convolution.pack(FloatBuffer(problem.weights).all)
    let ours = try problem.run(convolution)
    let expected = problem.naive()
    #expect(relativeDifference(ours.output, expected.output) < 1e-5)
    #expect(relativeDifference(ours.imageGradient, expected.imageGradient) < 1e-5)
    #expect(relativeDifference(ours.weightGradient, expected.weightGradient) < 1e-5)
  }

  @Test(
    "in bfloat16, they are those of plain loops over rounded factors",
    .enabled("this processor, or oneDNN, has no products of bfloat16") { hasBFloat16 },
    arguments: Case.all)
  func bfloat16(test: Case) throws {
    let problem = Problem(test.shape)
    let convolution = try Convolution(
      test.shape, precision: .bfloat16, backward: true, needsDataGradient: true)
    try convolution.pack(FloatBuffer(problem.weights).all)
    let ours = try problem.run(convolution)
    let expected = problem.rounded.naive()
    #expect(relativeDifference(ours.output, expected.output) < 1e-5)
    #expect(relativeDifference(ours.imageGradient, expected.imageGradient) < 1e-5)
    #expect(relativeDifference(ours.weightGradient, expected.weightGradient) < 1e-5)
    let exact = problem.naive()
    #expect(relativeDifference(ours.output, exact.output) < 0.02)
  }

  /// Only what is unimplemented counts: any other failure is a test's.
  private static var hasBFloat16: Bool {
    do {
      _ = try Convolution(
        Case(channels: 16, kernel: 3).shape, precision: .bfloat16, backward: true,
        needsDataGradient: true)
      return true
    } catch {
      return !error.isUnimplemented
    }
  }

  @Test("changed weights take effect when they are packed, not before")
  func packing() throws {
    let first = Problem(Case(channels: 3, kernel: 3).shape)
    var second = first
    second.weights = first.weights.map { -2 * $0 }
    let convolution = try Convolution(first.shape, backward: true, needsDataGradient: true)
    let weights = FloatBuffer(first.weights)
    try convolution.pack(weights.all)
    let before = try first.run(convolution)
    weights.all.copy(from: second.weights)
    let unpacked = try first.run(convolution)
    #expect(unpacked == before)
    try convolution.pack(weights.all)
    let after = try first.run(convolution)
    #expect(after.output == before.output.map { -2 * $0 })
    #expect(after.imageGradient == before.imageGradient.map { -2 * $0 })
    #expect(after.weightGradient == before.weightGradient)
  }

  @Test("a convolution for evaluation alone gives the same output")
  func evaluation() throws {
    let problem = Problem(Case(images: 3, channels: 8, out: 16, kernel: 3, padding: 1).shape)
    let training = try Convolution(problem.shape, backward: true, needsDataGradient: true)
    let plain = try Convolution(problem.shape, backward: false, needsDataGradient: false)
    #expect(plain.gradientCount == 0)
    let weights = FloatBuffer(problem.weights).all
    try training.pack(weights)
    try plain.pack(weights)
    let output = FloatBuffer(count: problem.shape.outputCount).all
    try ConvolutionCall(plain).forward(
      images: FloatBuffer(problem.images).all, output: output,
      scratch: FloatBuffer(count: plain.scratchCount).all)
    let expected = try problem.run(training).output.map { Double($0) }
    #expect(relativeDifference(output.array, expected) < 1e-6)
  }

  @Test("two threads on one convolution get the bytes that each gets alone")
  func threads() async throws {
    let shape = Case(images: 3, channels: 16, size: (12, 11), out: 40, kernel: 5, padding: 2).shape
    let problems = [Problem(shape), Problem(shape, seed: 32)].map { problem in
      var result = problem
      result.weights = Problem(shape).weights
      return result
    }
    let convolution = try Convolution(shape, backward: true, needsDataGradient: true)
    try convolution.pack(FloatBuffer(problems[0].weights).all)
    let alone = try problems.map { try $0.run(convolution) }
    try await withThrowingTaskGroup { group in
      for (problem, expected) in zip(problems, alone) {
        group.addTask {
          for _ in 0..<20 {
            let result = try problem.run(convolution)
            #expect(result == expected)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("an impossible shape is an error with the library's reason, not a crash")
  func refusal() {
    let shape = ConvolutionShape(
      images: 1, inChannels: 1, inHeight: 2, inWidth: 2, outChannels: 8, kernel: 5, stride: 1,
      padding: 0)
    let failure = #expect(throws: LibraryFailure.self) {
      try Convolution(shape, backward: true, needsDataGradient: true)
    }
    #expect(failure?.reason.isEmpty == false)
  }

  @Test("images of another shape are refused")
  func wrongImages() async {
    await #expect(processExitsWith: .failure) {
      let shape = Case(channels: 3, kernel: 3).shape
      let convolution = try Convolution(shape, backward: false, needsDataGradient: false)
      try ConvolutionCall(convolution).forward(
        images: FloatBuffer(count: shape.inputCount - 1).all,
        output: FloatBuffer(count: shape.outputCount).all,
        scratch: FloatBuffer(count: convolution.scratchCount).all)
    }
  }
}
