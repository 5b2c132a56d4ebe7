internal import Counterspike
internal import CounterspikeKernels
internal import Foundation

/// Spike times that are smooth functions of a random point: a task that only timing can solve, made
/// on the fly.
///
/// Each of the ten classes has a manifold of two dimensions in the space of the spike times of 100
/// units. For a point (x₁, x₂) of the unit square, drawn anew for every sample, unit i fires once, at
///
///     f_i(x) = Π_d Σ_k k^−α · a_idk · sin(2π·(k·b_idk·x_d + c_idk))
///
/// scaled, unit by unit, so that its smallest and largest value on a grid of points are the first
/// time step and the last; a, b, c are uniform in 0 … 1, α = 2 makes the manifolds smooth, and k runs
/// up to where k^−α is 0.01.
///
/// - Note: Zenke, Vogels, “The remarkable robustness of surrogate gradient learning for instilling
///   complex function in spiking neural networks”, Neural Computation 33(4), 2021. The numbers are
///   drawn by another generator than in the authors' program, so that they are others.
package struct Randman: SampleSource {
  package static let units = 100
  package static let classes = 10
  private static let dimensions = 2
  private static let frequencies = 10
  /// Points along each side of the grid that decides the range.
  private static let grid = 20

  package let count: Int
  private let part: Int
  private let timeSteps: Int
  private let manifolds: [Manifold]

  /// - Parameter part: 0 for training, 1 for test samples.
  package init(count: Int, part: Int, timeSteps: Int) {
    self.count = count
    self.part = part
    self.timeSteps = timeSteps
    manifolds = (0..<Self.classes).map { Manifold(number: $0) }
  }

  package var shape: [Int] { [timeSteps, Self.units, 1, 1] }
  package var classCount: Int { Self.classes }
  package func label(at index: Int) -> Int { index % Self.classes }

  package func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    values.update(repeating: 0)
    var random = RandomStream(seed: 0, purpose: .noise, 3 + part, index)
    let point = (0..<Self.dimensions).map { _ in Double(random.uniform()) }
    let manifold = manifolds[label(at: index)]
    for unit in 0..<Self.units {
      let time = manifold.time(unit, at: point)
      let step = min(max(Int(time * Double(timeSteps)), 0), timeSteps - 1)
      values[step * Self.units + unit] = 1
    }
  }

  private struct Manifold {
    /// For each unit, dimension and frequency: a·k^−α, 2π·k·b and 2π·c.
    private var terms: [(amplitude: Double, frequency: Double, phase: Double)] = []
    /// Of each unit on the grid.
    private var ranges: [ClosedRange<Double>] = []

    init(number: Int) {
      var random = RandomStream(seed: 0, purpose: .noise, 2, number)
      for _ in 0..<Randman.units * Randman.dimensions {
        for k in 1...Randman.frequencies {
          let (a, b, c) = (random.uniform(), random.uniform(), random.uniform())
          terms.append(
            (Double(a) / Double(k * k), 2 * .pi * Double(k) * Double(b), 2 * .pi * Double(c)))
        }
      }
      let side = (0...Randman.grid).map { Double($0) / Double(Randman.grid) }
      for unit in 0..<Randman.units {
        var (low, high) = (Double.infinity, -Double.infinity)
        for x in side {
          for y in side {
            let value = value(unit, at: [x, y])
            low = min(low, value)
            high = max(high, value)
          }
        }
        ranges.append(low...high)
      }
    }

    /// When the unit fires, in 0 … 1, give or take what lies between the grid's points.
    func time(_ unit: Int, at point: [Double]) -> Double {
      let range = ranges[unit]
      return (value(unit, at: point) - range.lowerBound)
        / max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
    }

    private func value(_ unit: Int, at point: [Double]) -> Double {
      var product = 1.0
      for dimension in 0..<Randman.dimensions {
        let first = (unit * Randman.dimensions + dimension) * Randman.frequencies
        var sum = 0.0
        for term in terms[first..<(first + Randman.frequencies)] {
          sum += term.amplitude * sin(term.frequency * point[dimension] + term.phase)
        }
        product *= sum
      }
      return product
    }
  }
}
