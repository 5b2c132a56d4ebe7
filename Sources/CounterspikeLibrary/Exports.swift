// The dynamic library is CounterspikeC and what that needs.
@_exported import CounterspikeC
