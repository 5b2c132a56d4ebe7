#if HDF5
  internal import CHDF5
  package import Counterspike
  internal import Foundation

  /// What the process that reads an HDF5 file says about it; see `counterspike_hdf5.h`.
  ///
  /// The process may have been led astray by the file, so that what it says is checked before memory
  /// is taken for it.
  package final class SpikeMessages {
    /// What a child may take beyond the file's size.
    private static let memory: Int64 = 256 << 20
    /// Milliseconds without a word after which it is given up.
    private static let patience: Int32 = 120_000

    package struct Recording {
      package let label: Int64
      /// Seconds.
      package let times: [Double]
      /// As many as there are times.
      package let units: [Int32]
    }

    /// What messages call the file.
    private let name: String
    private var child: counterspike_hdf5_child
    /// The number of recordings.
    package let count: Int
    private var delivered = 0
    /// Spikes that the file has room for beyond those that were read.
    private var room: Int

    deinit {
      unsafe counterspike_hdf5_stop(&child)
    }

    /// - Throws: `unreadableFile`, `damagedFile`, `libraryFailure`.
    package init(of path: String, as name: String) throws(CounterspikeError) {
      guard let size = WholeFile.status(of: path)?.size else {
        throw CounterspikeError(
          .unreadableFile, "cannot read “\(name.excerpt)”; check the path and its permissions"
        )
      }
      try MemoryLimit.current().requireForHDF5(size: size, of: name)
      var child = counterspike_hdf5_child()
      let reason = unsafe counterspike_hdf5_start(
        path, Int64(size), Self.memory + Int64(size), 2 + Int64(size >> 18), &child)
      guard reason == 0 else {
        throw CounterspikeError(
          .libraryFailure,
          "the process that reads “\(name.excerpt)” cannot be started: "
            + "\(unsafe String(cString: strerror(reason))); end other programs and try again")
      }
      self.name = name
      do throws(CounterspikeError) {
        let header = try Self.message(of: &child, name)
        guard header.kind == Int32(COUNTERSPIKE_HDF5_HEADER), header.b >= 2,
          (0...Int64(size)).contains(header.a)
        else { throw Self.problem(header, name) }
        count = Int(header.a)
        room = size / Int(header.b)
      } catch {
        unsafe counterspike_hdf5_stop(&child)
        throw error
      }
      self.child = child
    }

    /// The next recording; `nil` after the last one.
    ///
    /// - Throws: `damagedFile`.
    package func next() throws(CounterspikeError) -> Recording? {
      guard delivered <= count else { return nil }
      let message = try Self.message(of: &child, name)
      if message.kind == Int32(COUNTERSPIKE_HDF5_END), delivered == count {
        delivered += 1
        return nil
      }
      guard message.kind == Int32(COUNTERSPIKE_HDF5_RECORDING), delivered < count,
        (0...Int64(room)).contains(message.b)
      else { throw Self.problem(message, name) }
      var times = [Double](repeating: 0, count: Int(message.b))
      var units = [Int32](repeating: 0, count: Int(message.b))
      try Self.receive(&times, from: &child, name)
      try Self.receive(&units, from: &child, name)
      delivered += 1
      room -= times.count
      return Recording(label: message.a, times: times, units: units)
    }

    private static func message(
      of child: inout counterspike_hdf5_child, _ name: String
    ) throws(CounterspikeError) -> counterspike_hdf5_message {
      var message = [counterspike_hdf5_message()]
      try receive(&message, from: &child, name)
      return message[0]
    }

    /// Fills `values` with what the child sends.
    private static func receive<Value: BitwiseCopyable>(
      _ values: inout [Value], from child: inout counterspike_hdf5_child, _ name: String
    ) throws(CounterspikeError) {
      guard !values.isEmpty else { return }
      let result = unsafe values.withUnsafeMutableBytes { bytes in
        unsafe counterspike_hdf5_receive(&child, bytes.baseAddress, bytes.count, patience)
      }
      guard result != 0 else { return }
      guard result == 1 else {
        throw damaged(name, "something that libhdf5 finds no end with in two minutes")
      }
      let signal = unsafe counterspike_hdf5_stop(&child)
      let limit = MemoryLimit.current()
      if limit.mayFailHDF5 { throw limit.tooSmallForHDF5(of: name) }
      throw damaged(
        name,
        signal == SIGXCPU
          ? "something that libhdf5 finds no end with"
          : signal == SIGKILL
            ? "something that libhdf5 was stopped at by the system, perhaps for lack of memory"
            : "something that libhdf5 crashes on (signal \(signal))")
    }

    private static func damaged(
      _ name: String, _ problem: String,
      _ remedy: String = "it is damaged, or no file of spikes: fetch it again"
    ) -> CounterspikeError {
      CounterspikeError(.damagedFile, "“\(name.excerpt)” has \(problem); \(remedy)")
    }

    /// What a message about a problem says in words.
    private static func problem(
      _ message: counterspike_hdf5_message, _ name: String
    ) -> CounterspikeError {
      let (a, b) = (message.a, message.b)
      func set() -> String {
        unsafe counterspike_hdf5_name(message.subject).map { unsafe String(cString: $0) } ?? "/"
      }
      let expected = [
        "/spikes/times": "rows of floats of 16, 32 or 64 bits",
        "/spikes/units": "rows of integers of 8 to 64 bits",
        "/labels": "integers of 8 to 64 bits",
      ]
      switch Int(message.kind) {
      case COUNTERSPIKE_HDF5_NOT_HDF5:
        return damaged(name, "nothing that libhdf5 can open", "it is truncated or no HDF5 file")
      case COUNTERSPIKE_HDF5_MISSING:
        return damaged(
          name, "no \(set()), where /spikes/times, /spikes/units and /labels are expected")
      case COUNTERSPIKE_HDF5_LINK:
        return damaged(
          name,
          "\(a == 1 ? "a soft" : a == 2 ? "an external" : "an unknown") link in the place of \(set())",
          "only data that stand there themselves are read")
      case COUNTERSPIKE_HDF5_UNOPENED:
        return damaged(name, "a \(set()) that libhdf5 cannot open")
      case COUNTERSPIKE_HDF5_RANK:
        return damaged(name, "\(a < 0 ? "no" : "\(a)") dimensions in \(set()), where 1 is expected")
      case COUNTERSPIKE_HDF5_TYPE:
        return damaged(
          name, "another type in \(set()) than \(expected[set(), default: "numbers"])")
      case COUNTERSPIKE_HDF5_EXTERNAL:
        return damaged(
          name, "the data of \(set()) in other files", "only data in the file itself are read")
      case COUNTERSPIKE_HDF5_COUNT:
        return damaged(name, "\(a) elements in \(set()), where /spikes/times has \(b)")
      case COUNTERSPIKE_HDF5_TOO_MANY:
        return damaged(name, "\(a) recordings by its own account, and room for \(b) at most")
      case COUNTERSPIKE_HDF5_ELEMENT:
        return damaged(name, "an element \(a) in \(set()) that libhdf5 cannot read")
      case COUNTERSPIKE_HDF5_LENGTHS:
        return damaged(
          name,
          "\(a) times and \(b) units in recording \(message.subject), where as many are expected")
      case COUNTERSPIKE_HDF5_TOO_LONG:
        return damaged(
          name, "\(a) spikes in recording \(message.subject) by its own account, and room for \(b)")
      case COUNTERSPIKE_HDF5_SHORT: return MemoryLimit.current().tooSmallForHDF5(of: name)
      case COUNTERSPIKE_HDF5_FAILED:
        return CounterspikeError(
          .libraryFailure,
          "libhdf5 cannot be started to read “\(name.excerpt)”; install it anew")
      default:
        return damaged(name, "something that leads libhdf5 astray")
      }
    }
  }
#endif
