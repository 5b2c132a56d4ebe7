import Counterspike
import CounterspikeCommand

/// The command with a loss and two gradient rules of this program.
@main
struct OwnPieces {
  static func main() throws {
    try LossRegistry.register(
      "margin", summary: "the class's neuron must be ahead of all others",
      settings: [PieceSetting("margin", default: 1, in: 0...1000, "By how much it must be ahead.")],
      score: .mean
    ) { MarginLoss(margin: Float($0["margin"])) }
    try LossRegistry.register(
      "fewSpikes", summary: "half the squared distance of the firing rates to 1 and 0",
      needsSpikes: true
    ) { _ in FewSpikes() }
    try RuleRegistry.register(
      "logistic", summary: "the derivative of the logistic function",
      settings: [PieceSetting("width", default: 0.2, in: 0.001...100, "Width of f.")]
    ) { Logistic(width: Float($0["width"])) }
    try RuleRegistry.register(
      "boxcar", summary: "a constant around the threshold",
      settings: [PieceSetting("width", default: 1, in: 0.001...100, "Width of f.")]
    ) { Boxcar(width: Float($0["width"])) }
    CounterspikeCommand.main()
  }
}
