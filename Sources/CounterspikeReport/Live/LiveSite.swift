internal import Counterspike

/// Which requests are answered, and by what.
///
/// A page of another site must neither read nor stop a training: the host that is asked for must be this
/// machine's name (a foreign name that leads here is refused), and actions carry a token that only the page
/// knows. Where others than this machine can connect, the token is also part of the page's address.
struct LiveSite: Sendable {
  enum Action: String, CaseIterable, Sendable {
    case pause
    case resume
    case save
    case stop
  }

  let token: String
  /// The token is needed to look, too.
  let isOpen: Bool
  let page: @Sendable (_ token: String, _ nonce: String) -> String
  let state: @Sendable () -> String
  let act: @Sendable (Action) -> Void

  static let tokenField = "x-counterspike-token"

  /// 128 random bits in hexadecimal digits.
  static func randomToken() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(random.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  func answer(_ request: LiveRequest) -> LiveResponse {
    guard isOpen || isOwnHost(request.fields["host"] ?? "") else {
      return LiveResponse(403, "this page answers to its own address only\n")
    }
    let hasToken = isToken(request.fields[Self.tokenField])
    switch (request.method, request.path) {
    case ("GET", "/"), ("HEAD", "/"):
      guard !isOpen || isToken(request.query["token"]) else { return refusal }
      let nonce = Self.randomToken()
      var response = LiveResponse(type: "text/html; charset=utf-8", page(token, nonce))
      response.fields = [
        (
          "Content-Security-Policy",
          "default-src 'none'; connect-src 'self'; img-src data:; "
            + "style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
        )
      ]
      return response
    case ("GET", "/state"):
      guard hasToken else { return refusal }
      return LiveResponse(type: "application/json", state())
    case ("POST", let path):
      guard let action = Action(rawValue: String(path.dropFirst())) else {
        return LiveResponse(404, "there is no such action\n")
      }
      guard hasToken else { return refusal }
      act(action)
      return LiveResponse(204)
    case ("GET", _): return LiveResponse(404, "there is nothing here\n")
    default:
      var response = LiveResponse(405, "use GET or POST\n")
      response.fields = [("Allow", "GET, HEAD, POST")]
      return response
    }
  }

  private var refusal: LiveResponse {
    LiveResponse(
      403, "the token is missing or wrong; use the whole address that the training gave\n")
  }

  /// Compares in a time that does not tell where the two differ.
  private func isToken(_ text: String?) -> Bool {
    guard let text, text.utf8.count == token.utf8.count else { return false }
    return zip(text.utf8, token.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private func isOwnHost(_ host: String) -> Bool {
    let names = ["127.0.0.1", "localhost", "[::1]"]
    guard let name = names.first(where: { host.lowercased().hasPrefix($0) }) else { return false }
    let port = host.dropFirst(name.count)
    return port.isEmpty || port.first == ":" && port.dropFirst().allSatisfy(\.isNumber)
  }
}
