package import Counterspike

#if HDF5
  internal import CHDF5
  internal import Foundation
#endif

/// The groups, numbers and texts of an HDF5 file.
package indirect enum HDF5Tree: Sendable, Equatable {
  case group([String: HDF5Tree])
  /// Numbers of any type, the last index the fastest.
  case numbers(shape: [Int], [Double])
  case text(shape: [Int], [String])
  /// Only to be written: numbers of 32 bits, and whole ones of 64.
  case floats(shape: [Int], [Float])
  case integers(shape: [Int], [Int])

  /// What is in a group under a name.
  package subscript(name: String) -> HDF5Tree? {
    if case .group(let items) = self { items[name] } else { nil }
  }

  /// Whether this build can read HDF5 files.
  package static var isReadable: Bool {
    #if HDF5
      true
    #else
      false
    #endif
  }

  /// Refuses what this build cannot read or write.
  ///
  /// - Throws: `missingLibrary`, with how to build one that can.
  package static func requireLibrary(for what: String) throws(CounterspikeError) {
    guard !isReadable else { return }
    throw CounterspikeError(
      .missingLibrary,
      "\(what.excerpt) needs HDF5, which this build is without; build with the package trait HDF5",
      remedy: .buildWithHDF5)
  }
}

extension HDF5Tree {
  /// The bytes of an HDF5 file with this content; equal content gives equal bytes.
  ///
  /// - Throws: `missingLibrary`; `libraryFailure`.
  package func fileBytes() throws(CounterspikeError) -> [UInt8] {
    try Self.requireLibrary(for: "writing such a file")
    #if HDF5
      guard case .group(let items) = self else { preconditionFailure("a file is a group") }
      var description: [UInt8] = []
      for (name, item) in items.sorted(by: { $0.key < $1.key }) {
        item.append(to: &description, name)
      }
      var bytes: UnsafeMutablePointer<UInt8>?
      var size = 0
      let result = unsafe counterspike_hdf5_image(description, description.count, &bytes, &size)
      guard result == 0, let image = unsafe bytes else {
        throw CounterspikeError(
          .libraryFailure,
          "libhdf5 cannot make the file; if memory is short, end other programs and try again")
      }
      defer { unsafe counterspike_hdf5_free(image) }
      return unsafe Array(UnsafeBufferPointer(start: image, count: size))
    #else
      return []
    #endif
  }

  #if HDF5
    private func append(to bytes: inout [UInt8], _ name: String) {
      func begin(_ kind: Int, _ shape: [Int], _ count: Int) {
        let text = Array(name.utf8)
        bytes += LittleEndian.bytes([Int32(kind), Int32(text.count)])
        bytes += LittleEndian.bytes([Int64(shape.count), Int64(count)])
        bytes += text
        bytes += LittleEndian.bytes(shape.map { Int64($0) })
      }
      switch self {
      case .group(let items):
        begin(COUNTERSPIKE_HDF5_GROUP, [], 0)
        for (name, item) in items.sorted(by: { $0.key < $1.key }) { item.append(to: &bytes, name) }
        bytes += LittleEndian.bytes([Int32(COUNTERSPIKE_HDF5_LEAVE), 0])
        bytes += LittleEndian.bytes([Int64(0), 0])
      case .numbers(let shape, let values):
        begin(COUNTERSPIKE_HDF5_NUMBERS, shape, values.count)
        bytes += LittleEndian.bytes(values.map { $0.bitPattern })
      case .floats(let shape, let values):
        begin(COUNTERSPIKE_HDF5_FLOATS, shape, values.count)
        bytes += LittleEndian.bytes(values)
      case .integers(let shape, let values):
        begin(COUNTERSPIKE_HDF5_INTEGERS, shape, values.count)
        bytes += LittleEndian.bytes(values.map { Int64($0) })
      case .text(let shape, let values):
        begin(COUNTERSPIKE_HDF5_TEXT, shape, values.count)
        for value in values {
          let text = Array(value.utf8)
          bytes += LittleEndian.bytes([Int64(text.count)]) + text
        }
      }
    }
  #endif
}
