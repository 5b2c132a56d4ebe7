package import Counterspike

extension CounterspikeError {
  /// The message, and behind it the options of this command that offer the way out.
  package var text: String {
    guard let option = remedy?.option else { return message }
    return "\(message) (\(option))"
  }
}

extension CounterspikeError.Remedy {
  /// How this command names the way out; `nil`: it has no name for it.
  fileprivate var option: String? {
    switch self {
    case .nameDataFolder: "--data FOLDER, or COUNTERSPIKE_DATA"
    case .nameRunFolder: "--output FOLDER"
    case .resumeRun: "train --resume FOLDER; or --output for another folder"
    case .resumeSweep: "sweep --resume FOLDER; or --output for another folder"
    case .drawSettings: "--random NUMBER"
    case .trainFewerRuns: "--jobs NUMBER"
    case .nameOutputFile: "--output FILE"
    case .overwriteFile: "--overwrite"
    case .useFewerWorkers: "--threads NUMBER"
    case .changeSetting: "--set KEY=VALUE"
    case .limitKernels: "COUNTERSPIKE_LEVEL; unset it for the processor's own"
    case .nameTimeStep: "--time-step SECONDS"
    case .nameInputShape: "--input-shape C,H,W"
    case .buildWithHDF5:
      "Scripts/setup --hdf5, then swift build -c release --traits default,HDF5"
    default: nil
    }
  }
}
