public import CounterspikeNetwork
internal import CounterspikeSettings
public import CounterspikeSystem

/// A network as C99 that depends on nothing: no allocation, no library, one time step a call.
///
/// `network.h` and `network.c` are the network, `test.c` a program that runs it on synthetic input and compares
/// the output of every step with what the network gave here. Normalization is folded into weights and
/// biases, dropout left out. Sums are in another order than here: outputs agree to rounding.
public struct CSource: Sendable {
  /// Names and contents of the files.
  public let files: [(name: String, text: String)]
  /// Bytes of constants: weights and biases.
  public let constantBytes: Int
  /// Bytes of a network's state and working memory.
  public let stateBytes: Int
  /// Multiply-adds of a time step.
  public let multiplyAdds: Int

  init(
    files: [(name: String, text: String)], constantBytes: Int, stateBytes: Int, multiplyAdds: Int
  ) {
    self.files = files
    self.constantBytes = constantBytes
    self.stateBytes = stateBytes
    self.multiplyAdds = multiplyAdds
  }

  /// - Parameter testSteps: time steps of the test, at least 1; the longest delay comes on top.
  /// - Throws: `libraryFailure`; `mismatch` for a network with a value that is no number.
  public init(_ network: Network, testSteps: Int = 20) throws(CounterspikeError) {
    for (parameter, tensor) in zip(network.plan.parameters, network.weights)
    where !tensor.scalars.allSatisfy(\.isFinite) {
      throw CounterspikeError(
        .mismatch, "\(parameter.id) has values that are no finite numbers; use another checkpoint")
    }
    if let stage = network.plan.stages.first(where: { $0.neuron.model != .leaky }) {
      throw CounterspikeError(
        .mismatch,
        "\(stage.name) is of the neuron \(stage.neuron.model.rawValue), which is written in Swift; no C can be "
          + "made of it")
    }
    for node in network.plan.nodes {
      guard case .registered(let piece, _) = node.operation else { continue }
      throw CounterspikeError(
        .mismatch,
        "\(node.name) is the layer \(piece.name), which is written in Swift; no C can be made of it"
      )
    }
    precondition(testSteps > 0, "a test of \(testSteps) time steps")
    let longest = network.plan.nodes.reduce(0) { sum, node in
      if case .delay(let delay) = node.operation {
        sum + Int(delay.longest.rounded(.up))
      } else {
        sum
      }
    }
    let writer = CNetworkWriter(network)
    let source = writer.source()
    files = [
      ("network.h", writer.header()), ("network.c", source),
      ("test.c", try CTestWriter.text(network, steps: testSteps + longest)),
    ]
    constantBytes = 4 * writer.constantCount
    stateBytes = 4 * (writer.stateCount + writer.workCount)
    multiplyAdds = writer.multiplyAdds
  }
}

/// The program that compares.
enum CTestWriter {
  /// Ranges of the input; the first one that the output answers to is taken, as silence would compare with
  /// anything.
  private static let ranges: [(low: Float, width: Float)] = [
    (0, 2), (-1, 2), (0, 8), (-4, 8), (0, 32), (-16, 32), (0, 128), (-64, 128),
  ]

  /// The outputs of all steps for synthetic input.
  private static func outputs(
    _ network: Network, _ session: InferenceSession, steps: Int, _ low: Float, _ width: Float
  ) throws(CounterspikeError) -> [[Float]] {
    let size = network.plan.inputShape.reduce(1, *)
    var numbers = SyntheticNumbers()
    var rows: [[Float]] = []
    session.reset()
    for _ in 0..<steps {
      let frame = (0..<size).map { _ in low + width * (Float(numbers.next()) / 16_777_216) }
      try session.step(frame.span)
      rows.append((0..<network.plan.classCount).map { session.psc($0) })
    }
    return rows
  }

  static func text(_ network: Network, steps: Int) throws(CounterspikeError) -> String {
    // C multiplies floats, whatever the network's precision is.
    var settings = network.settings
    settings.precision = .float32
    let session = try InferenceSession(
      Network(
        settings, inputShape: network.plan.inputShape, weights: network.weights,
        statistics: network.statistics))
    var (outputs, range) = ([[Float]](), ranges[0])
    for next in ranges {
      outputs = try Self.outputs(network, session, steps: steps, next.low, next.width)
      range = next
      if outputs.contains(where: { $0.contains { $0 != 0 } }) { break }
    }
    let isSilent = !outputs.contains { $0.contains { $0 != 0 } }
    let rows = outputs.map { "  {" + $0.map(\.cText).joined(separator: ", ") + "}" }
    return """
      /* Compares the network with what Counterspike computed; returns 0 where all outputs agree. */
      #include <stdio.h>

      #include "network.h"

      #define STEPS \(steps)

      static const float expected[STEPS][NETWORK_OUTPUTS] = {
      \(rows.joined(separator: ",\n"))
      };

      static network net;
      static float input[NETWORK_INPUTS];

      int main(void) {
        unsigned long state = 1;
        float output[NETWORK_OUTPUTS], largest = 0;
        int t, i, wrong = 0;
        network_reset(&net);
        for (t = 0; t < STEPS; t++) {
          for (i = 0; i < NETWORK_INPUTS; i++) {
            state = (state * 1664525UL + 1013904223UL) & 0xFFFFFFFFUL;
            input[i] = \(range.low.cText) + \(range.width.cText) * ((float)(state >> 8) / 16777216.0f);
          }
          network_step(&net, input, output);
          for (i = 0; i < NETWORK_OUTPUTS; i++) {
            float difference = output[i] - expected[t][i];
            float size = expected[t][i] < 0 ? -expected[t][i] : expected[t][i];
            if (difference < 0) difference = -difference;
            if (difference > largest) largest = difference;
            if (!(difference <= 1e-5f * (size > 1 ? size : 1))) wrong++;
          }
        }
        printf("%d steps, %d outputs differ, largest difference %g\\n", STEPS, wrong, (double)largest);
      \(CTest.end(isSilent: isSilent))
      }

      """
  }
}

extension Float {
  /// A literal of C.
  var cText: String { "\(self)f" }
}
