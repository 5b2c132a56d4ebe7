extension PooledNeuronArray {
  /// The neurons of a tile as a ``NeuronLayer``, whose neurons share their window's error.
  private func layer(_ tile: Tile) -> NeuronLayer {
    var layer = array.layer(
      height: tile.sums.strips * windows.height, width: tile.sums.columns, channels: channels)
    layer.pooling = windows.height
    layer.poolingFactor = windows.factor
    if !isCopied {
      layer.timeStride = array.count
      layer.outputTimeStride = outputCount
    }
    return layer
  }

  /// Tiles are copied to have whole octets of channels.
  private var isCopied: Bool { channels != windows.channels }

  func forwardLayer(
    _ tile: Tile, _ currents: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ workspace: NeuronArray.Workspace
  ) {
    let layer = layer(tile)
    // Only read.
    let given = UnsafeMutablePointer(mutating: currents)
    guard isCopied else {
      let all = (
        currents: FloatBuffer(borrowing: given, count: array.currentSteps * array.count),
        output: FloatBuffer(borrowing: output, count: array.timeSteps * outputCount)
      )
      _ = layer.forward(
        currents: all.currents.slice(tile.begin, layer.currentCount),
        output: all.output.slice(tile.output, layer.outputCount), scratch: workspace.scratch)
      return
    }
    let own = workspace.rest.slice(0, layer.currentCount)
    let sums = workspace.restGradient.slice(0, layer.outputCount)
    copyCurrents(tile, currents, own.pointer, layer)
    _ = layer.forward(currents: own, output: sums, scratch: workspace.scratch)
    forEachSum(tile, layer) { place, offset, pixels in
      VectorLevel.kernels.copy(
        sums.pointer + offset, channels, to: output + place, windows.channels,
        channels: windows.channels, pixels: pixels)
    }
  }

  func backwardLayer(
    _ tile: Tile, _ rule: SpikeRule, _ currents: UnsafePointer<Float>,
    _ membrane: UnsafePointer<Float>?, _ gradient: UnsafePointer<Float>,
    _ deltas: UnsafeMutablePointer<Float>, _ sums: inout NeuronArray.ConstantGradients?,
    _ workspace: NeuronArray.Workspace
  ) {
    let layer = layer(tile)
    guard isCopied else {
      let all = (
        deltas: FloatBuffer(borrowing: deltas, count: array.currentSteps * array.count),
        // Only read.
        gradient: FloatBuffer(
          borrowing: UnsafeMutablePointer(mutating: gradient), count: array.timeSteps * outputCount)
      )
      array.copy(
        currents, tile.begin, tile.count, steps: array.currentSteps, membrane,
        to: deltas + tile.begin, stride: array.count)
      array.run(
        layer, rule, all.deltas.slice(tile.begin, layer.currentCount),
        all.gradient.slice(tile.output, layer.outputCount), windows.channels, &sums,
        workspace)
      return
    }
    let own = workspace.rest.slice(0, layer.currentCount)
    let errors = workspace.restGradient.slice(0, layer.outputCount)
    copyCurrents(tile, currents, own.pointer, layer)
    if let membrane { addMembrane(tile, membrane, own.pointer) }
    forEachSum(tile, layer) { place, offset, pixels in
      VectorLevel.kernels.copy(
        UnsafeMutablePointer(mutating: gradient) + place, windows.channels,
        to: errors.pointer + offset, channels, channels: windows.channels, pixels: pixels)
    }
    array.run(layer, rule, own, errors, windows.channels, &sums, workspace)
    for t in 0..<array.currentSteps {
      forEachRow(tile) { place, offset, pixels in
        VectorLevel.kernels.copy(
          own.pointer + t * layer.plane + offset, channels, to: deltas + t * array.count + place,
          windows.channels, channels: windows.channels, pixels: pixels)
      }
    }
  }

  private func copyCurrents(
    _ tile: Tile, _ currents: UnsafePointer<Float>, _ own: FloatPointer, _ layer: NeuronLayer
  ) {
    for t in 0..<array.currentSteps {
      forEachRow(tile) { place, offset, pixels in
        VectorLevel.kernels.copy(
          UnsafeMutablePointer(mutating: currents) + t * array.count + place, windows.channels,
          to: own + t * layer.plane + offset, channels, channels: windows.channels, pixels: pixels)
      }
    }
  }

  /// As ``NeuronArray/copy(_:_:_:steps:_:to:stride:)`` adds it.
  private func addMembrane(_ tile: Tile, _ membrane: UnsafePointer<Float>, _ own: FloatPointer) {
    let m = Float(array.membraneDecay)
    forEachRow(tile) { place, offset, pixels in
      for pixel in 0..<pixels {
        for channel in 0..<windows.channels {
          let to = offset + pixel * channels + channel
          own[to] = m * membrane[place + pixel * windows.channels + channel] + own[to]
        }
      }
    }
  }

  /// Calls `body` for the pixels of a tile that follow each other in memory: where they begin in a step and
  /// in the tile, and how many there are.
  private func forEachRow(
    _ tile: Tile, _ body: (_ place: Int, _ offset: Int, _ pixels: Int) -> Void
  ) {
    for row in tile.rows {
      body(row.place, row.offset / windows.channels * channels, row.count / windows.channels)
    }
  }

  /// The same for sums, over all steps.
  private func forEachSum(
    _ tile: Tile, _ layer: NeuronLayer, _ body: (_ place: Int, _ offset: Int, _ pixels: Int) -> Void
  ) {
    let (across, whole) = (layer.pooledWidth, windows.columns / windows.width)
    let isWhole = across == whole
    let rows = isWhole ? 1 : layer.pooledHeight
    for t in 0..<array.timeSteps {
      for row in 0..<rows {
        body(
          t * outputCount + tile.output + row * whole * windows.channels,
          t * layer.pooledPlane + row * across * channels,
          isWhole ? layer.pooledHeight * across : across)
      }
    }
  }
}
