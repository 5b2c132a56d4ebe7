// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The names are the header's.
internal import CCounterspike
internal import Counterspike

@c @implementation
public func counterspike_interface() -> Int32 { Int32(COUNTERSPIKE_INTERFACE) }

/// The version's text, which stays for ever.
nonisolated(unsafe) private let versionText: UnsafePointer<CChar> = {
  let text = Array(CounterspikeVersion.text.utf8CString)
  let place = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
  unsafe place.initialize(from: text, count: text.count)
  return unsafe UnsafePointer(place)
}()

@c @implementation
public func counterspike_version() -> UnsafePointer<CChar> { unsafe versionText }
