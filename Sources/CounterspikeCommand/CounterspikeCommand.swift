internal import CLI

/// The command `counterspike`, for a program that adds losses and gradient rules of its own.
///
/// A program registers them first; its executable then understands all subcommands, and all recipes with the new
/// names:
///
///     import Counterspike
///     import CounterspikeCommand
///
///     @main
///     struct Mine {
///       static func main() throws {
///         try RuleRegistry.register("boxcar", summary: "…") { _ in Boxcar() }
///         CounterspikeCommand.main()
///       }
///     }
public enum CounterspikeCommand {
  /// Does what the process's arguments ask for. It returns where the exit status is 0, and else ends the
  /// process with one of those that the command's help lists.
  public static func main() { CommandProgram.main() }
}
