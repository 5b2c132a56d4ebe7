import Counterspike
import Foundation
import Testing

@Suite("The memory that a process may take")
struct MemoryLimitTests {
  @Test("is known, and not more than the machine has")
  func current() {
    let limit = MemoryLimit.current()
    #expect(limit.bytes > 0 && !limit.source.isEmpty)
    #expect(limit.bytes <= Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }

  @Test("is compared with what is wanted, and named in the error")
  func require() throws {
    let limit = MemoryLimit(bytes: 2_000_000_000, source: "a test")
    try limit.require(2_000_000_000, for: "it", remedy: "do less")
    let error = #expect(throws: CounterspikeError.self) {
      try limit.require(2_000_000_001, for: "something", remedy: "do less")
    }
    #expect(error?.code == .invalidRecipe)
    #expect(
      error?.message
        == "something would take 2.0 GB of memory, and this process may take 2.0 GB more (a test); "
        + "do less")
  }
}

#if os(Linux)
  @testable import CounterspikeSystem

  @Suite("What Linux says about memory")
  struct LinuxMemoryTests {
    /// The limits that a machine of these files has, as (megabytes, source).
    private func limits(_ files: [String: String]) -> [String: Int] {
      var memory = LinuxMemory()
      memory.text = { files[$0] }
      return Dictionary(
        memory.limits.map { ($0.source, $0.bytes >> 20) }, uniquingKeysWith: { min($0, $1) })
    }

    private static let meminfo = "MemTotal:  8388608 kB\nMemFree: 1 kB\nMemAvailable:  4194304 kB\n"

    @Test("the memory left is what could be given without swapping")
    func available() {
      #expect(
        limits(["/proc/meminfo": Self.meminfo]) == ["the memory that the machine has left": 4096])
    }

    @Test("a control group of version 2 and those above it, less what they use, caches apart")
    func unified() {
      let found = limits([
        "/proc/self/cgroup": "0::/a/b\n",
        "/sys/fs/cgroup/a/b/memory.max": "max\n",
        "/sys/fs/cgroup/a/memory.max": "1073741824\n",
        "/sys/fs/cgroup/a/memory.current": "536870912\n",
        "/sys/fs/cgroup/a/memory.stat": "anon 1\nfile 2\ninactive_file 268435456\n",
      ])
      #expect(found == ["the control group's memory.max": 768])
    }

    @Test("in a container, where the path is that of the machine outside")
    func container() {
      let found = limits([
        "/proc/self/cgroup": "0::/docker/0123\n",
        "/sys/fs/cgroup/memory.max": "104857600\n",
      ])
      #expect(found == ["the control group's memory.max": 100])
    }

    @Test("a control group of version 1")
    func version1() {
      let found = limits([
        "/proc/self/cgroup": "3:cpu,cpuacct:/x\n2:memory:/x\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "209715200\n",
        "/sys/fs/cgroup/memory/x/memory.usage_in_bytes": "104857600\n",
      ])
      #expect(found == ["the control group's memory.limit_in_bytes": 100])
    }

    @Test("limits of the address space and of data, less what the process has")
    func resources() {
      let found = limits([
        "/proc/self/limits":
          "Limit                     Soft Limit           Hard Limit           Units\n"
          + "Max data size             unlimited            unlimited            bytes\n"
          + "Max address space         1073741824           unlimited            bytes\n",
        "/proc/self/status": "Name:\tx\nVmSize:\t  524288 kB\nVmData:\t  1024 kB\n",
      ])
      #expect(found == ["the limit of ulimit -v": 512])
    }

    @Test("files that are missing or say something else set no limit")
    func strange() {
      #expect(limits([:]).isEmpty)
      #expect(
        limits([
          "/proc/meminfo": "MemAvailable: lots\n", "/proc/self/cgroup": "what\n0::\n",
          "/proc/self/limits": "Max address space",
        ]).isEmpty)
    }
  }
#endif
