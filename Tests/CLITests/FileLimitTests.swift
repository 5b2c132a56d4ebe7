import Foundation
import Testing

/// Limits, full disks and what killed runs leave behind.
@Suite("What cannot be written")
struct FileLimitTests {
  static let train =
    "train yin-yang --epochs 1 --threads 1 --set data.trainingLimit=640 --set data.testLimit=20"

  private func leftovers(_ folder: TemporaryFolder) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
    return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".tmp") }
  }

  @Test("beyond a limit on the size of files is one message", arguments: [1, 4, 16])
  func limit(blocks: Int) async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Command.shell(
      "ulimit -f \(blocks); exec \"$COMMAND\" \(Self.train) --output run", in: folder)
    #expect(outcome.status == 73 && !outcome.wasKilled, "\(outcome.status)")
    #expect(
      outcome.errors.hasSuffix("; raise the limit on the size of files that this process has\n"))
    #expect(outcome.errors.contains("File too large"))
    #expect(leftovers(folder).isEmpty)
  }

  #if os(Linux)
    @Test("on a full device is one message", arguments: ["inspect mnist", "recipe keys", "--help"])
    func full(line: String) async throws {
      let outcome = try await Command.shell(
        "exec \"$COMMAND\" \(line) >/dev/full", in: TemporaryFolder())
      #expect(outcome.status == 73)
      #expect(outcome.errors.contains("not all of the output could be written"))
    }

    /// Where this process may mount one.
    static let mounts: Bool = {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "unshare -m true 2>/dev/null"]
      return (try? process.run()) != nil
        && {
          process.waitUntilExit()
          return process.terminationStatus == 0
        }()
    }()

    @Test("on a full disk is one message, and nothing is left", .enabled(if: mounts))
    func fullDisk() async throws {
      let folder = try TemporaryFolder()
      try folder.makeFolder("disk")
      let outcome = try await Command.shell(
        "unshare -m sh -c 'mount -t tmpfs -o size=16k none disk && \"$COMMAND\" \(Self.train) "
          + "--output disk/run; status=$?; find disk -name \"*.tmp\"; exit $status'", in: folder)
      #expect(outcome.status == 73, "\(outcome.errors)")
      #expect(outcome.errors.contains("; make room on the disk"))
      #expect(!outcome.output.contains(".tmp"))
    }
  #endif

  @Test("what a killed run left is removed when the run goes on")
  func leftovers() async throws {
    let small = try SmallRun()
    try await small.trainSmall()
    for place in ["run", "run/checkpoints"] {
      try small.folder.write("rest", to: "\(place)/.counterspike-1f3.tmp")
    }
    let outcome = try await small.train("--resume", "run", "--epochs", "3", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(leftovers(small.folder).isEmpty)
  }
}
