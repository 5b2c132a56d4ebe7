#if HDF5
  import CHDF5Writer
  import Counterspike
  import CounterspikeData
  import Foundation
  import Testing

  @Suite("A file of spikes")
  struct SpikeFileTests {
    /// All recordings of a file.
    static func read(
      _ path: String, classCount: Int = 20, scratch: String = NSTemporaryDirectory()
    ) throws -> [(stream: EventStream, label: Int)] {
      let file = try SpikeFile(path, classCount: classCount, scratchFolder: scratch)
      var recordings: [(EventStream, Int)] = []
      while let recording = try file.next() { recordings.append(recording) }
      #expect(recordings.count == file.count)
      #expect(try file.next() == nil)
      return recordings
    }

    /// What ``SpikeContent`` and the fixtures hold, times in microseconds and in order.
    static func expectKnown(
      _ recordings: [(stream: EventStream, label: Int)],
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(recordings.map(\.label) == [19, 0, 3], sourceLocation: sourceLocation)
      #expect(
        recordings.map(\.stream.times) == [[0, 62_500, 1_375_000], [], [250_000, 500_000]],
        sourceLocation: sourceLocation)
      #expect(
        recordings.map(\.stream.x) == [[0, 699, 350], [], [8, 7]], sourceLocation: sourceLocation)
      for (stream, _) in recordings {
        #expect(stream.width == 700 && stream.height == 1, sourceLocation: sourceLocation)
        #expect(stream.y.allSatisfy { $0 == 0 } && stream.polarities.allSatisfy(\.self))
      }
    }

    @Test("that h5py or PyTables wrote is read, gzipped or not")
    func fixtures() throws {
      let folder = try TemporaryFolder()
      let scratch = folder.path + "/scratch"
      for name in ["h5py.h5", "pytables.h5.gz"] {
        Self.expectKnown(try Self.read(RealData.fixture("spikes/" + name), scratch: scratch))
      }
      // Nothing of what was unpacked is left.
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
    }

    @Test(
      "is read with numbers of any size",
      arguments: [(2, 1, 1), (4, 2, 4), (8, 4, 8), (2, 8, 2)] as [(Int32, Int32, Int32)])
    func sizes(timeSize: Int32, unitSize: Int32, labelSize: Int32) throws {
      let folder = try TemporaryFolder()
      var content = SpikeContent()
      (content.timeSize, content.unitSize, content.labelSize) = (timeSize, unitSize, labelSize)
      if unitSize == 1 { content.units = [[0, 255, 3], [], [7, 8]] }
      content.write(to: folder.path + "/a.h5")
      let recordings = try Self.read(folder.path + "/a.h5")
      if unitSize > 1 { return Self.expectKnown(recordings) }
      #expect(recordings.map(\.stream.x) == [[0, 255, 3], [], [8, 7]])
    }

    @Test(
      "is read in chunks, compressed and in the newest form",
      arguments: [HDF5_WRITER_CHUNKED, HDF5_WRITER_LATEST])
    func forms(form: Int) throws {
      let folder = try TemporaryFolder()
      SpikeContent().write(to: folder.path + "/a.h5", form: form)
      Self.expectKnown(try Self.read(folder.path + "/a.h5"))
    }

    @Test("is read whole, and times to the nearest microsecond")
    func many() throws {
      let folder = try TemporaryFolder()
      var content = SpikeContent.random(300, spikes: 400)
      content.timeSize = 8
      content.write(to: folder.path + "/a.h5", form: HDF5_WRITER_CHUNKED)
      let recordings = try Self.read(folder.path + "/a.h5")
      for (index, (stream, label)) in recordings.enumerated() {
        #expect(label == index % 20)
        #expect(stream.times == content.times[index].map { Int64(($0 * 1e6).rounded()) })
        #expect(stream.x == content.units[index].map { UInt16($0) })
      }
      // One may stop in the middle.
      let file = try SpikeFile(
        folder.path + "/a.h5", classCount: 20, scratchFolder: folder.path)
      #expect(try file.next() != nil)
    }

    @Test("without recordings has none")
    func empty() throws {
      let folder = try TemporaryFolder()
      var content = SpikeContent()
      (content.times, content.units, content.labels) = ([], [], [])
      content.write(to: folder.path + "/a.h5")
      #expect(try Self.read(folder.path + "/a.h5").isEmpty)
    }

    /// Refuses `path`, naming it and all of `texts`.
    static func expectRefusal(
      _ path: String, _ texts: String..., code: CounterspikeError.Code = .damagedFile,
      scratch: String = NSTemporaryDirectory(), sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let error = #expect(throws: CounterspikeError.self, sourceLocation: sourceLocation) {
        try read(path, scratch: scratch)
      }
      #expect(error?.code == code, sourceLocation: sourceLocation)
      for text in [path] + texts {
        #expect(
          error?.message.contains(text) == true, "\(error?.message ?? "")",
          sourceLocation: sourceLocation)
      }
    }

    @Test(
      "of another form is refused by what it has",
      arguments: [
        (HDF5_WRITER_WITHOUT_GROUP, "has no /spikes, where /spikes/times"),
        (HDF5_WRITER_WITHOUT_UNITS, "has no /spikes/units"),
        (HDF5_WRITER_SOFT_LINK, "has a soft link in the place of /spikes/units"),
        (HDF5_WRITER_EXTERNAL_LINK, "has an external link in the place of /spikes/units"),
        (HDF5_WRITER_EXTERNAL_GROUP, "has an external link in the place of /spikes;"),
        (HDF5_WRITER_EXTERNAL_DATA, "has the data of /labels in other files"),
        (HDF5_WRITER_VIRTUAL, "has the data of /labels in other files"),
        (HDF5_WRITER_TWO_DIMENSIONS, "has 2 dimensions in /spikes/times, where 1 is"),
        (HDF5_WRITER_SCALAR, "has 0 dimensions in /spikes/times, where 1 is"),
        (HDF5_WRITER_NO_DIMENSIONS, "has no dimensions in /spikes/times, where 1 is"),
        (HDF5_WRITER_SINGLE_TIMES, "has another type in /spikes/times than rows of floats"),
        (HDF5_WRITER_ODD_FLOATS, "has another type in /spikes/times than rows of floats"),
        (HDF5_WRITER_INTEGER_TIMES, "has another type in /spikes/times than rows of floats"),
        (HDF5_WRITER_FLOAT_UNITS, "has another type in /spikes/units than rows of integers"),
        (HDF5_WRITER_FLOAT_LABELS, "has another type in /labels than integers"),
        (HDF5_WRITER_GROUP, "has a /spikes/times that libhdf5 cannot open"),
        (HDF5_WRITER_HUGE, "has 1099511627776 recordings by its own account, and room for "),
      ])
    func refusedForms(form: Int, text: String) throws {
      let folder = try TemporaryFolder()
      // What a link or an external file leads to is there, and would be fit.
      let other = folder.path + "/other.h5"
      SpikeContent().write(to: other)
      SpikeContent().write(to: folder.path + "/a.h5", form: form, other: other)
      Self.expectRefusal(folder.path + "/a.h5", text)
    }

    @Test("of unfit numbers is refused by recording and spike")
    func values() throws {
      let folder = try TemporaryFolder()
      let path = folder.path + "/a.h5"
      func expect(_ text: String, _ change: (inout SpikeContent) -> Void) {
        var content = SpikeContent()
        (content.timeSize, content.unitSize, content.labelSize) = (8, 8, 8)
        change(&content)
        content.write(to: path)
        Self.expectRefusal(path, text)
      }
      expect("recording 2, has spike 1 at -0.001 s, where 0 … 60 s") { $0.times[2][1] = -0.001 }
      expect("recording 0, has spike 0 at 60.5 s, where 0 … 60 s") { $0.times[0][0] = 60.5 }
      expect("recording 0, has spike 2 at nan s, where 0 … 60 s") { $0.times[0][2] = .nan }
      expect("recording 2, has spike 0 at inf s, where 0 … 60 s") { $0.times[2][0] = .infinity }
      expect("recording 0, has spike 1 of unit 700, where 0 … 699") { $0.units[0][1] = 700 }
      expect("recording 2, has spike 1 of unit -1, where 0 … 699") { $0.units[2][1] = -1 }
      // Beyond 32 bits, the library gives the nearest number.
      expect("recording 2, has spike 1 of unit 2147483647") { $0.units[2][1] = .max }
      expect("recording 1, has the label 20, where 0 … 19") { $0.labels[1] = 20 }
      expect("recording 0, has the label -1, where 0 … 19") { $0.labels[0] = -1 }
      expect("has 1 times and 0 units in recording 1") { $0.times[1] = [0.5] }
      expect("has 2 elements in /spikes/units, where /spikes/times has 3") {
        $0.units.removeLast()
      }
      expect("has 4 elements in /labels, where /spikes/times has 3") { $0.labels.append(0) }
    }

    @Test("that is cut short, empty, missing or no file is refused")
    func damage() throws {
      let folder = try TemporaryFolder()
      let path = folder.path + "/a.h5"
      SpikeContent.random(30, spikes: 100).write(to: path)
      let bytes = try folder.read("a.h5")
      try folder.write(Array(bytes[..<(bytes.count - 3000)]), to: "a.h5")
      Self.expectRefusal(path, "has nothing that libhdf5 can open; it is truncated or no HDF5 file")
      try folder.write([], to: "a.h5")
      Self.expectRefusal(path, "has nothing that libhdf5 can open")
      try folder.write(Array("\u{89}HDF\r\n\u{1A}\n".utf8), to: "a.h5")
      Self.expectRefusal(path, "has nothing that libhdf5 can open")
      Self.expectRefusal(folder.path + "/none.h5", code: .unreadableFile)
      Self.expectRefusal(folder.path, "it is a folder", code: .unreadableFile)
      #expect(mkfifo(folder.path + "/pipe.h5", 0o600) == 0)
      Self.expectRefusal(folder.path + "/pipe.h5", code: .unreadableFile)
    }

    @Test("that is gzipped badly, or has no room to be unpacked, is refused")
    func gzipped() throws {
      let folder = try TemporaryFolder()
      let path = folder.path + "/a.h5.gz"
      SpikeContent().write(to: folder.path + "/a.h5")
      let packed = gzip(try folder.read("a.h5"))
      try folder.write(packed, to: "a.h5.gz")
      Self.expectKnown(try Self.read(path, scratch: folder.path + "/scratch"))
      try folder.write(Array(packed[..<(packed.count / 2)]), to: "a.h5.gz")
      Self.expectRefusal(path, "has gzip data that break off after")
      var corrupt = packed
      corrupt[packed.count / 2] ^= 1
      try folder.write(corrupt, to: "a.h5.gz")
      Self.expectRefusal(path, "has gzip data that are corrupt after")
      try folder.write(gzip(randomBytes(3000)), to: "a.h5.gz")
      Self.expectRefusal(
        path, "has nothing that libhdf5 can open", scratch: folder.path + "/scratch")
      Self.expectRefusal(
        path, "cannot be written; check permissions and free space, or put the unpacked file",
        code: .unwritableFile,
        scratch: folder.path + "/a.h5")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/scratch").isEmpty)
    }

    @Test("of many at once is read by each as alone")
    func threads() async throws {
      let folder = try TemporaryFolder()
      SpikeContent().write(to: folder.path + "/a.h5")
      try folder.write(try Array(folder.read("a.h5").prefix(2000)), to: "b.h5")
      await withTaskGroup(of: Void.self) { group in
        for task in 0..<40 {
          group.addTask {
            if task % 4 == 3 {
              Self.expectRefusal(folder.path + "/b.h5", "has nothing that libhdf5 can open")
            } else if let recordings = try? Self.read(folder.path + "/a.h5") {
              Self.expectKnown(recordings)
            } else {
              Issue.record("not read")
            }
          }
        }
      }
    }
  }
#endif
