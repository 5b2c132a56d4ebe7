import Counterspike
import Testing

@Suite("Tensor")
struct TensorTests {
  @Test("keeps the last axis together")
  func rowMajor() {
    var tensor = Tensor(shape: [2, 3], scalars: [0, 1, 2, 10, 11, 12])
    #expect(tensor[1, 0] == 10)
    #expect(tensor[0, 2] == 2)
    tensor[1, 2] = 99
    #expect(tensor.scalars == [0, 1, 2, 10, 11, 99])
  }

  @Test(
    "holds as many zeros as its shape says",
    arguments: [([], 1), ([0], 0), ([7], 7), ([2, 3, 4], 24), ([5, 0, 3], 0)])
  func zeros(shape: [Int], count: Int) {
    let tensor = Tensor(zeros: shape)
    #expect(tensor.count == count)
    #expect(tensor == Tensor(shape: shape, scalars: [Float](repeating: 0, count: count)))
  }

  @Test("is equal to the same scalars in the same shape only")
  func equality() {
    let tensor = Tensor(shape: [2, 1], scalars: [1, 2])
    #expect(tensor != Tensor(shape: [1, 2], scalars: [1, 2]))
    #expect(tensor != Tensor(shape: [2, 1], scalars: [1, 3]))
  }

  @Test("stops on scalars that do not fill its shape, and names both counts")
  func wrongCount() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5])
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("5 scalars in a tensor of shape [2, 3], which holds 6"))
  }

  @Test("stops on a change of the number of scalars")
  func changedCount() async {
    await #expect(processExitsWith: .failure) {
      var tensor = Tensor(zeros: [2])
      tensor.scalars.append(1)
    }
  }

  @Test("stops on a negative or overflowing shape")
  func impossibleShape() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [-1]) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [1 << 62, 4]) }
  }

  @Test("stops on an index outside of its shape")
  func wrongIndex() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3])[0, 3] }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3])[1] }
  }
}
