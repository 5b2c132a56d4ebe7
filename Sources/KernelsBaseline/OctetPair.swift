/// Two octets of neurons that a kernel takes together; at the end of a layer with an odd number of
/// octets the same one twice.
struct OctetPair {
  /// Where an octet's currents lie in a plane, and where its output lies in a pooled plane.
  struct Octet {
    var neuron: Int
    var output: Int
  }

  let first: Octet
  let second: Octet

  /// The pair is one octet, twice.
  var isSingle: Bool { first.neuron == second.neuron }
}

extension NeuronLayer {
  /// Calls `body` for all octets of the pooled output, two at a time; an octet's neuron is the one
  /// in the first corner of the pooling window.
  @inline(__always)
  func forEachWindow(_ body: (OctetPair) -> Void) {
    var waiting: OctetPair.Octet?
    for image in 0..<batch {
      for y in 0..<pooledHeight {
        for x in 0..<pooledWidth {
          let corner =
            ((image &* height &+ y &* pooling) &* width &+ x &* pooling) &* channels
          let place = ((image &* pooledHeight &+ y) &* pooledWidth &+ x) &* channels
          for channel in stride(from: 0, to: channels, by: FloatBuffer.octet) {
            Self.take(
              OctetPair.Octet(neuron: corner &+ channel, output: place &+ channel), &waiting, body)
          }
        }
      }
    }
    if let last = waiting { body(OctetPair(first: last, second: last)) }
  }

  @inline(__always)
  private static func take(
    _ octet: OctetPair.Octet, _ waiting: inout OctetPair.Octet?, _ body: (OctetPair) -> Void
  ) {
    if let first = waiting {
      waiting = nil
      body(OctetPair(first: first, second: octet))
    } else {
      waiting = octet
    }
  }
}
