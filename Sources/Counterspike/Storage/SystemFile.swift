#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An open file: the one place that asks the operating system for files, and the only code about
/// files that is not checked for memory safety.
///
/// The file is closed when the value goes out of scope.
struct SystemFile: ~Copyable {
  private let descriptor: Int32
  /// What errors call the file.
  private let name: String

  deinit { _ = close(descriptor) }

  // MARK: Opening

  /// Opens a plain file to be read from its beginning.
  ///
  /// - Throws: `unreadableFile`.
  static func reading(_ path: String) throws(CounterspikeError) -> SystemFile {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
    let descriptor = open(path, flags: O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw unreadable(path, reason(), "check the path and the permissions")
    }
    let file = SystemFile(descriptor: descriptor, name: path)
    guard (try file.status().st_mode & S_IFMT) == S_IFREG else {
      throw unreadable(path, "it is a folder or a device", "name a file")
    }
    return file
  }

  /// Creates a file that must not exist yet; errors call it `name`.
  ///
  /// - Throws: `unwritableFile`.
  static func creating(
    _ path: String, as name: String
  ) throws(CounterspikeError) -> SystemFile {
    let descriptor = open(path, flags: O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(name, reason()) }
    return SystemFile(descriptor: descriptor, name: name)
  }

  /// Opens a file to be written at its end, creating it where there is none.
  ///
  /// - Throws: `unwritableFile`.
  static func appending(_ path: String) throws(CounterspikeError) -> SystemFile {
    let descriptor = open(path, flags: O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path, reason()) }
    return SystemFile(descriptor: descriptor, name: path)
  }

  private static func open(_ path: String, flags: Int32) -> Int32 {
    guard isWhole(path) else { return -1 }
    #if canImport(Darwin)
      return unsafe Darwin.open(path, flags, 0o666)
    #elseif canImport(Musl)
      return unsafe Musl.open(path, flags, 0o666)
    #else
      return unsafe Glibc.open(path, flags, 0o666)
    #endif
  }

  /// Whether C sees all of a path: to it, one ends at the first zero byte, and is another path.
  private static func isWhole(_ path: String) -> Bool {
    if path.utf8.contains(0) { errno = EINVAL }
    return !path.utf8.contains(0)
  }

  /// Opens a folder and holds it: until the value goes out of scope, or the process ends in whatever
  /// way, nobody else can hold it.
  ///
  /// Where a file system has no locks, nobody is kept out; on one that several machines share, a
  /// folder's lock may hold on the own machine only.
  ///
  /// - Returns: `nil` where it is held already.
  /// - Throws: `unreadableFile`.
  static func holding(folder: String) throws(CounterspikeError) -> SystemFile? {
    let descriptor = open(folder, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw unreadable(folder, reason(), "check the path and the permissions")
    }
    let file = SystemFile(descriptor: descriptor, name: folder)
    var looks = 0
    while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK {
        // Somebody may merely be looking whether the folder is held.
        looks += 1
        if looks > 5 { return nil }
        usleep(2000)
      } else if errno != EINTR {
        break
      }
    }
    return file
  }

  /// Whether somebody holds a folder right now; `false` also where there is none or it cannot be read.
  ///
  /// The look itself keeps a holder out for some microseconds, which `holding` waits for.
  static func isHeld(folder: String) -> Bool {
    let descriptor = open(folder, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    let file = SystemFile(descriptor: descriptor, name: folder)
    return flock(file.descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  // MARK: Reading and writing

  /// The number of bytes in the file.
  func size() throws(CounterspikeError) -> Int {
    Int(try status().st_size)
  }

  private func status() throws(CounterspikeError) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw Self.unreadable(name, Self.reason(), "check the disk")
    }
    return status
  }

  /// The next `count` bytes, fewer only where the file ends before.
  ///
  /// - Throws: `unreadableFile`.
  func read(_ count: Int) throws(CounterspikeError) -> [UInt8] {
    var failure: String?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[filled..<count])
        let step = unsafe Self.read(descriptor, rest.baseAddress, rest.count)
        if step > 0 {
          filled += step
        } else if step == 0 {
          break
        } else if errno != EINTR {
          failure = Self.reason()
          break
        }
      }
    }
    if let failure { throw Self.unreadable(name, failure, "check the disk") }
    return bytes
  }

  /// Writes the bytes of all `scalars`, straight from where they are.
  ///
  /// - Throws: `unwritableFile`.
  func write<Scalar: BitwiseCopyable>(_ scalars: Span<Scalar>) throws(CounterspikeError) {
    let failure: String? = unsafe scalars.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
        let step = unsafe Self.write(descriptor, rest.baseAddress, rest.count)
        if step >= 0 {
          written += step
        } else if errno != EINTR {
          return Self.reason()
        }
      }
      return nil
    }
    if let failure { throw Self.unwritable(name, failure) }
  }

  /// Waits until the disk has what was written.
  ///
  /// - Throws: `unwritableFile`.
  func synchronize() throws(CounterspikeError) {
    while fsync(descriptor) != 0 {
      guard errno == EINTR else { throw Self.unwritable(name, Self.reason()) }
    }
  }

  /// Waits until the disks have everything that was written, which for many files is quicker than
  /// one after the other.
  static func synchronizeAll() {
    #if canImport(Darwin)
      Darwin.sync()
    #elseif canImport(Musl)
      Musl.sync()
    #else
      Glibc.sync()
    #endif
  }

  private static func read(
    _ descriptor: Int32, _ target: UnsafeMutableRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Darwin)
      unsafe Darwin.read(descriptor, target, count)
    #elseif canImport(Musl)
      unsafe Musl.read(descriptor, target, count)
    #else
      unsafe Glibc.read(descriptor, target, count)
    #endif
  }

  private static func write(
    _ descriptor: Int32, _ source: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Darwin)
      unsafe Darwin.write(descriptor, source, count)
    #elseif canImport(Musl)
      unsafe Musl.write(descriptor, source, count)
    #else
      unsafe Glibc.write(descriptor, source, count)
    #endif
  }

  // MARK: Names

  /// Gives a file a new name in one step, replacing what had that name.
  ///
  /// - Throws: `unwritableFile`.
  static func rename(_ path: String, to newPath: String) throws(CounterspikeError) {
    guard isWhole(path), isWhole(newPath) else { throw unwritable(newPath, reason()) }
    #if canImport(Darwin)
      let result = unsafe Darwin.rename(path, newPath)
    #elseif canImport(Musl)
      let result = unsafe Musl.rename(path, newPath)
    #else
      let result = unsafe Glibc.rename(path, newPath)
    #endif
    guard result == 0 else { throw unwritable(newPath, reason()) }
  }

  /// Removes a file if it can: for cleaning up after another failure, which is the one to report.
  static func remove(_ path: String) {
    _ = unsafe unlink(path)
  }

  /// Waits until the disk has the names in a folder, without which a new name can be lost.
  ///
  /// - Throws: `unwritableFile`.
  static func synchronize(folder: String) throws(CounterspikeError) {
    let descriptor = open(folder, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(folder, reason()) }
    let file = SystemFile(descriptor: descriptor, name: folder)
    // Some network file systems know no such request for folders, and say so by EINVAL.
    while fsync(file.descriptor) != 0, errno != EINVAL {
      guard errno == EINTR else { throw unwritable(folder, reason()) }
    }
  }

  /// The status of what `path` leads to, links followed; `nil`: there is nothing.
  static func status(of path: String) -> WholeFile.Status? {
    var status = stat()
    guard isWhole(path), unsafe stat(path, &status) == 0 else { return nil }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return WholeFile.Status(
      size: Int(status.st_size), modified: Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec),
      isFolder: (status.st_mode & S_IFMT) == S_IFDIR)
  }

  // MARK: Errors

  /// The operating system's words for what it just refused.
  private static func reason() -> String {
    unsafe String(cString: strerror(errno))
  }

  private static func unreadable(
    _ name: String, _ reason: String, _ remedy: String
  ) -> CounterspikeError {
    CounterspikeError(.unreadableFile, "cannot read “\(name)”: \(reason); \(remedy)")
  }

  private static func unwritable(_ name: String, _ reason: String) -> CounterspikeError {
    CounterspikeError(
      .unwritableFile,
      """
      cannot write “\(name)”: \(reason); check that its folder exists, may be written to and \
      has space left
      """)
  }
}
