internal import CounterspikeCommand

@main
enum Program {
  static func main() { CounterspikeCommand.main() }
}
