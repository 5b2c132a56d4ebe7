internal import COneDNN
package import CounterspikeKernels

/// Images `[images, H, W, C]`, weights `[out, in / groups, kernel, kernel]`; channels padded.
package struct ConvolutionShape: Sendable, Equatable {
  package var images: Int
  package var inChannels: Int
  package var inHeight: Int
  package var inWidth: Int
  package var outChannels: Int
  package var kernel: Int
  package var stride: Int
  package var padding: Int
  /// Each sees and makes its own share of the channels.
  package var groups: Int

  package init(
    images: Int, inChannels: Int, inHeight: Int, inWidth: Int, outChannels: Int, kernel: Int,
    stride: Int, padding: Int, groups: Int = 1
  ) {
    self.images = images
    self.inChannels = inChannels
    self.inHeight = inHeight
    self.inWidth = inWidth
    self.outChannels = outChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.groups = groups
  }

  package var outHeight: Int { (inHeight + 2 * padding - kernel) / stride + 1 }
  package var outWidth: Int { (inWidth + 2 * padding - kernel) / stride + 1 }
  package var inputCount: Int { images * inHeight * inWidth * inChannels }
  package var outputCount: Int { images * outHeight * outWidth * outChannels }
  package var weightCount: Int { outChannels * (inChannels / groups) * kernel * kernel }

  /// The convolution that is this one's data gradient: with in and out exchanged, and the kernels
  /// mirrored. `nil` where it would mostly multiply the zeros around the output gradient.
  ///
  /// oneDNN's forward passes are faster than its data gradients: on 256 and 384 channels of 8×8, kernel
  /// 3×3, by 1.1 to 3.5 times.
  var mirrored: ConvolutionShape? {
    guard groups == 1, stride == 1, 2 * padding == kernel - 1 else { return nil }
    var shape = self
    swap(&shape.inChannels, &shape.outChannels)
    return shape
  }
}

/// What a convolution multiplies. Values that come in and go out, and sums, are float32 always.
package enum Precision: Sendable {
  case float32
  /// Both factors of every product are rounded to bfloat16, 8 significant bits, first.
  case bfloat16

  fileprivate var library: counterspike_precision {
    switch self {
    case .float32: counterspike_float32
    case .bfloat16: counterspike_bfloat16
    }
  }
}

/// A convolution's primitives and its weights in oneDNN's order; shared by all threads.
@safe
package final class Convolution: @unchecked Sendable {
  package let shape: ConvolutionShape
  let handle: OpaquePointer
  /// Computes the data gradient, where it is a convolution of the same kind.
  let mirrored: Convolution?
  /// The weights of ``mirrored``, `[in, out, kernel, kernel]`; reserved when weights are packed.
  private var mirroredWeights: FloatBuffer?

  package init(
    _ shape: ConvolutionShape, precision: Precision = .float32, backward: Bool,
    needsDataGradient: Bool
  ) throws(LibraryFailure) {
    self.shape = shape
    let mirroredShape = backward && needsDataGradient ? shape.mirrored : nil
    if let mirroredShape {
      mirrored = try Convolution(
        mirroredShape, precision: precision, backward: false, needsDataGradient: false)
    } else {
      mirrored = nil
    }
    // oneDNN fixes the number of threads of a primitive when it is created.
    OneDNN.useOneThread()
    var description = counterspike_convolution_shape(
      images: Int64(shape.images), in_channels: Int64(shape.inChannels),
      in_height: Int64(shape.inHeight), in_width: Int64(shape.inWidth),
      out_channels: Int64(shape.outChannels), out_height: Int64(shape.outHeight),
      out_width: Int64(shape.outWidth), kernel: Int64(shape.kernel),
      stride: Int64(shape.stride), padding: Int64(shape.padding),
      groups: Int64(shape.groups))
    var created: OpaquePointer?
    let status = counterspike_convolution_create(
      &description, precision.library, backward, needsDataGradient && mirroredShape == nil,
      &created)
    guard let created else { throw LibraryFailure("creating a convolution", status: status) }
    handle = created
  }

  deinit { counterspike_convolution_destroy(handle) }

  /// Bytes of weights that it holds beside the plain ones, from the first ``pack(_:)`` on.
  package var packedBytes: Int {
    counterspike_convolution_packed_bytes(handle)
      + (mirrored.map { $0.packedBytes + shape.weightCount * MemoryLayout<Float>.stride } ?? 0)
  }
  /// Floats of a weight gradient in oneDNN's order.
  package var gradientCount: Int { counterspike_convolution_gradient_count(handle) }
  /// Floats of working memory that each running thread brings.
  package var scratchCount: Int {
    max((counterspike_convolution_scratch_bytes(handle) + 3) / 4, mirrored?.scratchCount ?? 0)
  }

  /// Takes over changed weights, `[out, in, kernel, kernel]`; one thread, before any call.
  package func pack(_ weights: FloatSlice) throws(LibraryFailure) {
    precondition(
      weights.count == shape.weightCount,
      "\(weights.count) weights for a convolution with \(shape.weightCount)")
    try LibraryFailure.check(
      "packing weights", counterspike_convolution_pack(handle, weights.pointer))
    if let mirrored {
      if mirroredWeights == nil {
        mirroredWeights = try FloatBuffer(reserving: shape.weightCount)
      }
      guard let mirroredWeights else { return }
      mirror(weights.pointer, into: mirroredWeights.all.pointer)
      try mirrored.pack(mirroredWeights.all)
    }
  }

  private func mirror(
    _ weights: UnsafeMutablePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    let (inputs, outputs) = (shape.inChannels, shape.outChannels)
    let pixels = shape.kernel * shape.kernel
    for output in 0..<outputs {
      for input in 0..<inputs {
        let from = weights + (output &* inputs &+ input) &* pixels
        let to = result + (input &* outputs &+ output) &* pixels
        for pixel in 0..<pixels { to[pixels &- 1 &- pixel] = from[pixel] }
      }
    }
  }

  /// Brings a weight gradient from oneDNN's order into `[out, in, kernel, kernel]`.
  package func unpack(_ packed: FloatSlice, into gradient: FloatSlice) throws(LibraryFailure) {
    precondition(
      packed.count == gradientCount && gradient.count == shape.weightCount,
      "a packed gradient of \(packed.count) floats into one of \(gradient.count)")
    try LibraryFailure.check(
      "unpacking a gradient",
      counterspike_convolution_unpack_gradient(handle, packed.pointer, gradient.pointer))
  }
}

/// One thread's way to run a convolution.
@safe
package final class ConvolutionCall: @unchecked Sendable {
  let convolution: Convolution
  let handle: OpaquePointer
  private let mirrored: ConvolutionCall?

  package init(_ convolution: Convolution) throws(LibraryFailure) {
    self.convolution = convolution
    if let mirror = convolution.mirrored {
      mirrored = try ConvolutionCall(mirror)
    } else {
      mirrored = nil
    }
    var created: OpaquePointer?
    let status = counterspike_convolution_call_create(convolution.handle, &created)
    guard let created else { throw LibraryFailure("preparing a convolution", status: status) }
    handle = created
  }

  deinit { counterspike_convolution_call_destroy(handle) }

  /// output = W ∗ images
  package func forward(
    images: FloatSlice, output: FloatSlice, scratch: FloatSlice
  ) throws(LibraryFailure) {
    check(images, output, scratch)
    try LibraryFailure.check(
      "a convolution",
      counterspike_convolution_forward(
        handle, images.pointer, output.pointer, scratch.pointer))
  }

  /// imageGradient = Wᵀ ∗ outputGradient
  package func backwardData(
    outputGradient: FloatSlice, imageGradient: FloatSlice, scratch: FloatSlice
  ) throws(LibraryFailure) {
    check(imageGradient, outputGradient, scratch)
    if let mirrored {
      return try mirrored.forward(
        images: outputGradient, output: imageGradient, scratch: scratch)
    }
    try LibraryFailure.check(
      "a convolution's data gradient",
      counterspike_convolution_backward_data(
        handle, outputGradient.pointer, imageGradient.pointer, scratch.pointer))
  }

  /// packedGradient = Σ outputGradient ⊗ images, in oneDNN's order
  package func backwardWeights(
    images: FloatSlice, outputGradient: FloatSlice, packedGradient: FloatSlice,
    scratch: FloatSlice
  ) throws(LibraryFailure) {
    check(images, outputGradient, scratch)
    precondition(
      packedGradient.count == convolution.gradientCount,
      "a packed gradient of \(packedGradient.count) floats")
    try LibraryFailure.check(
      "a convolution's weight gradient",
      counterspike_convolution_backward_weights(
        handle, images.pointer, outputGradient.pointer, packedGradient.pointer,
        scratch.pointer))
  }

  private func check(_ images: FloatSlice, _ output: FloatSlice, _ scratch: FloatSlice) {
    let shape = convolution.shape
    precondition(
      images.count == shape.inputCount && output.count == shape.outputCount
        && scratch.count >= convolution.scratchCount,
      "images of \(images.count), output of \(output.count) floats for a convolution of "
        + "\(shape.inputCount) and \(shape.outputCount)")
  }
}
