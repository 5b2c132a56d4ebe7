#if os(Linux)
  import Counterspike
  import CounterspikeData
  import Foundation
  import Testing

  /// What the system does not give, each in a process of its own that the limit is set for.
  @Suite("Downloads, where the system gives too little,", .timeLimit(.minutes(30)))
  struct DownloadLimitTests {
    /// RLIMIT_NPROC, whose name Swift does not see.
    static let processes = __rlimit_resource_t(6)

    /// Downloads 300,000 bytes into a new folder that everybody may write to.
    ///
    /// - Parameters:
    ///   - restrict: called before it, with the folder.
    ///   - check: called with the error and the names of what is left in the folder.
    static func download(
      restrict: (String) -> Void, check: (CounterspikeError, [String]) -> Bool
    ) throws -> Bool {
      let folder = try TemporaryFolder()
      chmod(folder.path, 0o777)
      let server = try LocalServer(files: ["file.gz": DownloadTests.content])
      defer { server.stop() }
      restrict(folder.path)
      do {
        try Download(file: DownloadTests.file(server), folder: folder.path, timeout: 5).run()
        return false
      } catch {
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return check(error, left.filter { !$0.hasSuffix(".lock") })
      }
    }

    @Test("room for the file: name the folder, and leave nothing there")
    func fullDisk() async {
      await #expect(processExitsWith: .success) {
        let isRight = try DownloadLimitTests.download(
          restrict: { _ in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
          },
          check: { error, left in
            error.code == .unwritableFile && left == [] && error.message.contains("File too large")
              && error.message.contains("was removed from “/")
              && error.message.contains("XDG_CACHE_HOME")
          })
        exit(isRight ? EXIT_SUCCESS : EXIT_FAILURE)
      }
    }

    @Test("threads: say so at once, and leave nothing there")
    func noThreads() async {
      await #expect(processExitsWith: .success) {
        let isRight = try DownloadLimitTests.download(
          restrict: { _ in
            // The system's own user may have any number.
            if getuid() == 0 { setuid(65534) }
            var limit = rlimit(rlim_cur: 1, rlim_max: 1)
            setrlimit(DownloadLimitTests.processes, &limit)
          },
          check: { error, left in
            error.code == .libraryFailure && left == []
              && error.message.contains("“file.gz” needs 4 threads, and the system starts no more")
          })
        exit(isRight ? EXIT_SUCCESS : EXIT_FAILURE)
      }
    }
  }
#endif
