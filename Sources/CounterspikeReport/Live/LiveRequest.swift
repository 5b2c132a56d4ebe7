/// The head of an HTTP/1.1 request; what a page of a browser sends, and no more.
struct LiveRequest: Equatable {
  let method: String
  /// Without the query.
  let path: String
  let query: [String: String]
  /// By names in small letters; of several of one name the first.
  let fields: [String: String]

  /// The most bytes of a head; a request has no body.
  static let limit = 8192

  enum Reading: Equatable {
    case incomplete
    case request(LiveRequest)
    /// The status that it is answered by.
    case refused(Int)
  }

  /// Reads the bytes that have come so far.
  static func read(_ bytes: [UInt8]) -> Reading {
    guard let end = end(of: bytes) else {
      return bytes.count >= limit ? .refused(431) : .incomplete
    }
    guard end <= limit, let text = String(validating: bytes[..<end], as: UTF8.self) else {
      return .refused(end > limit ? 431 : 400)
    }
    var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else {
      return .refused(400)
    }
    var fields: [String: String] = [:]
    for line in lines where !line.isEmpty {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
        line.first?.isWhitespace == false
      else { return .refused(400) }
      let name = line[..<colon].lowercased()
      let value = line[line.index(after: colon)...]
      // Two hosts would be two opinions of what is asked for.
      guard name != "host" || fields[name] == nil else { return .refused(400) }
      if fields[name] == nil { fields[name] = String(value.trimmed) }
    }
    guard fields["transfer-encoding"] == nil, ["0", nil].contains(fields["content-length"]) else {
      return .refused(413)
    }
    let parts = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var query: [String: String] = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
    }
    return .request(
      LiveRequest(
        method: String(words[0]), path: String(parts[0]), query: query, fields: fields))
  }

  /// Where the empty line behind the fields begins.
  private static func end(of bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    let mark: [UInt8] = [13, 10, 13, 10]
    return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual(mark) }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = self
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}

/// An answer, after which the connection ends.
struct LiveResponse {
  var status = 200
  var type = "text/plain; charset=utf-8"
  var body: [UInt8] = []
  /// Beyond those that all answers have.
  var fields: [(name: String, value: String)] = []

  init(_ status: Int, _ text: String = "") {
    self.status = status
    body = Array(text.utf8)
  }

  init(type: String, _ text: String) {
    self.type = type
    body = Array(text.utf8)
  }

  private static let reasons = [
    200: "OK", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 413: "Content Too Large",
    431: "Request Header Fields Too Large",
  ]

  /// - Parameter hasBody: `false` answers HEAD.
  func bytes(hasBody: Bool = true) -> [UInt8] {
    let all: [(name: String, value: String)] =
      [
        ("Content-Type", type), ("Content-Length", "\(body.count)"), ("Connection", "close"),
        ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
      ] + fields
    let head =
      "HTTP/1.1 \(status) \(Self.reasons[status] ?? "")\r\n"
      + all.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n"
    return Array(head.utf8) + (hasBody ? body : [])
  }
}
