/// The version of this package.
package enum CounterspikeVersion {
  package static let text = "0.1.0"
}
