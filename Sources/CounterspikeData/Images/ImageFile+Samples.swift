package import CounterspikeFormats

extension ImageFile {
  /// The pixels of the image as a sample: cut to the square in its centre and made smaller, if a
  /// size is given, and with the channels that are asked for.
  ///
  /// A pixel of the smaller image is the mean of the area that it covers, pixels at its edges counted
  /// by their share; computed in whole numbers and rounded once, halves up:
  ///
  ///     side of the square S, size N: pixel i covers [i·S/N, (i+1)·S/N) of the original
  ///
  /// From colours to grey by the luma of ITU-R BT.601, (299·R + 587·G + 114·B)/1000; grey becomes
  /// three equal channels.
  ///
  /// - Parameters:
  ///   - size: N; `nil`: height and width stay as they are.
  ///   - channels: 1 or 3.
  /// - Returns: shape `[C, H, W]`.
  /// - Precondition: the image is nowhere smaller than `size`.
  package func sample(size: Int?, channels: Int) -> [UInt8] {
    let (width, height) = (header.width, header.height)
    let side = min(width, height)
    precondition(size.map { (1...side).contains($0) } ?? true, "\(side) pixels are not enough")
    // The area that is kept, and the pixels it is to have.
    let (rows, columns) = size == nil ? (height, width) : (side, side)
    let (top, left) = ((height - rows) / 2, (width - columns) / 2)
    let planes = Self.planes(
      pixels, width: width, from: header.channels, to: channels, top: top, left: left, rows: rows,
      columns: columns)
    guard let size, size != side else { return planes }
    return Self.averaged(planes, channels: channels, side: side, size: size)
  }

  /// A part of the pixels, shape `[C, rows, columns]`.
  private static func planes(
    _ pixels: [UInt8], width: Int, from: Int, to channels: Int, top: Int, left: Int, rows: Int,
    columns: Int
  ) -> [UInt8] {
    let source = pixels.span
    var result = [UInt8](repeating: 0, count: channels * rows * columns)
    var target = result.mutableSpan
    for channel in 0..<channels {
      var place = channel * rows * columns
      for row in top..<(top + rows) {
        var pixel = (row * width + left) * from
        for _ in 0..<columns {
          if from == channels {
            target[place] = source[pixel + channel]
          } else if from == 1 {
            target[place] = source[pixel]
          } else {
            let (red, green, blue) = (source[pixel], source[pixel + 1], source[pixel + 2])
            let luma = 299 * Int(red) + 587 * Int(green) + 114 * Int(blue)
            target[place] = UInt8((luma + 500) / 1000)
          }
          place += 1
          pixel += from
        }
      }
    }
    return result
  }

  /// - Parameter planes: shape `[C, side, side]`.
  /// - Returns: shape `[C, size, size]`.
  private static func averaged(
    _ planes: [UInt8], channels: Int, side: Int, size: Int
  ) -> [UInt8] {
    let source = planes.span
    var result: [UInt8] = []
    result.reserveCapacity(channels * size * size)
    // In units of 1/size of a pixel: pixel p is p·size ..< (p+1)·size, and i covers `side` of them.
    func share(of pixel: Int, in index: Int) -> Int {
      min((pixel + 1) * size, (index + 1) * side) - max(pixel * size, index * side)
    }
    func covered(by index: Int) -> Range<Int> {
      (index * side / size)..<(((index + 1) * side + size - 1) / size)
    }
    for channel in 0..<channels {
      for row in 0..<size {
        for column in 0..<size {
          var sum = 0
          for y in covered(by: row) {
            let start = (channel * side + y) * side
            var line = 0
            for x in covered(by: column) {
              line += share(of: x, in: column) * Int(source[start + x])
            }
            sum += share(of: y, in: row) * line
          }
          result.append(UInt8((sum + side * side / 2) / (side * side)))
        }
      }
    }
    return result
  }
}
