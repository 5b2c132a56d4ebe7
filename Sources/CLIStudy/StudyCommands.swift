package import ArgumentParser

/// The subcommands of this module.
package enum StudyCommands {
  package static let inspect: any ParsableCommand.Type = InspectCommand.self
  package static let audit: any ParsableCommand.Type = AuditCommand.self
  package static let diagnose: any ParsableCommand.Type = DiagnoseCommand.self
  package static let report: any ParsableCommand.Type = ReportCommand.self
  package static let bench: any ParsableCommand.Type = BenchCommand.self
  package static let experiment: any ParsableCommand.Type = ExperimentCommand.self
  package static let conformance: any ParsableCommand.Type = ConformanceCommand.self
}
