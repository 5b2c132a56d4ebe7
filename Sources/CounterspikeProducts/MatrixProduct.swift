internal import COneDNN
package import CounterspikeKernels

/// A dense layer's three products, on row-major matrices that lie without gaps.
package enum MatrixProduct {
  /// output `[rows, out]` = input `[rows, in]` · weightsᵀ, weights `[out, in]`
  ///
  /// From ``fewestRows`` on the result of a row does not depend on how many rows there are, nor on its place.
  package static func forward(
    input: FloatSlice, weights: FloatSlice, output: FloatSlice, rows: Int, inputs: Int,
    outputs: Int
  ) throws(LibraryFailure) {
    check(input, weights, output, rows, inputs, outputs)
    func multiply(_ first: Int, _ count: Int) throws(LibraryFailure) {
      try LibraryFailure.check(
        "a matrix product",
        counterspike_matrix_product(
          false, true, Int64(count), Int64(outputs), Int64(inputs),
          input.pointer + first * inputs, Int64(inputs), weights.pointer, Int64(inputs), 0,
          output.pointer + first * outputs, Int64(outputs)))
    }
    guard OneDNN.sumsRowsInSixes, rows >= fewestRows else { return try multiply(0, rows) }
    var first = 0
    while rows - first >= rowsOfBlock {
      try multiply(first, rowsOfBlock)
      first += rowsOfBlock
    }
    let rest = rows - first
    let alike = (1...3).contains(rest % 6) ? rest - rest % 6 : rest
    if alike >= fewestRows {
      try multiply(first, alike)
      first += alike
    }
    // The last rows, some of them once more.
    if first < rows { try multiply(rows - fewestRows, fewestRows) }
  }

  /// Fewer rows oneDNN adds up in another order.
  package static let fewestRows = 16

  /// oneDNN's own block of rows without AVX-512, which it divides otherwise where a call has one and a part of
  /// the next.
  private static let rowsOfBlock = 96

  /// inputGradient `[rows, in]` = outputGradient `[rows, out]` · weights
  package static func backwardData(
    outputGradient: FloatSlice, weights: FloatSlice, inputGradient: FloatSlice, rows: Int,
    inputs: Int, outputs: Int
  ) throws(LibraryFailure) {
    check(inputGradient, weights, outputGradient, rows, inputs, outputs)
    try LibraryFailure.check(
      "a matrix product",
      counterspike_matrix_product(
        false, false, Int64(rows), Int64(inputs), Int64(outputs), outputGradient.pointer,
        Int64(outputs), weights.pointer, Int64(inputs), 0, inputGradient.pointer, Int64(inputs)))
  }

  /// gradient `[out, in]` = outputGradientᵀ · input, added to what is there if `adding`
  package static func backwardWeights(
    input: FloatSlice, outputGradient: FloatSlice, gradient: FloatSlice, rows: Int, inputs: Int,
    outputs: Int, adding: Bool
  ) throws(LibraryFailure) {
    check(input, gradient, outputGradient, rows, inputs, outputs)
    try LibraryFailure.check(
      "a matrix product",
      counterspike_matrix_product(
        true, false, Int64(outputs), Int64(inputs), Int64(rows), outputGradient.pointer,
        Int64(outputs), input.pointer, Int64(inputs), adding ? 1 : 0, gradient.pointer,
        Int64(inputs)))
  }

  private static func check(
    _ input: FloatSlice, _ weights: FloatSlice, _ output: FloatSlice, _ rows: Int,
    _ inputs: Int, _ outputs: Int
  ) {
    precondition(
      input.count == rows * inputs && weights.count == inputs * outputs
        && output.count == rows * outputs,
      "matrices of \(input.count), \(weights.count), \(output.count) floats for "
        + "[\(rows), \(inputs)]·[\(inputs), \(outputs)]")
  }
}
