internal import Counterspike
internal import CounterspikeData

/// A small picture in colours, made of squares.
struct PixelImage: Sendable, Equatable {
  struct Colour: Sendable, Equatable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8

    static let white = Colour(red: 255, green: 255, blue: 255)

    /// The nearest value of a range; 0 for what is no number, as weights of a training that diverged.
    private static func within(_ value: Float, _ range: ClosedRange<Float>) -> Float {
      value.isNaN ? 0 : min(max(value, range.lowerBound), range.upperBound)
    }

    /// Grey from 0, black, to 1, white.
    static func grey(_ brightness: Float) -> Colour {
      let byte = UInt8(255 * within(brightness, 0...1))
      return Colour(red: byte, green: byte, blue: byte)
    }

    /// From white at 0 to dark blue at 1, which colour-blind people see as well.
    static func share(_ share: Float) -> Colour {
      let rest = 1 - within(share, 0...1)
      return Colour(
        red: UInt8(8 + 247 * rest), green: UInt8(48 + 207 * rest), blue: UInt8(107 + 148 * rest))
    }

    /// From blue at −1 over white to orange at 1.
    static func signed(_ value: Float) -> Colour {
      let value = within(value, -1...1)
      let rest = 1 - abs(value)
      return value < 0
        ? Colour(
          red: UInt8(33 + 222 * rest), green: UInt8(102 + 153 * rest), blue: UInt8(172 + 83 * rest))
        : Colour(
          red: UInt8(230 + 25 * rest), green: UInt8(97 + 158 * rest), blue: UInt8(1 + 254 * rest))
    }
  }

  let width: Int
  let height: Int
  /// Shape `[height, width]`.
  var pixels: [Colour]

  init(width: Int, height: Int, _ colour: Colour = .white) {
    self.width = width
    self.height = height
    pixels = Array(repeating: colour, count: width * height)
  }

  subscript(x: Int, y: Int) -> Colour {
    get { pixels[y * width + x] }
    set { pixels[y * width + x] = newValue }
  }

  /// The image with each pixel a square of `factor` × `factor`.
  func enlarged(by factor: Int) -> PixelImage { enlarged(across: factor, down: factor) }

  /// The image with each pixel a rectangle.
  func enlarged(across columns: Int, down rows: Int) -> PixelImage {
    var image = PixelImage(width: width * columns, height: height * rows)
    image.pixels.removeAll(keepingCapacity: true)
    for y in 0..<height {
      let row = pixels[(y * width)..<((y + 1) * width)].flatMap {
        repeatElement($0, count: columns)
      }
      for _ in 0..<rows { image.pixels += row }
    }
    return image
  }

  /// As a value of TensorBoard; `nil` in a build without libpng.
  func content() throws(CounterspikeError) -> EventMessage.Value.Content? {
    #if ImageFiles
      var bytes: [UInt8] = []
      bytes.reserveCapacity(3 * pixels.count)
      for colour in pixels {
        bytes.append(colour.red)
        bytes.append(colour.green)
        bytes.append(colour.blue)
      }
      return .image(
        png: try PNGFile.bytes(of: bytes, width: width, height: height), width: width,
        height: height)
    #else
      return nil
    #endif
  }
}

extension PixelImage {
  /// A confusion matrix: a row for each class, a column for each prediction, as dark as the share of the
  /// row's samples.
  init(confusion: [[Int]]) {
    let count = confusion.count
    self.init(width: count, height: count)
    for (label, row) in confusion.enumerated() {
      let total = max(row.reduce(0, +), 1)
      for (prediction, samples) in row.enumerated() {
        self[prediction, label] = .share(Float(samples) / Float(total))
      }
    }
    self = enlarged(by: max(1, 320 / max(count, 1)))
  }

  /// The most neurons of a layer in a raster.
  static let rasterNeurons = 64

  /// Spikes of one sample: a column for each time step, a row for each neuron, black where it fires;
  /// layers one below the other, between them a line.
  ///
  /// - Parameter layers: spikes of shape `[T, 1, …]`; of a large layer every so many-th neuron is drawn.
  init(raster layers: [Tensor]) {
    let steps = layers[0].shape[0]
    var rows: [(layer: Int, neuron: Int)?] = []
    for (layer, spikes) in layers.enumerated() {
      let neurons = spikes.count / steps
      let stride = (neurons + Self.rasterNeurons - 1) / Self.rasterNeurons
      if layer > 0 { rows.append(nil) }
      rows += Swift.stride(from: 0, to: neurons, by: stride).map { (layer, $0) }
    }
    self.init(width: steps, height: rows.count)
    for (y, row) in rows.enumerated() {
      for step in 0..<steps {
        guard let row else {
          self[step, y] = .signed(1)
          continue
        }
        let spikes = layers[row.layer]
        let fires = spikes.scalars[step * (spikes.count / steps) + row.neuron] != 0
        self[step, y] = .grey(fires ? 0 : 1)
      }
    }
    self = enlarged(across: max(1, 320 / max(steps, 1)), down: 3)
  }

  /// The kernels of a convolution, blue where they are negative and orange where positive, of several
  /// input channels one below the other; a column for each output channel.
  ///
  /// - Parameter weights: shape `[C′, C, H, W]`; of more than 64 output or 8 input channels the first
  ///   ones are drawn.
  init(kernels weights: Tensor) {
    let shape = weights.shape
    let (outputs, inputs) = (min(shape[0], 64), min(shape[1], 8))
    let (height, width) = (shape[2], shape[3])
    self.init(width: outputs * (width + 1) - 1, height: inputs * (height + 1) - 1)
    let bound = max(
      weights.scalars.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
    for output in 0..<outputs {
      for input in 0..<inputs {
        for y in 0..<height {
          for x in 0..<width {
            let place = ((output * shape[1] + input) * height + y) * width + x
            self[output * (width + 1) + x, input * (height + 1) + y] = .signed(
              weights.scalars[place] / bound)
          }
        }
      }
    }
    self = enlarged(by: max(1, min(8, 640 / self.width)))
  }
}
