#if os(Linux)
  import Foundation
  import Testing

  /// Limits that the system sets: of memory and of threads.
  @Suite("Limits")
  struct LimitTests {
    @Test(
      "a network above the limit of memory is refused with the sizes, before its weights are drawn")
    func memory() async throws {
      let small = try SmallRun()
      // To draw 150 million weights takes minutes of processor time in a debug build.
      let outcome = try await Command.shell(
        "ulimit -t 30; ulimit -v 3000000; \"$COMMAND\" train small.yaml --data \(try SmallRun.dataFolder) "
          + "--set network.layers=12000-12000-10 --threads 1 --output run",
        in: small.folder)
      #expect(outcome.status == 78 && !outcome.wasKilled)
      #expect(outcome.errors.contains("(the limit of ulimit -v)"), "\(outcome.errors)")
      #expect(outcome.errors.contains(" GB of memory"))
      #expect(outcome.errorLines.count == 2)
      #expect(!FileManager.default.fileExists(atPath: small.folder.path + "/run"))
    }

    @Test("what is read is refused above the limit of memory")
    func reading() async throws {
      let small = try SmallRun()
      // A sound header of one tensor, and 3 GB of nothing.
      let header = #"{"a":{"dtype":"U8","shape":[3000000000],"data_offsets":[0,3000000000]}}"#
      var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
      bytes += Array(header.utf8)
      let path = small.folder.path + "/large.safetensors"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.truncate(atOffset: UInt64(bytes.count + 3_000_000_000))
      try file.close()
      let outcome = try await Command.shell(
        "ulimit -v 2000000; \"$COMMAND\" evaluate large.safetensors", in: small.folder)
      #expect(outcome.status == 66 && !outcome.wasKilled)
      #expect(
        outcome.errors.contains("it has 3.0 GB, and this process may take"), "\(outcome.errors)")
    }

    @Test(
      "a file of 100 GB is refused at once by what it is named to be",
      arguments: [
        ("data info s.csv", 65), ("data info s.bin", 65), ("data info s.npy", 65),
        ("data info s.aedat", 65), ("data info s.png", 65), ("data info s-idx3-ubyte", 65),
        ("train s.yaml", 66), ("inspect s.safetensors", 65), ("conformance s.safetensors", 65),
      ])
    func large(line: String, status: Int32) async throws {
      let small = try SmallRun()
      let name = try #require(line.split(separator: " ").last)
      let path = small.folder.path + "/\(name)"
      try Data().write(to: URL(fileURLWithPath: path))
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.truncate(atOffset: 100 << 30)
      try file.close()
      // In seconds of processor time: other tests run beside this one.
      let outcome = try await Command.shell(
        "ulimit -t 20; exec \"$COMMAND\" \(line)", in: small.folder)
      #expect(outcome.status == status && !outcome.wasKilled, "\(outcome.errors)")
      #expect(outcome.errorLines.count == 2)
    }

    @Test(
      "what never ends is refused as what it is",
      arguments: [
        "inspect /dev/zero", "train /dev/zero", "data info /dev/zero", "train pipe",
        "data info pipe", "conformance /dev/zero", "evaluate pipe.safetensors",
      ])
    func endless(line: String) async throws {
      let small = try SmallRun()
      #expect(mkfifo(small.folder.path + "/pipe", 0o600) == 0)
      #expect(mkfifo(small.folder.path + "/pipe.safetensors", 0o600) == 0)
      let outcome = try await Command.run(
        line.split(separator: " ").map(String.init), in: small.folder)
      #expect(outcome.status == 66, "\(outcome.errors)")
      let reasons = [line.contains("pipe") ? "it is a pipe" : "it is a device", "is no plain file"]
      #expect(reasons.contains { outcome.errors.contains($0) }, "\(outcome.errors)")
    }

    @Test("where no more threads start, fewer train, with a note and the same result")
    func threads() async throws {
      let small = try SmallRun()
      let data = try SmallRun.dataFolder
      // Stacks of 8 MB do not fit between what the program takes and this limit.
      let few = try await Command.shell(
        "ulimit -v 800000; \"$COMMAND\" train small.yaml --data \(data) --threads 60 --output few",
        in: small.folder)
      #expect(few.status == 0, "\(few.errors)")
      #expect(few.output.contains(" in place of 60: "))
      let one = try await small.train("small.yaml", "--output", "one", "--quiet")
      #expect(one.status == 0, "\(one.errors)")
      let last = "/checkpoints/last.safetensors"
      #expect(
        FileManager.default.contentsEqual(
          atPath: small.folder.path + "/few" + last, andPath: small.folder.path + "/one" + last))
    }
  }
#endif
