import Counterspike
import CounterspikeTraining
import Foundation
import Testing

@testable import CounterspikeReport

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif
#if canImport(Glibc)
  import Glibc
#endif

@Suite("The live page", .serialized)
struct LiveViewTests {
  /// What a request is answered by.
  private struct Answer {
    let status: Int
    let text: String
  }

  private static func ask(
    _ address: String, method: String = "GET", fields: [String: String] = [:]
  ) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: address)))
    request.httpMethod = method
    for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    return Answer(status: status, text: String(decoding: data, as: UTF8.self))
  }

  private static let samples = SmallTraining.samples(4)

  /// A run that has made no step.
  private static func begun(in path: String) throws -> TrainingRun {
    let trainer = try SmallTraining.trainer()
    return try TrainingRun(
      starting: trainer, folder: RunFolder(creating: path, for: trainer.recipe))
  }

  private static func token(_ page: String) throws -> String {
    String(try #require(page.firstMatch(of: /const token = "([0-9a-f]{32})"/)).1)
  }

  @Test("shows the training, and saves, pauses and stops it, which changes no bytes")
  func whole() async throws {
    let folder = try TemporaryFolder()
    let plain = try SmallTraining.run(in: "\(folder.path)/plain")

    let run = try Self.begun(in: "\(folder.path)/live")
    let live = try LiveView(run, samples: Self.samples, port: 0)
    #expect(live.url.hasPrefix("http://127.0.0.1:") && !live.url.contains("token"))
    let page = try await Self.ask(live.url).text
    let fields = ["X-Counterspike-Token": try Self.token(page)]
    #expect(try await Self.ask(live.url + "state").status == 403)
    #expect(try await Self.ask(live.url + "save", method: "POST").status == 403)

    // A step, then everything that the page can ask for.
    var steps = 0
    #expect(
      try run.run(
        shouldStop: { live.isStopped(isStopping: { steps >= 3 }) },
        observe: { event in
          live.record(event)
          if case .step = event { steps += 1 }
        }) == .stopped)
    #expect(try await Self.ask(live.url + "save", method: "POST", fields: fields).status == 204)
    #expect(live.isStopped() == false)
    let state = try await Self.ask(live.url + "state", fields: fields).text
    #expect(state.contains("\"notes\":[\"saved after step 3\"]"), "\(state)")
    #expect(state.contains("\"phase\":\"running\"") && state.contains("\"name\":\"small\""))

    #expect(try await Self.ask(live.url + "pause", method: "POST", fields: fields).status == 204)
    let port = try #require(URL(string: live.url)?.port)
    let token = try #require(fields.first?.value)
    // The training waits meanwhile.
    Thread {
      Thread.sleep(forTimeInterval: 0.3)
      try? OpenConnection(port: port).send(
        "POST /resume HTTP/1.1\r\nHost: localhost\r\nX-Counterspike-Token: \(token)\r\n\r\n")
    }.start()
    let start = ContinuousClock().now
    #expect(live.isStopped() == false)
    #expect(ContinuousClock().now - start > .milliseconds(200))

    #expect(try await Self.ask(live.url + "stop", method: "POST", fields: fields).status == 204)
    #expect(live.isStopped() && live.isStopRequested)
    live.close(.stopped)

    #expect(try run.run() == .finished)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: run.folder.lastCheckpointPath))
    let others = try Data(contentsOf: URL(fileURLWithPath: plain.folder.lastCheckpointPath))
    #expect(bytes == others)
  }

  @Test("refuses an address that is none, and a port that is in use")
  func refused() throws {
    let folder = try TemporaryFolder()
    let run = try Self.begun(in: "\(folder.path)/run")
    let first = try LiveView(run, samples: Self.samples, port: 0)
    let port = try #require(URL(string: first.url)?.port)
    #expect(throws: CounterspikeError.self) {
      try LiveView(run, samples: Self.samples, port: UInt16(port))
    }
    #expect(throws: CounterspikeError.self) {
      try LiveView(run, samples: Self.samples, address: "nowhere", port: 0)
    }
  }

  @Test("needs a token where others can connect")
  func open() async throws {
    let folder = try TemporaryFolder()
    let run = try Self.begun(in: "\(folder.path)/run")
    let live = try LiveView(run, samples: Self.samples, address: "0.0.0.0", port: 0)
    #expect(live.url.contains("/?token="))
    let base = String(live.url.prefix { $0 != "?" })
    #expect(try await Self.ask(base).status == 403)
    #expect(try await Self.ask(live.url).status == 200)
  }

  @Test("outlives whoever sends nothing, too much, or goes away")
  func attacks() async throws {
    let folder = try TemporaryFolder()
    let run = try Self.begun(in: "\(folder.path)/run")
    let live = try LiveView(run, samples: Self.samples, port: 0)
    let port = try #require(URL(string: live.url)?.port)
    var open: [OpenConnection] = []
    for number in 0..<80 {
      let connection = try OpenConnection(port: port)
      if number % 2 == 0 { connection.send(String(repeating: "x", count: 20_000)) }
      open.append(connection)
    }
    #expect(try await Self.ask(live.url).status == 200)
    withExtendedLifetime(open) {}
  }

  @Test("averages the points of a curve that has many")
  func curves() {
    var curve = LiveState.Curve(name: "a")
    for place in 0..<10_000 { curve.add(Double(place), 2) }
    curve.add(1, .nan)
    #expect(curve.points.count <= LiveState.Curve.limit && curve.points.count > 100)
    #expect(curve.points.allSatisfy { $0.y == 2 })
    #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.x < $1.x })
  }
}

/// A connection that asks for nothing; closed with its end.
private final class OpenConnection {
  private let descriptor: Int32

  init(port: Int) throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(status == 0)
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    #if canImport(Glibc)
      _ = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
    #else
      _ = bytes.withUnsafeBytes { Darwin.send(descriptor, $0.baseAddress, $0.count, 0) }
    #endif
  }

  deinit { close(descriptor) }
}
