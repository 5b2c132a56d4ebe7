import CounterspikeKernels
import Testing

@Suite("Layout")
struct LayoutTests {
  @Test("an image goes to channels last, and the padding stays as it is")
  func channelsLast() {
    // Two channels of 1×3 pixels.
    let image = FloatBuffer([1, 2, 3, 10, 20, 30])
    let result = FloatBuffer([Float](repeating: -1, count: 12))
    Layout.channelsLast(
      image.all, into: result.all, channels: 2, height: 1, width: 3, channelStride: 4)
    #expect(result.all.array == [1, 10, -1, -1, 2, 20, -1, -1, 3, 30, -1, -1])
  }

  @Test(
    "there and back is the identity", arguments: [(1, 28, 3), (3, 5, 7), (8, 4, 4), (10, 1, 1)])
  func roundTrip(channels: Int, height: Int, width: Int) {
    let images = 3
    let stride = paddedChannels(channels)
    let count = channels * height * width
    var random = RandomStream(seed: 61, purpose: .audit)
    let values = random.normals(images * count)
    let source = FloatBuffer(values)
    let result = FloatBuffer(count: images * height * width * stride)
    for image in 0..<images {
      Layout.channelsLast(
        source.slice(image * count, count),
        into: result.slice(image * height * width * stride, height * width * stride),
        channels: channels, height: height, width: width, channelStride: stride)
    }
    #expect(
      Layout.channelsFirst(
        result.all, images: images, channels: channels, height: height, width: width,
        channelStride: stride) == values)
  }

  @Test("slices of another size are refused")
  func wrongSize() async {
    await #expect(processExitsWith: .failure) {
      Layout.channelsLast(
        FloatBuffer(count: 6).all, into: FloatBuffer(count: 11).all, channels: 2, height: 1,
        width: 3, channelStride: 4)
    }
    await #expect(processExitsWith: .failure) {
      _ = Layout.channelsFirst(
        FloatBuffer(count: 11).all, images: 1, channels: 2, height: 1, width: 3, channelStride: 4)
    }
  }
}
