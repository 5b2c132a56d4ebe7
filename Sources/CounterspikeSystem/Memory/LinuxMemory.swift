/// What the kernel's files say about memory. Files that are missing or read otherwise set no limit.
struct LinuxMemory {
  /// The text of a file below /proc or /sys; `nil`: there is none. Replaced in tests.
  var text: (_ path: String) -> String? = { path in
    (try? WholeFile.beginning(of: path, count: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// All limits that there are, as what can still be taken.
  var limits: [MemoryLimit] { [available].compactMap { $0 } + controlGroups + resources }

  private var available: MemoryLimit? {
    guard let bytes = kilobytes("MemAvailable", in: "/proc/meminfo") else { return nil }
    return MemoryLimit(bytes: bytes, source: "the memory that the machine has left")
  }

  /// `Name:   123 kB`
  private func kilobytes(_ name: String, in path: String) -> Int? {
    for line in text(path)?.split(separator: "\n") ?? [] where line.hasPrefix(name + ":") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      return words.count > 1 ? Int(words[1]).map { $0 * 1024 } : nil
    }
    return nil
  }

  // MARK: Control groups

  private var controlGroups: [MemoryLimit] {
    var limits: [MemoryLimit] = []
    for line in text("/proc/self/cgroup")?.split(separator: "\n") ?? [] {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].isEmpty {
        limits += groups(
          "/sys/fs/cgroup", String(parts[2]), limit: "memory.max", use: "memory.current",
          cache: "inactive_file")
      } else if parts[1].split(separator: ",").contains("memory") {
        limits += groups(
          "/sys/fs/cgroup/memory", String(parts[2]), limit: "memory.limit_in_bytes",
          use: "memory.usage_in_bytes", cache: "total_inactive_file")
      }
    }
    return limits
  }

  /// The limits of a group and of all above it. In a container the path may be that outside, where
  /// nothing is found; the group's own files are then at the top.
  private func groups(
    _ root: String, _ path: String, limit: String, use: String, cache: String
  ) -> [MemoryLimit] {
    let names = path.split(separator: "/")
    return (0...names.count).compactMap { depth in
      let folder = root + names.prefix(depth).map { "/\($0)" }.joined()
      guard let maximum = number("\(folder)/\(limit)"), maximum < Int.max / 2 else { return nil }
      let used = number("\(folder)/\(use)") ?? 0
      // The system gives cached files up where memory is wanted.
      let cached =
        text("\(folder)/memory.stat")?.split(separator: "\n")
        .first { $0.hasPrefix(cache + " ") }
        .flatMap { Int($0.dropFirst(cache.count + 1)) } ?? 0
      return MemoryLimit(
        bytes: max(0, maximum - max(0, used - cached)), source: "the control group's \(limit)")
    }
  }

  private func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.prefix { $0.isNumber }) }
  }

  // MARK: The process's own limits

  private var resources: [MemoryLimit] {
    let names = [
      ("Max address space", "VmSize", "ulimit -v"), ("Max data size", "VmData", "ulimit -d"),
    ]
    let lines = text("/proc/self/limits")?.split(separator: "\n") ?? []
    return names.compactMap { name, used, source in
      guard
        let words = lines.first(where: { $0.hasPrefix(name) })?.dropFirst(name.count)
          .split(separator: " "),
        let soft = words.first.flatMap({ Int($0) })
      else { return nil }
      let taken = kilobytes(used, in: "/proc/self/status") ?? 0
      var limit = MemoryLimit(bytes: max(0, soft - taken), source: "the limit of \(source)")
      limit.countsReservations = used == "VmSize"
      return limit
    }
  }
}
