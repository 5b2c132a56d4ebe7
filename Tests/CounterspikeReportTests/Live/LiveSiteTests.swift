import Testing

@testable import CounterspikeReport

@Suite("The live page's requests")
struct LiveSiteTests {
  private static func read(_ text: String) -> LiveRequest.Reading {
    LiveRequest.read(Array(text.utf8))
  }

  private static func request(
    _ method: String, _ target: String, _ fields: [String: String]
  ) throws -> LiveRequest {
    let lines = fields.map { "\($0.key): \($0.value)\r\n" }.joined()
    guard case .request(let request) = read("\(method) \(target) HTTP/1.1\r\n\(lines)\r\n") else {
      throw Unread()
    }
    return request
  }

  private struct Unread: Error {}

  @Test("are read when they are complete")
  func reading() throws {
    #expect(Self.read("GET / HTTP/1.1\r\nHost: a\r\n") == .incomplete)
    let request = try Self.request("GET", "/state?token=ab&x", ["Host": " a:1 ", "X-Y": "z: z"])
    #expect(request.method == "GET" && request.path == "/state")
    #expect(request.query == ["token": "ab", "x": ""])
    #expect(request.fields == ["host": "a:1", "x-y": "z: z"])
  }

  @Test(
    "are refused when they are none",
    arguments: [
      ("GET /\r\n\r\n", 400), ("GET / FTP/1\r\n\r\n", 400), ("GET x HTTP/1.1\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost\r\n\r\n", 400), ("GET / HTTP/1.1\r\n: x\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
      ("POST /stop HTTP/1.1\r\nContent-Length: 7\r\n\r\n", 413),
      ("POST /stop HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
    ])
  func refused(text: String, status: Int) {
    #expect(Self.read(text) == .refused(status))
  }

  @Test("are refused when they are too long or no text")
  func tooLong() {
    let long = "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n"
    #expect(Self.read(long) == .refused(431))
    #expect(Self.read(long + "\r\n") == .refused(431))
    let bytes = Array("GET /".utf8) + [0xFF, 0xFE] + Array(" HTTP/1.1\r\n\r\n".utf8)
    #expect(LiveRequest.read(bytes) == .refused(400))
  }

  /// A site that keeps what it was asked to do.
  private final class Kept: @unchecked Sendable {
    var actions: [LiveSite.Action] = []
    var site: LiveSite { site(isOpen: false) }

    func site(isOpen: Bool) -> LiveSite {
      LiveSite(
        token: "secret", isOpen: isOpen, page: { "page \($0) \($1)" }, state: { "{}" },
        act: { self.actions.append($0) })
    }
  }

  @Test(
    "are answered under this machine's own names only",
    arguments: [
      ("127.0.0.1:8787", 200), ("localhost:8787", 200), ("LOCALHOST", 200), ("[::1]:80", 200),
      ("attacker.example:8787", 403), ("127.0.0.1.attacker.example", 403), ("", 403),
      ("localhost@attacker.example", 403), ("[::1].attacker.example", 403),
    ])
  func hosts(host: String, status: Int) throws {
    let answer = Kept().site.answer(try Self.request("GET", "/", ["Host": host]))
    #expect(answer.status == status)
  }

  @Test("change nothing without the token of the page")
  func token() throws {
    let kept = Kept()
    let host = ["Host": "127.0.0.1"]
    for fields in [host, host.merging(["X-Counterspike-Token": "secreT"]) { $1 }] {
      for (method, path) in [("GET", "/state"), ("POST", "/stop"), ("POST", "/pause")] {
        #expect(kept.site.answer(try Self.request(method, path, fields)).status == 403)
      }
    }
    #expect(kept.actions == [])
    let fields = host.merging(["X-Counterspike-Token": "secret"]) { $1 }
    #expect(kept.site.answer(try Self.request("GET", "/state", fields)).body == Array("{}".utf8))
    for action in LiveSite.Action.allCases {
      let answer = kept.site.answer(try Self.request("POST", "/\(action.rawValue)", fields))
      #expect(answer.status == 204)
    }
    #expect(kept.actions == LiveSite.Action.allCases)
    // A link or an image on another page makes such requests.
    #expect(kept.site.answer(try Self.request("GET", "/stop", fields)).status == 404)
    #expect(kept.site.answer(try Self.request("POST", "/other", fields)).status == 404)
    #expect(kept.site.answer(try Self.request("DELETE", "/", fields)).status == 405)
    #expect(kept.actions.count == 4)
  }

  @Test("of other machines need the token in the address")
  func open() throws {
    let site = Kept().site(isOpen: true)
    let fields = ["Host": "192.0.2.7:8787"]
    #expect(site.answer(try Self.request("GET", "/", fields)).status == 403)
    #expect(site.answer(try Self.request("GET", "/?token=wrong", fields)).status == 403)
    let answer = site.answer(try Self.request("GET", "/?token=secret", fields))
    #expect(answer.status == 200)
    let policy = try #require(
      answer.fields.first { $0.name == "Content-Security-Policy" }?.value)
    #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"))
  }

  @Test("get tokens that differ")
  func randomTokens() {
    let tokens = Set((0..<100).map { _ in LiveSite.randomToken() })
    #expect(tokens.count == 100 && tokens.allSatisfy { $0.count == 32 })
  }
}
