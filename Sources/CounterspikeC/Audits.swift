// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The names are the header's.
public import CCounterspike
internal import Counterspike
internal import CounterspikeStudy
internal import CounterspikeTraining

/// What an audit found, as JSON.
private final class AuditHandle: Sendable {
  let json: String

  init(_ json: String) { self.json = json }
}

@c @implementation
public func counterspike_network_audit(
  _ network: OpaquePointer?, _ samples: OpaquePointer?,
  _ settings: UnsafePointer<counterspike_audit_settings>?, _ threads: Int32,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var audit: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    let handle = try unsafe Handle.read(network, "network", NetworkHandle.self)
    let source = try unsafe Handle.read(samples, "samples", SampleStore.self).source("audited")
    let given = try unsafe Argument.require(settings, "settings").pointee
    let workers = try Numbers.threads(threads)
    var settings = AuditSettings()
    settings.samples = Int(given.samples)
    settings.flips = Int(given.flips)
    settings.perturbations = Int(given.perturbations)
    settings.seed = given.seed
    try settings.validate()
    let asked = settings
    let report = try OwnThread.run {
      try Audit(
        recipe: handle.checkpoint.recipe, network: handle.network, source: source,
        epochs: handle.checkpoint.completedEpochs, workers: workers
      ).run(asked).json
    }
    unsafe audit = Handle.make(AuditHandle(report))
  }
  return unsafe audit
}

@c @implementation
public func counterspike_audit_destroy(_ audit: OpaquePointer?) {
  unsafe Handle.destroy(audit, AuditHandle.self)
}

@c @implementation
public func counterspike_audit_describe(
  _ audit: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let json = try unsafe Handle.read(audit, "audit", AuditHandle.self).json
    try unsafe Text.write(json, to: text, capacity: capacity, needed: needed)
  }
}
