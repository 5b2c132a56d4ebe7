// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The names are the header's.
public import CCounterspike
internal import CounterspikeSystem

@c @implementation
public func counterspike_use_threads(_ parallel: counterspike_parallel?) {
  unsafe HostThreads.use(parallel)
}
