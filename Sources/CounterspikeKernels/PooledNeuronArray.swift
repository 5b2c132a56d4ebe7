/// A ``NeuronArray`` whose output is summed over windows before it is written, and is never in memory as a
/// whole: the output of a tile of neurons stays in a processor's cache.
///
/// Neurons are `[…, rows, columns, channels]` at every step, and the output
/// `[T, …, rows / height, columns / width, channels]`.
package struct PooledNeuronArray: Sendable, Equatable {
  /// Windows that do not overlap, and leave out no neuron.
  package struct Windows: Sendable, Equatable {
    /// Rows and columns of a window.
    package var height: Int
    package var width: Int
    /// Columns that a row of neurons has: a multiple of `width`.
    package var columns: Int
    /// Values at every place; 1 where channels come first in memory.
    package var channels: Int
    /// What the sums are multiplied by.
    package var factor: Float

    package init(height: Int, width: Int, columns: Int, channels: Int, factor: Float) {
      self.height = height
      self.width = width
      self.columns = columns
      self.channels = channels
      self.factor = factor
    }

    /// Neurons of a strip, which is a row of windows.
    package var strip: Int { height * columns * channels }

    /// The windows are those of a ``NeuronLayer``, with few unused channels.
    var areOfLayer: Bool { height == width && channels >= FloatBuffer.octet / 2 }
  }

  package let array: NeuronArray
  package let windows: Windows
  /// Strips and columns of a tile: several strips, or a part of one.
  private let tileStrips: Int
  private let tileColumns: Int
  /// Floats at every place of a tile.
  let channels: Int

  /// - Precondition: whole strips of whole windows.
  package init(_ array: NeuronArray, _ windows: Windows) {
    precondition(
      windows.columns % windows.width == 0 && array.count % windows.strip == 0,
      "\(array.count) neurons in windows of \(windows.height)×\(windows.width)")
    self.array = array
    self.windows = windows
    let channels = windows.areOfLayer ? paddedChannels(windows.channels) : windows.channels
    tileStrips = max(1, array.portion / (windows.height * windows.columns * channels))
    let window = windows.height * windows.width * channels
    tileColumns =
      windows.areOfLayer && channels == windows.channels
      ? windows.columns : min(windows.columns, max(1, array.portion / window) * windows.width)
    self.channels = channels
  }

  package var tileCount: Int { columnTiles * ((strips + tileStrips - 1) / tileStrips) }

  /// Neurons of the largest tile, with unused ones up to a multiple of ``FloatBuffer/octet``.
  package var tileSize: Int {
    paddedChannels(min(tileStrips, strips) * windows.height * tileColumns * channels)
  }

  /// Numbers of the output at every step.
  package var outputCount: Int { array.count / (windows.height * windows.width) }

  private var strips: Int { array.count / windows.strip }
  private var columnTiles: Int { (windows.columns + tileColumns - 1) / tileColumns }

  /// Advances the neurons of some tiles through all time steps, as
  /// ``NeuronArray/forward(_:currents:before:output:after:)``.
  ///
  /// - Parameters:
  ///   - output: the sums, `[T, outputCount]`.
  ///   - workspace: one for ``tileSize`` neurons.
  package func forward(
    _ tiles: Range<Int>, currents: UnsafePointer<Float>, before: NeuronArray.Given,
    output: UnsafeMutablePointer<Float>, after: NeuronArray.Written,
    workspace: NeuronArray.Workspace
  ) {
    let scratch = workspace.rest
    precondition(scratch.count >= array.timeSteps * tileSize, "a scratch of \(scratch.count)")
    // The layer's windows filter what they have added up, which rounds otherwise.
    if windows.areOfLayer, before.isEmpty, after.isEmpty, array.synapticDecay == 0 {
      for tile in tiles.lazy.map(tile) { forwardLayer(tile, currents, output, workspace) }
      return
    }
    for tile in tiles.lazy.map(tile) {
      var part = array
      part.outputStride = tile.stride
      for row in tile.rows {
        VectorLevel.kernels.forward(
          part, from: 0, to: row.count, currents: currents + row.place,
          before: before.from(row.place), output: scratch.base + row.offset,
          after: after.from(row.place))
      }
      VectorLevel.kernels.sum(tile.sums, scratch.base, into: output + tile.output)
    }
  }

  /// The gradient with respect to the currents of some tiles' neurons, as
  /// ``NeuronArray/backward(_:rule:currents:membrane:gradient:deltas:sums:workspace:)``.
  ///
  /// - Parameters:
  ///   - gradient: ∂L/∂output, `[T, outputCount]`.
  ///   - workspace: one for ``tileSize`` neurons.
  package func backward(
    _ tiles: Range<Int>, rule: SpikeRule, currents: UnsafePointer<Float>,
    membrane: UnsafePointer<Float>?, gradient: UnsafePointer<Float>,
    deltas: UnsafeMutablePointer<Float>, sums: inout NeuronArray.ConstantGradients?,
    workspace: NeuronArray.Workspace
  ) {
    precondition(
      membrane == nil || !array.repeatsCurrents, "a membrane before currents that repeat")
    if windows.areOfLayer {
      for tile in tiles.lazy.map(tile) {
        backwardLayer(tile, rule, currents, membrane, gradient, deltas, &sums, workspace)
      }
      return
    }
    let (steps, size) = (array.currentSteps, array.count)
    for tile in tiles.lazy.map(tile) {
      let (own, error) = (workspace.rest.base, workspace.restGradient.base)
      for row in tile.rows {
        array.copy(
          currents, row.place, row.count, steps: steps, membrane, to: own + row.offset,
          stride: tile.stride)
      }
      VectorLevel.kernels.spread(tile.sums, gradient: gradient + tile.output, into: error)
      let unused = tile.stride - tile.count
      for t in 0..<array.timeSteps {
        (error + t * tile.stride + tile.count).update(repeating: 0, count: unused)
        guard t < steps else { continue }
        (own + t * tile.stride + tile.count).update(repeating: 0, count: unused)
      }
      let layer = array.layer(channels: tile.stride)
      array.run(
        layer, rule, workspace.rest.slice(0, layer.currentCount),
        workspace.restGradient.slice(0, layer.outputCount), tile.count, &sums, workspace)
      for row in tile.rows {
        for t in 0..<steps {
          (deltas + t * size + row.place).update(
            from: own + t * tile.stride + row.offset, count: row.count)
        }
      }
    }
  }

  /// Neurons that follow each other in memory: where they begin there and in their tile.
  struct Row {
    let place: Int
    let offset: Int
    let count: Int
  }

  struct Tile {
    let rows: [Row]
    let sums: WindowSums
    /// Where its neurons begin in a step, and its sums in a step's output.
    let begin: Int
    let output: Int
    let count: Int
    /// Neurons with the unused ones.
    var stride: Int { sums.stride }
  }

  private func tile(_ index: Int) -> Tile {
    let w = windows
    let (group, part) = (index / columnTiles, index % columnTiles)
    let first = group * tileStrips
    let column = part * tileColumns
    let strips = min(tileStrips, self.strips - first)
    let columns = min(tileColumns, w.columns - column)
    let (line, whole) = (columns * w.channels, w.columns * w.channels)
    let count = strips * w.height * line
    let begin = first * w.strip + column * w.channels
    let rows =
      line == whole
      ? [Row(place: begin, offset: 0, count: count)]
      : (0..<strips * w.height).map {
        Row(place: begin + $0 * whole, offset: $0 * line, count: line)
      }
    return Tile(
      rows: rows,
      sums: WindowSums(
        height: w.height, width: w.width, channels: w.channels, factor: w.factor, strips: strips,
        columns: columns, steps: array.timeSteps, stride: paddedChannels(count),
        sumStride: outputCount),
      begin: begin, output: first * whole / w.width + column / w.width * w.channels, count: count)
  }
}

extension NeuronArray.State {
  fileprivate var isEmpty: Bool { membrane == nil && psc == nil && adaptation == nil }
}

extension NeuronArray.State where Pointer == UnsafePointer<Float> {
  /// The state from neuron `first` on.
  fileprivate func from(_ first: Int) -> Self {
    Self(
      membrane: membrane.map { $0 + first }, psc: psc.map { $0 + first },
      adaptation: adaptation.map { $0 + first })
  }
}

extension NeuronArray.State where Pointer == UnsafeMutablePointer<Float> {
  /// The state from neuron `first` on.
  fileprivate func from(_ first: Int) -> Self {
    Self(
      membrane: membrane.map { $0 + first }, psc: psc.map { $0 + first },
      adaptation: adaptation.map { $0 + first })
  }
}
