import CounterspikeKernels
import Testing

@Suite("Float buffer")
struct FloatBufferTests {
  @Test("starts as zeros and holds what is written")
  func contents() {
    let buffer = FloatBuffer(count: 100)
    #expect(buffer.all.array == [Float](repeating: 0, count: 100))
    buffer.all.fill(2)
    buffer.slice(10, 3).copy(from: [4, 5, 6])
    buffer.slice(20, 3).copy(from: buffer.slice(10, 3))
    buffer.all[99] = 7
    let middle = buffer.slice(8, 20).slice(2, 3)
    #expect(middle.offset == 10)
    #expect(middle.array == [4, 5, 6])
    #expect(buffer.slice(19, 5).array == [2, 4, 5, 6, 2])
    #expect(buffer.all[99] == 7)
    #expect(FloatBuffer([1, 2]).all.array == [1, 2])
    #expect(FloatBuffer(count: 0).all.array.isEmpty)
  }

  @Test("slices share the buffer's memory and keep it alive")
  func sharing() {
    var slice = FloatBuffer(count: 8).all
    slice = slice.slice(2, 4)
    slice.withMutableSpan { span in
      for i in span.indices { span[i] = Float(i) }
    }
    #expect(slice.array == [0, 1, 2, 3])
  }

  @Test("a slice reaches to the end and may be empty there")
  func edges() {
    let buffer = FloatBuffer(count: 8)
    #expect(buffer.slice(8, 0).count == 0)
    #expect(buffer.slice(0, 8).slice(8, 0).array.isEmpty)
    #expect(buffer.slice(7, 1).count == 1)
  }

  @Test("no slice reaches outside its buffer")
  func bufferBounds() async {
    await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: 8).slice(4, 5) }
    await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: 8).slice(-1, 2) }
    await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: 8).slice(2, -1) }
    await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: 8).slice(1, .max) }
  }

  @Test("no slice reaches outside the slice that it is of")
  func sliceBounds() async {
    await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: 8).slice(2, 4).slice(0, 5) }
    await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: 8).slice(2, 4).slice(-1, 1) }
  }

  @Test("no element outside a slice is read or written")
  func elementBounds() async {
    await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: 8).slice(2, 4)[4] }
    await #expect(processExitsWith: .failure) { FloatBuffer(count: 8).slice(2, 4)[-1] = 1 }
  }

  @Test("copies of another length and negative sizes are refused")
  func lengths() async {
    await #expect(processExitsWith: .failure) { FloatBuffer(count: 8).all.copy(from: [1]) }
    await #expect(processExitsWith: .failure) {
      FloatBuffer(count: 8).all.copy(from: FloatBuffer(count: 9).all)
    }
    await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: -1) }
  }
}
