import Counterspike
import Testing

@testable import CounterspikeReport

@Suite("Events for TensorBoard, byte for byte")
struct EventEncodingTests {
  @Test("CRC-32C has the check value of its definition")
  func checksum() {
    #expect(EventRecord.checksum(Array("123456789".utf8)) == 0xE306_9283)
    // RFC 3720, B.4: 32 bytes of zeros, and of ones.
    #expect(EventRecord.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(EventRecord.checksum([UInt8](repeating: 255, count: 32)) == 0x62A8_AB43)
  }

  @Test("a record is length, checksum, message, checksum")
  func record() {
    let message = Array("123456789".utf8)
    let record = EventRecord.framed(message)
    #expect(record.count == 8 + 4 + 9 + 4)
    #expect(Array(record[..<8]) == [9, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(record[12..<21]) == message)
    // 0xE3069283 turned by 15 bits to the right is 0x2507C60D; the mask is added.
    let masked = UInt32(0x2507_C60D) &+ 0xA282_EAD8
    #expect(Array(record[21...]) == (0..<4).map { UInt8(truncatingIfNeeded: masked >> (8 * $0)) })
  }

  @Test("fields are encoded as the wire format's description has them")
  func fields() {
    #expect(ProtobufMessage { $0.add(1, integer: 150) }.bytes == [0x08, 0x96, 0x01])
    #expect(
      ProtobufMessage { $0.add(2, text: "testing") }.bytes == [0x12, 7] + Array("testing".utf8))
    #expect(
      ProtobufMessage { $0.add(1, integer: -2) }.bytes
        == [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01])
    #expect(ProtobufMessage { $0.add(16, float: 1) }.bytes == [0x85, 0x01, 0, 0, 0x80, 0x3F])
    #expect(
      ProtobufMessage { $0.add(6, doubles: [1, -2]) }.bytes
        == [0x32, 16, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0])
    #expect(
      ProtobufMessage { $0.add(3, ProtobufMessage { $0.add(1, integer: 150) }) }.bytes
        == [0x1A, 3, 0x08, 0x96, 0x01])
  }

  @Test("a file's first event is its version")
  func version() {
    #expect(
      EventMessage.version(at: 1)
        == [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x1A, 13] + Array("brain.Event:2".utf8))
  }

  @Test("a histogram counts each finite value once")
  func histogram() {
    let histogram = Histogram([0, 1, 1, 2, 4, .nan, .infinity], ranges: 4)
    #expect(histogram.count == 5)
    #expect(histogram.minimum == 0 && histogram.maximum == 4)
    #expect(histogram.sum == 8 && histogram.squares == 22)
    #expect(histogram.limits == [1, 2, 3, 4])
    #expect(histogram.counts == [1, 2, 1, 1])
    #expect(Histogram([3, 3]).counts == [2])
    #expect(Histogram([3, 3]).limits == [3])
    #expect(Histogram([]).counts.isEmpty)
    #expect(Histogram([.nan]).count == 0)
    let extremes = Histogram([-.greatestFiniteMagnitude, .greatestFiniteMagnitude, 1e-30])
    #expect(extremes.counts.reduce(0, +) == 3)
  }

  @Test("spikes are counted over the time steps")
  func spikeCounts() {
    let spikes = Tensor(shape: [3, 1, 2, 1, 1], scalars: [1, 0, 1, 0, 0, 1])
    #expect(TensorBoardWriter.spikeCounts(spikes) == [2, 1])
  }

  @Test("an image's squares have the colours of its numbers")
  func images() {
    let confusion = PixelImage(confusion: [[3, 0], [1, 1]])
    #expect(confusion.width == 320 && confusion.height == 320)
    #expect(confusion[0, 0] == .share(1))
    #expect(confusion[319, 0] == .white)
    #expect(confusion[0, 319] == .share(0.5) && confusion[319, 319] == .share(0.5))

    let spikes = Tensor(shape: [2, 1, 3, 1, 1], scalars: [0, 1, 0, 0, 0, 1])
    let raster = PixelImage(raster: [spikes])
    #expect(raster.width == 320 && raster.height == 9)
    #expect(raster[0, 3] == .grey(0) && raster[319, 8] == .grey(0))
    #expect(raster[0, 0] == .white && raster[319, 3] == .white)

    let kernels = PixelImage(kernels: Tensor(shape: [2, 1, 1, 1], scalars: [1, -2]))
    #expect(kernels[0, 0] == .signed(0.5) && kernels[kernels.width - 1, 0] == .signed(-1))
  }
}
