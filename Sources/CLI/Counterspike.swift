internal import ArgumentParser

@main
struct CounterspikeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counterspike",
    abstract: "Trains spiking neural networks by neighborhood aggregation.")
}
