/// Small dense least squares in double precision, for a few dozen unknowns.
package enum LeastSquares {
  /// Eigenvalues below this fraction of the largest count as zero.
  private static let tolerance = 1e-10

  /// The x of least ‖A·x − b‖² + ridge·‖x‖², and of those the shortest.
  ///
  /// - Parameters:
  ///   - rows: A, rows of equal length; none: x is zero.
  ///   - values: b, one a row.
  package static func solve(
    rows: [[Double]], values: [Double], unknowns: Int, ridge: Double = 0
  ) -> [Double] {
    precondition(
      rows.count == values.count && rows.allSatisfy { $0.count == unknowns },
      "\(rows.count) rows and \(values.count) values for \(unknowns) unknowns")
    var right = [Double](repeating: 0, count: unknowns)
    for (row, value) in zip(rows, values) {
      for i in 0..<unknowns { right[i] += row[i] * value }
    }
    return inverse(rows: rows, unknowns: unknowns, ridge: ridge).map { row in
      zip(row, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// The matrix that turns b into that x: A⁺, of one row an unknown.
  package static func pseudoInverse(
    rows: [[Double]], unknowns: Int, ridge: Double = 0
  ) -> [[Double]] {
    inverse(rows: rows, unknowns: unknowns, ridge: ridge).map { left in
      rows.map { row in zip(left, row).reduce(0) { $0 + $1.0 * $1.1 } }
    }
  }

  /// (AᵀA + ridge)⁻¹ where AᵀA has an inverse, else its pseudo-inverse.
  private static func inverse(rows: [[Double]], unknowns n: Int, ridge: Double) -> [[Double]] {
    var square = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for row in rows {
      for i in 0..<n where row[i] != 0 {
        for j in 0..<n { square[i][j] += row[i] * row[j] }
      }
    }
    let (values, vectors) = eigen(square)
    let largest = values.max() ?? 0
    var result = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for (value, vector) in zip(values, vectors) where value > tolerance * largest {
      let factor = 1 / (value + ridge)
      for i in 0..<n {
        for j in 0..<n { result[i][j] += factor * vector[i] * vector[j] }
      }
    }
    return result
  }

  /// Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.
  ///
  /// - Note: Golub, Van Loan, "Matrix computations", algorithm 8.5.3 (cyclic Jacobi).
  package static func eigen(
    _ matrix: [[Double]]
  ) -> (values: [Double], vectors: [[Double]]) {
    let n = matrix.count
    var a = matrix
    var vectors = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0.0 } }  // one a row
    let scale = a.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
    for _ in 0..<60 {
      var off = 0.0
      for i in 0..<n { for j in 0..<i { off += a[i][j] * a[i][j] } }
      if off <= 1e-30 * scale { break }
      for p in 0..<n {
        for q in (p + 1)..<max(n, p + 1) where a[p][q] != 0 {
          let ratio = (a[q][q] - a[p][p]) / (2 * a[p][q])
          let t = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          let s = t * c
          for i in 0..<n {
            let (x, y) = (a[i][p], a[i][q])
            a[i][p] = c * x - s * y
            a[i][q] = s * x + c * y
          }
          for i in 0..<n {
            let (x, y) = (a[p][i], a[q][i])
            a[p][i] = c * x - s * y
            a[q][i] = s * x + c * y
            let (v, w) = (vectors[p][i], vectors[q][i])
            vectors[p][i] = c * v - s * w
            vectors[q][i] = s * v + c * w
          }
        }
      }
    }
    return ((0..<n).map { a[$0][$0] }, vectors)
  }
}
