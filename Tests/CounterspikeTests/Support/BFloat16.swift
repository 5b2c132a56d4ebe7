import Counterspike
import CounterspikeKernels
import CounterspikeProducts

/// Whether oneDNN has products of bfloat16 on this processor. Only what is unimplemented counts: any other failure
/// is a test's.
let hasBFloat16: Bool = {
  do throws(LibraryFailure) {
    _ = try Convolution(
      ConvolutionShape(
        images: 2, inChannels: 16, inHeight: 6, inWidth: 6, outChannels: 16, kernel: 3, stride: 1,
        padding: 0, groups: 1), precision: .bfloat16, backward: true, needsDataGradient: true)
    return true
  } catch {
    return !error.isUnimplemented
  }
}()
