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
    switch try file.status().st_mode & S_IFMT {
    case S_IFREG: return file
    case S_IFDIR: throw unreadable(path, "it is a folder", "name a file")
    case S_IFIFO: throw unreadable(path, "it is a pipe", "name a file; a pipe cannot be read twice")
    default: throw unreadable(path, "it is a device", "name a file")
    }
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

  /// Creates a file that must not exist yet and holds it, so that ``removeUnheld(_:)`` leaves it alone
  /// for as long as the value exists; errors call it `name`.
  ///
  /// - Returns: `nil` where another process took it for a left-over before it was held.
  /// - Throws: `unwritableFile`.
  static func creatingHeld(_ path: String, as name: String) throws(CounterspikeError) -> SystemFile?
  {
    let file = try creating(path, as: name)
    // Without locks nobody can tell a left-over from a file in use, and none is removed.
    guard file.hold(isWaiting: false) != .no else { return nil }
    if try file.status().st_nlink == 0 { return nil }
    return file
  }

  /// Removes a file that no living process holds: one that a killed process left behind.
  static func removeUnheld(_ path: String) {
    let descriptor = open(path, flags: O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return }
    let file = SystemFile(descriptor: descriptor, name: path)
    guard file.hold(isWaiting: false) == .yes else { return }
    remove(path)
  }

  /// Opens a file to be written at its end, creating it where there is none; a link is not followed.
  ///
  /// - Throws: `unwritableFile`, also for pipes.
  static func appending(_ path: String) throws(CounterspikeError) -> SystemFile {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to read from it.
    let descriptor = open(
      path, flags: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path, reason()) }
    let file = SystemFile(descriptor: descriptor, name: path)
    guard try file.status().st_mode & S_IFMT != S_IFIFO else {
      throw unwritable(path, "it is a pipe")
    }
    return file
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
    // Somebody may merely be looking whether the folder is held.
    for look in 0...5 {
      if file.hold(isWaiting: false) != .no { return file }
      if look < 5 { usleep(2000) }
    }
    return nil
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

  enum Hold {
    case yes
    /// Somebody else has it.
    case no
    /// The file system has no locks.
    case unknown
  }

  /// Asks for the file for as long as it is open.
  ///
  /// - Parameter isWaiting: until whoever has it lets it go.
  func hold(isWaiting: Bool) -> Hold {
    while flock(descriptor, isWaiting ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return .no }
      if errno != EINTR { return .unknown }
    }
    return .yes
  }

  // MARK: Reading and writing

  /// Bytes from which on it is asked whether there is memory for them.
  private static let largeRead = 16 << 20

  /// The number of bytes in the file.
  func size() throws(CounterspikeError) -> Int {
    Int(try status().st_size)
  }

  /// Whether `path` leads to this very file or folder, and not to another that took its name over.
  func isStill(at path: String) -> Bool {
    var own = stat()
    var there = stat()
    guard Self.isWhole(path), unsafe fstat(descriptor, &own) == 0, unsafe stat(path, &there) == 0
    else { return false }
    return own.st_dev == there.st_dev && own.st_ino == there.st_ino
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
  /// - Throws: `unreadableFile`, also where `count` bytes are more than this process may have memory for.
  func read(_ count: Int) throws(CounterspikeError) -> [UInt8] {
    if count >= Self.largeRead {
      let limit = MemoryLimit.current()
      guard count <= limit.bytes else {
        throw Self.unreadable(
          name,
          "it has \(MemoryLimit.text(count)), and this process may take "
            + "\(MemoryLimit.text(limit.bytes)) more of memory (\(limit.source))",
          "check that it is the right file")
      }
    }
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
    let failure: (reason: String, code: Int32)? = unsafe scalars.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
        let step = unsafe Self.write(descriptor, rest.baseAddress, rest.count)
        if step >= 0 {
          written += step
        } else if errno != EINTR {
          let code = errno
          return (Self.reason(), code)
        }
      }
      return nil
    }
    if let failure { throw Self.unwritable(name, failure.reason, code: failure.code) }
  }

  /// Drops all that was written; what is written next begins the file anew.
  ///
  /// - Throws: `unwritableFile`.
  func empty() throws(CounterspikeError) {
    guard ftruncate(descriptor, 0) == 0 else { throw Self.unwritable(name, Self.reason()) }
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
      let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
    #else
      let (modified, changed) = (status.st_mtim, status.st_ctim)
    #endif
    func nanoseconds(_ time: timespec) -> Int {
      Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }
    return WholeFile.Status(
      size: Int(status.st_size), modified: nanoseconds(modified), changed: nanoseconds(changed),
      inode: UInt64(status.st_ino), isFolder: (status.st_mode & S_IFMT) == S_IFDIR,
      isPlain: (status.st_mode & S_IFMT) == S_IFREG)
  }

  // MARK: Errors

  /// The operating system's words for what it just refused.
  private static func reason() -> String {
    unsafe String(cString: strerror(errno))
  }

  private static func unreadable(
    _ name: String, _ reason: String, _ remedy: String
  ) -> CounterspikeError {
    CounterspikeError(.unreadableFile, "cannot read “\(name.excerpt)”: \(reason); \(remedy)")
  }

  private static func unwritable(
    _ name: String, _ reason: String, code: Int32 = errno
  ) -> CounterspikeError {
    let remedy =
      switch code {
      case EFBIG: "raise the limit on the size of files that this process has"
      case ENOSPC, EDQUOT: "make room on the disk, or write to another one"
      default: "check that its folder exists, may be written to and has space left"
      }
    return CounterspikeError(
      .unwritableFile, "cannot write “\(name.excerpt)”: \(reason); \(remedy)")
  }
}
