/// The version of the package, of its command and of its library.
package enum ProgramVersion {
  package static let text = "0.1.0"
}
