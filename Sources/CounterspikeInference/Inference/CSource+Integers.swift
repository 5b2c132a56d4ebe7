extension CSource {
  /// A network in integers as C, whose every output is that of ``IntegerSession``, bit for bit.
  ///
  /// - Parameter testSteps: time steps of the test, at least 1.
  public init(_ network: IntegerNetwork, testSteps: Int = 20) {
    precondition(testSteps > 0, "a test of \(testSteps) time steps")
    let writer = IntegerCWriter(network)
    self.init(
      files: [
        ("network.h", writer.header()), ("network.c", writer.source()),
        ("test.c", IntegerCTest.text(network, steps: testSteps)),
      ], constantBytes: writer.constantBytes, stateBytes: writer.stateBytes,
      multiplyAdds: writer.multiplyAdds)
  }
}

/// The program that compares a network in integers with its session.
private enum IntegerCTest {
  static func text(_ network: IntegerNetwork, steps: Int) -> String {
    // A float holds these exactly, so that the session is given the very same numbers.
    let limit = min(Int(network.inputLimit), 1 << 23)
    // Some are beyond the limit, which cuts them.
    let ranges = [(-limit / 4, limit / 2 * 3), (-limit / 4 * 5, limit / 2 * 5), (0, limit)]
    var (outputs, range) = ([[Int64]](), ranges[0])
    for next in ranges {
      outputs = Self.outputs(network, steps: steps, low: next.0, width: next.1)
      range = next
      // Silence would compare with anything.
      if outputs.contains(where: { $0.contains { $0 != 0 } }) { break }
    }
    let isSilent = !outputs.contains { $0.contains { $0 != 0 } }
    let rows = outputs.map { row in "  {" + row.map { "\($0)" }.joined(separator: ", ") + "}" }
    return """
      /* Compares the network with what Counterspike computed; returns 0 where all outputs are equal. */
      #include <stdio.h>

      #include "network.h"

      #define STEPS \(steps)

      static const int32_t expected[STEPS][NETWORK_OUTPUTS] = {
      \(rows.joined(separator: ",\n"))
      };

      static network net;
      static int32_t input[NETWORK_INPUTS];

      int main(void) {
        uint32_t state = 1;
        int32_t output[NETWORK_OUTPUTS];
        int t, i, wrong = 0;
        network_reset(&net);
        for (t = 0; t < STEPS; t++) {
          for (i = 0; i < NETWORK_INPUTS; i++) {
            state = state * 1664525u + 1013904223u;
            input[i] = \(range.0) + (int32_t)((state >> 8) % \(max(range.1, 1))u);
          }
          network_step(&net, input, output);
          for (i = 0; i < NETWORK_OUTPUTS; i++) wrong += output[i] != expected[t][i];
        }
        printf("%d steps, %d outputs differ\\n", STEPS, wrong);
      \(CTest.end(isSilent: isSilent))
      }

      """
  }

  /// What the output neurons' psc are at every step, in units of 2⁻ᶠ.
  private static func outputs(
    _ network: IntegerNetwork, steps: Int, low: Int, width: Int
  ) -> [[Int64]] {
    let size = network.inputShape.reduce(1, *)
    let unit = Float(1 << network.fractionBits)
    var numbers = SyntheticNumbers()
    var session = IntegerSession(network)
    var before = session.scores
    return (0..<steps).map { _ in
      let frame = (0..<size).map { _ in
        Float(low + Int(numbers.next()) % max(width, 1)) / unit
      }
      session.step(frame.span)
      defer { before = session.scores }
      return zip(session.scores, before).map { $0 - $1 }
    }
  }
}
