internal import COneDNN

/// A dense layer's three products, on row-major matrices that lie without gaps.
package enum MatrixProduct {
  /// output `[rows, out]` = input `[rows, in]` · weightsᵀ, weights `[out, in]`
  package static func forward(
    input: FloatSlice, weights: FloatSlice, output: FloatSlice, rows: Int, inputs: Int,
    outputs: Int
  ) throws(LibraryFailure) {
    check(input, weights, output, rows, inputs, outputs)
    try LibraryFailure.check(
      "a matrix product",
      counterspike_matrix_product(
        false, true, Int64(rows), Int64(outputs), Int64(inputs), input.pointer, Int64(inputs),
        weights.pointer, Int64(inputs), 0, output.pointer, Int64(outputs)))
  }

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
