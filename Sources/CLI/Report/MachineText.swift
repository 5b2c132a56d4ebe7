internal import Foundation

/// What this machine is.
enum MachineText {
  /// The processor, how many of it may be used, and the operating system.
  static var text: String {
    let information = ProcessInfo.processInfo
    let count = information.activeProcessorCount.counted("processor")
    return ([processor, count].compactMap { $0 } + [information.operatingSystemVersionString])
      .joined(separator: ", ")
  }

  /// The processor's name, where the system tells it as Linux does.
  private static var processor: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
