import Foundation
import Testing

@Suite("counterspike train --live")
struct LiveTests {
  @Test("says where the page is, and trains the same bytes")
  func sameBytes() async throws {
    let run = try SmallRun()
    let plain = try await run.train("small.yaml", "--output", "plain", "--quiet")
    let live = try await run.train("small.yaml", "--output", "live", "--quiet", "--live=0")
    #expect(plain.status == 0 && live.status == 0, "\(live.errors)")
    #expect(
      live.errors.wholeMatch(of: /live page http:\/\/127\.0\.0\.1:[0-9]+\/\n/) != nil,
      "\(live.errors)")
    #expect(try run.last("plain") == run.last("live"))
  }

  @Test("says that a port is in use or an address none")
  func refused() async throws {
    let run = try SmallRun()
    let address = try await run.train(
      "small.yaml", "--output", "run", "--live", "--live-address", "here")
    #expect(address.status == 70 && address.errors.contains("“here”"), "\(address.errors)")
    #expect(!FileManager.default.fileExists(atPath: "\(run.folder.path)/run"))
    let alone = try await run.train("small.yaml", "--live-address", "127.0.0.1")
    #expect(alone.status == 64 && alone.errors.contains("--live"), "\(alone.errors)")
    for arguments in [["small.yaml", "--live=70000"], ["--live", "small.yaml"]] {
      let port = try await Command.run(SmallRun.train(arguments), in: run.folder)
      #expect(port.status == 64 && port.errors.contains("a port is 0 to 65535"), "\(port.errors)")
    }
  }
}
