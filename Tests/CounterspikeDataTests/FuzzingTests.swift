import Counterspike
import CounterspikeData
import Foundation
import Testing

#if HDF5
  import CHDF5Writer
#endif
#if ImageFiles
  import CTurboJPEG
#endif

@Suite("Damaged files, at random")
struct FuzzingTests {
  static let stream = EventFiles.random(60, width: 128, height: 128)
  static let small = EventFiles.random(60)

  /// The first events of a real recording.
  static func real() throws -> [UInt8] {
    let path = RealData.fixture("nmnist/Test/1/00041.bin")
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)).prefix(400))
  }

  static func seeds(_ format: EventFormat) throws -> [[UInt8]] {
    switch format {
    case .atisBinary:
      [
        try real(), EventFiles.atisBinary(small) + [0, 240, 0, 0, 0], EventFiles.atisBinary(stream),
      ]
    case .atisDat:
      [
        EventFiles.atisDat(stream),
        EventFiles.atisDat(small, header: "% Version 2\n% Width 34\n% Height 34\n"),
      ]
    case .aedat2: [EventFiles.aedat2(stream)]
    case .aedat3: [EventFiles.aedat3(stream)]
    case .csv:
      [
        EventFiles.csv(small), EventFiles.csv(small, heading: "t,x,y,p\n"),
        Array("# y x p t\n3 4 -1 1.5e+01\n1 2 1 2e3\n".utf8),
      ]
    case .aedat4:
      [
        AEDAT4Tests.file(
          [(3, "IMUS"), (5, "EVTS")],
          packets: [(3, [1, 2]), (5, [10, 20, 30]), (5, []), (5, [40])]),
        try AEDAT4Tests.fixture("NONE"),
      ] + (try AEDAT4Tests.compressions.dropFirst().map { try AEDAT4Tests.fixture($0) })
    case .numPyArchive:
      try ["stored", "deflated", "records"].map { name in
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: RealData.fixture("numpy/\(name).npz"))))
      }
    case .gestureNumPy: [EventFiles.numPy(small)]
    case .numPy:
      [
        EventFiles.numPy(small),
        EventFiles.numPy(
          "[('t', '<i8'), ('x', '<u2'), ('y', '|u1'), ('p', '?')]", shape: "(1,)",
          EventFileTests.numPyRow),
        EventFiles.numPy("'<f4'", shape: "(1, 4)", order: "True", EventFileTests.numPyFloats),
      ] + NumPyEventTests.files.map(\.1)
    }
  }

  @Test("of events are read as well-formed events or refused", arguments: EventFormat.allCases)
  func events(format: EventFormat) throws {
    let sensor = SensorSize(width: 128, height: 128)
    let header = format == .aedat4 ? 3000 : 80
    Fuzzing.run(
      try Self.seeds(format), number: UInt64(format.rawValue.count), reader: "events-\(format)",
      header: header
    ) { bytes, path in
      let stream = try format.read(bytes, path: path, sensor: bytes.count % 2 == 0 ? sensor : nil)
      // What is packed may be more.
      let limit = [.aedat4, .numPyArchive].contains(format) ? 1100 * bytes.count : bytes.count
      guard stream.count <= limit, stream.x.count == stream.count,
        stream.y.count == stream.count, stream.polarities.count == stream.count,
        stream.x.allSatisfy({ $0 < stream.width }), stream.y.allSatisfy({ $0 < stream.height }),
        zip(stream.times, stream.times.dropFirst()).allSatisfy({ $0 <= $1 })
      else { throw IllFormed() }
    }
  }

  @Test("of arrays are read as they say or refused")
  func arrays() throws {
    let seeds = [
      ArrayFolderTests.bytes(randomBytes(60), "(3, 4, 5)"),
      ArrayFolderTests.floats([1, 2, 3, 4, 5, 6], "(2, 3)", order: "True"),
      ArrayFolderTests.labels([0, 1, 2]),
    ]
    Fuzzing.run(seeds, number: 7, reader: "array") { bytes, path in
      let array = try NumPyArray(bytes, path: path)
      guard try array.floats().count == array.count, array.count <= bytes.count,
        !array.isBytes || array.pixels().count == array.count
      else { throw IllFormed() }
    }
  }

  @Test("of labels are read as trials or refused")
  func labels() throws {
    let text = "class,startTime_usec,endTime_usec\n1,80048239,85092709\n2,89431170,95231007\n"
    Fuzzing.run([Array(text.utf8)], number: 2, reader: "trials") { bytes, path in
      let labels = try GestureLabels(bytes, path: path)
      guard labels.trials.allSatisfy({ $0.start <= $0.end && $0.label > 0 }) else {
        throw IllFormed()
      }
    }
  }

  @Test("of images are read as they say or refused")
  func images() {
    let files = [idx([3, 4, 5], randomBytes(60)), idx([1, 1, 1], [1]), idx([7], randomBytes(7))]
    Fuzzing.run(files, number: 3, reader: "idx") { bytes, path in
      let content: IDXFile.Content = bytes.count % 2 == 0 ? .images : .labels
      let file = try IDXFile(bytes: bytes, path: path, content: content)
      guard file.elements.count == file.dimensions.reduce(1, *) else { throw IllFormed() }
    }
  }

  @Test("of gzip are unpacked within the limit or refused")
  func gzipFiles() throws {
    let packed = [UInt8](try #require(Data(base64Encoded: GzipTests.packedTwice)))
    Fuzzing.run(
      [gzip(randomBytes(300)), gzip([1]) + gzip([2, 3]), packed], number: 4, reader: "gzip"
    ) { bytes, path in
      let content = try Gzip.content(of: bytes, expected: 300, limit: 5000, file: path)
      guard content.count <= max(5000, bytes.count) else { throw IllFormed() }
    }
  }

  #if Archives
    @Test("of archives are unpacked within the limits and the folder, or refused")
    func archives() throws {
      let members: ArchiveFileTests.Members = [
        ("a/one", randomBytes(90)), ("a/b/two", [UInt8](repeating: 3, count: 400)), ("c", []),
      ]
      var seeds = [
        Archives.zip(members),
        Array(members.map { Archives.tar($0.name, $0.content) }.joined()) + Archives.tarEnd,
      ]
      for (format, filter) in ArchiveFileTests.packings {
        seeds.append(try Archives.packed(members, format: format, filter: filter))
      }
      let folder = try TemporaryFolder()
      var limits = ArchiveFile.Limits()
      limits.members = 9
      limits.fileBytes = 1000
      limits.totalBytes = 1500
      Fuzzing.run(seeds, number: 5) { bytes, path in
        try folder.write(bytes, to: "area/\(path)")
        let archive = ArchiveFile("\(folder.path)/area/\(path)", limits: limits)
        try ArchiveFile.unpack([archive], into: folder.path + "/area/out")
        let names = ArchiveFileTests.names(folder).filter { $0.hasPrefix("area/out/") }
        let bytes = try names.reduce(0) { sum, name in
          let isFolder = WholeFile.status(of: folder.path + "/" + name)?.isFolder == true
          return sum + (isFolder ? 0 : try folder.read(name).count)
        }
        guard bytes <= 1500 else { throw IllFormed() }
      }
      let names = ArchiveFileTests.names(folder).filter { !$0.hasPrefix("area/out") }
      #expect(names == ["area", "area/the", "area/the/file"])
    }
  #endif

  #if HDF5
    /// libhdf5 crashes on some of them, which must not be noticed but by an error.
    @Test("of spikes are read as well-formed recordings or refused")
    func spikes() throws {
      let folder = try TemporaryFolder()
      var seeds = [
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: RealData.fixture("spikes/h5py.h5"))))
      ]
      for form in [HDF5_WRITER_SOUND, HDF5_WRITER_CHUNKED, HDF5_WRITER_LATEST] {
        SpikeContent.random(5, spikes: 20).write(to: folder.path + "/seed.h5", form: form)
        seeds.append(try folder.read("seed.h5"))
      }
      try FileManager.default.createDirectory(
        atPath: folder.path + "/the", withIntermediateDirectories: true)
      let path = folder.path + "/the/file"
      Fuzzing.run(seeds, number: 5, header: 3000) { bytes, name in
        try folder.write(bytes, to: name)
        let start = ContinuousClock.now
        let file = try SpikeFile(path, classCount: 20, scratchFolder: folder.path)
        var spikes = 0
        var recordings = 0
        while let (stream, label) = try file.next() {
          recordings += 1
          spikes += stream.count
          guard label < 20, stream.x.allSatisfy({ $0 < 700 }),
            zip(stream.times, stream.times.dropFirst()).allSatisfy({ $0 <= $1 }),
            stream.times.allSatisfy({ (0...60_000_000).contains($0) })
          else { throw IllFormed() }
        }
        guard recordings == file.count, recordings <= bytes.count, spikes <= bytes.count,
          ContinuousClock.now - start < .seconds(60)
        else { throw IllFormed() }
      }
    }
  #endif

  #if ImageFiles
    @Test("of PNG and JPEG are read as they say or refused", arguments: ImageFile.Format.allCases)
    func imageFiles(format: ImageFile.Format) throws {
      var seeds: [[UInt8]] = []
      let noise = randomBytes(12 * 9 * 4)
      let colour = Array(noise.prefix(12 * 9 * 3))
      // Smooth enough that JPEG has something to leave out.
      let slope = (0..<400).map { (place: Int) -> UInt8 in
        let sum: Int = place % 20 * 6 + place / 20 * 5
        return UInt8(sum)
      }
      switch format {
      case .png:
        for kind in Images.Kind.allCases {
          let pixels = Array(noise.prefix(12 * 9 * kind.channels))
          seeds.append(try Images.png(pixels, width: 12, height: 9, kind: kind))
        }
        seeds.append(try Images.png(slope, width: 20, height: 20))
        var chunks = Images.chunk("gAMA", [0, 0, 0xB1, 0x8F])
        chunks += Images.chunk("PLTE", [1, 2, 3, 4, 5, 6])
        chunks += Images.chunk("tRNS", [9])
        let lines: [UInt8] = [0, 1, 0, 1, 0, 0, 0, 1]
        seeds.append(
          Images.png(width: 3, height: 2, depth: 8, type: 3, chunks: chunks, data: lines))
      case .jpeg:
        seeds.append(try Images.jpeg(slope, width: 20, height: 20))
        for flags in [0, TJFLAG_PROGRESSIVE] {
          seeds.append(try Images.jpeg(colour, width: 12, height: 9, channels: 3, flags: flags))
        }
      }
      Fuzzing.run(seeds, number: 6, reader: "image") { bytes, path in
        let header = try ImageFile.header(bytes, path: path)
        // What is large is so by its header alone, and takes its time.
        guard header.width * header.height <= 1 << 20 else { return }
        let file = try ImageFile(bytes, path: path)
        let size = min(header.width, header.height, 5)
        guard file.header == header, file.sample(size: size, channels: 1).count == size * size
        else { throw IllFormed() }
      }
    }
  #endif

  struct IllFormed: Error {}
}
