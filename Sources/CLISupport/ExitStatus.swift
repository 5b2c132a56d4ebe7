package import Counterspike

/// What the command exits with, after sysexits.h.
package enum ExitStatus: Int32 {
  case checkFailed = 1
  case badData = 65
  case noInput = 66
  case unavailable = 69
  case software = 70
  case cannotCreate = 73
  case badConfiguration = 78
  case hungUp = 129
  case interrupted = 130
  case terminated = 143

  package init(_ code: CounterspikeError.Code) {
    self =
      switch code {
      case .invalidRecipe: .badConfiguration
      case .unreadableFile: .noInput
      case .damagedFile, .mismatch: .badData
      case .unwritableFile: .cannotCreate
      case .missingData, .failedDownload, .missingLibrary: .unavailable
      default: .software
      }
  }
}
