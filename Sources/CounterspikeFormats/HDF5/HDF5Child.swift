package import Counterspike

#if HDF5
  internal import CHDF5
  internal import Foundation

  /// The process that reads an HDF5 file's tree; see `counterspike_hdf5.h`.
  ///
  /// The file may have led it astray, so that what it says is checked before memory is taken for it.
  final class HDF5Child {
    /// What the child may take beyond the file's size.
    private static let memory: Int64 = 4 << 30
    /// Milliseconds without a word after which it is given up.
    private static let patience: Int32 = 60_000
    private static let mostNumbers = 1 << 28
    private static let longestName = 1 << 16
    private static let deepest = 12

    private let path: String
    private var child = counterspike_hdf5_child()
    private var numbers = 0

    deinit { unsafe counterspike_hdf5_stop(&child) }

    /// - Throws: `unreadableFile`; `libraryFailure`.
    init(of path: String) throws(CounterspikeError) {
      // Opened once, so that what cannot be read is told in the system's words.
      _ = try WholeFile.beginning(of: path, count: 8)
      let size = WholeFile.status(of: path)?.size ?? 0
      self.path = path
      try MemoryLimit.current().requireForHDF5(size: size, of: path)
      let reason = unsafe counterspike_hdf5_start_tree(
        path, Int64(size), Self.memory, 10 + Int64(size >> 20), &child)
      guard reason == 0 else {
        throw CounterspikeError(
          .libraryFailure,
          "the process that reads “\(path.excerpt)” cannot be started; end other programs and try "
            + "again")
      }
    }

    /// The items of a group up to its end, or of the file.
    func group(
      until end: Int = COUNTERSPIKE_HDF5_END, depth: Int = 0
    ) throws(CounterspikeError) -> [String: HDF5Tree] {
      guard depth <= Self.deepest else { throw damaged("groups in groups without end") }
      var items: [String: HDF5Tree] = [:]
      while true {
        let message = try values(1, counterspike_hdf5_message())[0]
        let name = try text(message.subject)
        switch Int(message.kind) {
        case end: return items
        case COUNTERSPIKE_HDF5_GROUP:
          items[name] = .group(try group(until: COUNTERSPIKE_HDF5_LEAVE, depth: depth + 1))
        case COUNTERSPIKE_HDF5_NUMBERS:
          let shape = try shape(message)
          items[name] = .numbers(shape: shape, try values(shape.reduce(1, *), 0.0))
        case COUNTERSPIKE_HDF5_TEXT:
          let shape = try shape(message)
          var texts: [String] = []
          for _ in 0..<shape.reduce(1, *) {
            let length = try values(1, Int64(0))[0]
            guard (0...Int64(Self.longestName)).contains(length) else { throw astray }
            texts.append(try text(Int32(length)))
          }
          items[name] = .text(shape: shape, texts)
        case COUNTERSPIKE_HDF5_NOT_HDF5:
          throw damaged("nothing that libhdf5 can open; it is truncated or no HDF5 file")
        case COUNTERSPIKE_HDF5_ELSEWHERE:
          throw damaged(
            "“\(name.excerpt)” in another file or behind a soft link; copy it into one file")
        case COUNTERSPIKE_HDF5_UNREADABLE:
          throw damaged("“\(name.excerpt)”, which libhdf5 cannot read; write the file anew")
        case COUNTERSPIKE_HDF5_SHORT:
          throw MemoryLimit.current().tooSmallForHDF5(of: path)
        case COUNTERSPIKE_HDF5_FAILED:
          throw CounterspikeError(
            .libraryFailure,
            "libhdf5 cannot be started to read “\(path.excerpt)”; install it anew")
        case COUNTERSPIKE_HDF5_TOO_LARGE:
          throw damaged(
            "more in “\(name.excerpt)” than a network has; check that it is the right file")
        default: throw astray
        }
      }
    }

    private func shape(
      _ message: counterspike_hdf5_message
    ) throws(CounterspikeError) -> [Int] {
      guard (0...8).contains(message.a) else { throw astray }
      let shape = try values(Int(message.a), Int64(0)).map { Int($0) }
      var count = 1
      for length in shape {
        guard (0...Self.mostNumbers).contains(length) else { throw astray }
        count *= length
        guard count <= Self.mostNumbers else { throw astray }
      }
      numbers += count
      guard numbers <= Self.mostNumbers, Int64(count) == message.b else { throw astray }
      return shape
    }

    private func text(_ length: Int32) throws(CounterspikeError) -> String {
      guard (0...Int32(Self.longestName)).contains(length) else { throw astray }
      return String(decoding: try values(Int(length), UInt8(0)), as: UTF8.self)
    }

    private func values<Value: BitwiseCopyable>(
      _ count: Int, _ zero: Value
    ) throws(CounterspikeError) -> [Value] {
      var values = [Value](repeating: zero, count: count)
      guard count > 0 else { return values }
      let result = unsafe values.withUnsafeMutableBytes { bytes in
        unsafe counterspike_hdf5_receive(&child, bytes.baseAddress, bytes.count, Self.patience)
      }
      guard result == 0 else {
        let limit = MemoryLimit.current()
        if limit.mayFailHDF5 { throw limit.tooSmallForHDF5(of: path) }
        throw damaged(
          result == 2
            ? "something that libhdf5 finds no end with; write the file anew"
            : "something that libhdf5 crashes on; it is damaged: write the file anew")
      }
      return values
    }

    private var astray: CounterspikeError {
      damaged("something that leads libhdf5 astray; write the file anew")
    }

    private func damaged(_ problem: String) -> CounterspikeError {
      CounterspikeError(.damagedFile, "“\(path.excerpt)” has \(problem)")
    }
  }

  extension MemoryLimit {
    /// Bytes that libhdf5 takes for itself, whatever the file.
    private static let ownOfHDF5 = 16 << 20

    /// Whether what goes wrong in libhdf5 may be for want of memory: it crashes where it gets none.
    var mayFailHDF5: Bool { bytes < 2 * Self.ownOfHDF5 }

    /// Refuses to read a file where the process that reads it would have too little memory.
    ///
    /// - Throws: `unreadableFile`.
    func requireForHDF5(size: Int, of path: String) throws(CounterspikeError) {
      guard bytes - Self.ownOfHDF5 >= size else { throw tooSmallForHDF5(of: path) }
    }

    func tooSmallForHDF5(of path: String) -> CounterspikeError {
      CounterspikeError(
        .unreadableFile,
        "libhdf5 has too little memory to read “\(path.excerpt)”: this process may take "
          + "\(Self.text(bytes)) more (\(source)); allow it more, or end other programs")
    }
  }
#endif

extension HDF5Tree {
  /// Reads a file; libhdf5 runs in a process of its own.
  ///
  /// - Throws: `missingLibrary`; `unreadableFile`; `damagedFile`; `libraryFailure`.
  package init(contentsOf path: String) throws(CounterspikeError) {
    try Self.requireLibrary(for: path)
    #if HDF5
      let child = try HDF5Child(of: path)
      self = .group(try child.group())
    #else
      self = .group([:])
    #endif
  }
}
