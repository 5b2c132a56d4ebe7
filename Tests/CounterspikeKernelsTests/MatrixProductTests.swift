import CounterspikeKernels
import CounterspikeProducts
import Testing

@Suite("Matrix product")
struct MatrixProductTests {
  /// Rows, inputs and outputs.
  static let shapes = [(1, 1, 8), (3, 5, 8), (7, 40, 16), (20, 8, 304), (33, 64, 10), (2, 600, 16)]

  @Test("the three products of a dense layer are those of plain loops", arguments: shapes)
  func naive(rows: Int, inputs: Int, outputs: Int) throws {
    OneDNN.useOneThread()
    var random = RandomStream(seed: 41, purpose: .audit)
    let input = random.normals(rows * inputs)
    let weights = random.normals(outputs * inputs)
    let upper = random.normals(rows * outputs)
    let start = random.normals(outputs * inputs)
    var output = [Double](repeating: 0, count: rows * outputs)
    var lower = [Double](repeating: 0, count: rows * inputs)
    var change = [Double](repeating: 0, count: outputs * inputs)
    for row in 0..<rows {
      for o in 0..<outputs {
        for i in 0..<inputs {
          let x = Double(input[row * inputs + i])
          let w = Double(weights[o * inputs + i])
          let g = Double(upper[row * outputs + o])
          output[row * outputs + o] += w * x
          lower[row * inputs + i] += w * g
          change[o * inputs + i] += g * x
        }
      }
    }

    func fresh(_ count: Int) -> FloatSlice {
      FloatBuffer([Float](repeating: .nan, count: count)).all
    }
    let ours = fresh(rows * outputs)
    try MatrixProduct.forward(
      input: FloatBuffer(input).all, weights: FloatBuffer(weights).all, output: ours, rows: rows,
      inputs: inputs, outputs: outputs)
    #expect(relativeDifference(ours.array, output) < 1e-5)

    let inputGradient = fresh(rows * inputs)
    try MatrixProduct.backwardData(
      outputGradient: FloatBuffer(upper).all, weights: FloatBuffer(weights).all,
      inputGradient: inputGradient, rows: rows, inputs: inputs, outputs: outputs)
    #expect(relativeDifference(inputGradient.array, lower) < 1e-5)

    for adding in [false, true] {
      let gradient =
        adding ? FloatBuffer(start).all : fresh(outputs * inputs)
      try MatrixProduct.backwardWeights(
        input: FloatBuffer(input).all, outputGradient: FloatBuffer(upper).all, gradient: gradient,
        rows: rows, inputs: inputs, outputs: outputs, adding: adding)
      let expected = zip(start, change).map { (adding ? Double($0) : 0) + $1 }
      #expect(relativeDifference(gradient.array, expected) < 1e-5, "adding: \(adding)")
    }
  }

  // With AVX-512 only sessions, which compare such rows, were seen to agree.
  @Test(
    "a row does not depend on how many there are, nor on its place, from sixteen on",
    .enabled("oneDNN takes AVX-512") { OneDNN.instructionSet?.hasPrefix("AVX-512") != true },
    arguments: [8, 16, 24, 40, 64, 200, 304, 1000], [8, 16, 24, 104, 304])
  func rows(inputs: Int, outputs: Int) throws {
    OneDNN.useOneThread()
    var random = RandomStream(seed: 42, purpose: .audit)
    let row = random.normals(inputs)
    let weights = FloatBuffer(random.normals(outputs * inputs))
    var wanted: [Float] = []
    for rows in [16, 17, 18, 19, 20, 21, 31, 32, 48, 63, 64, 68, 95, 97, 100, 160, 211, 320] {
      let input = FloatBuffer((0..<rows).flatMap { _ in row })
      let output = FloatBuffer(count: rows * outputs)
      try MatrixProduct.forward(
        input: input.all, weights: weights.all, output: output.all, rows: rows, inputs: inputs,
        outputs: outputs)
      if wanted.isEmpty { wanted = Array(output.all.array[..<outputs]) }
      let others = (0..<rows).filter { place in
        Array(output.all.array[place * outputs..<(place + 1) * outputs]) != wanted
      }
      #expect(others.isEmpty, "of \(rows) rows")
    }
  }

  @Test("matrices of other sizes are refused")
  func wrongSize() async {
    await #expect(processExitsWith: .failure) {
      try MatrixProduct.forward(
        input: FloatBuffer(count: 6).all, weights: FloatBuffer(count: 24).all,
        output: FloatBuffer(count: 15).all, rows: 2, inputs: 3, outputs: 8)
    }
  }
}
