internal import Counterspike
internal import CounterspikeTraining
internal import Foundation

/// Looks for causes one after the other; what explains others comes first.
struct DiagnosisSearch {
  let diagnosis: Diagnosis
  let trial: DiagnosisTrial
  let baseline: DiagnosisTrial.Result
  let layers: DiagnosisLayers
  let network: Network
  /// The network has a checkpoint's weights, not those that the trials begin with.
  let isTrained: Bool
  private(set) var findings: [DiagnosisReport.Finding] = []

  init(
    diagnosis: Diagnosis, trial: DiagnosisTrial, baseline: DiagnosisTrial.Result,
    layers: DiagnosisLayers, network: Network, isTrained: Bool
  ) {
    self.diagnosis = diagnosis
    self.trial = trial
    self.baseline = baseline
    self.layers = layers
    self.network = network
    self.isTrained = isTrained
  }

  typealias Attempt = DiagnosisReport.Attempt
  var recipe: Recipe { diagnosis.recipe }
  var candidates: DiagnosisCandidates { DiagnosisCandidates(recipe: recipe) }
  var plan: NetworkPlan { network.plan }
  var learns: Bool { trial.learns(baseline) }

  mutating func run(_ progress: (String) -> Void) throws {
    progress("looking at the samples")
    try missingClasses()
    try inputs()
    // What such samples do to the layers needs no other remedy.
    guard !findings.contains(where: { $0.cause == .inputs && $0.remedy != nil }) else { return }
    progress("looking for silent and saturated layers")
    try activity()
    try largeCurrents()
    progress("following the error through the layers")
    try errors()
    progress("trying other learning rates")
    try learningRate()
    progress("comparing labels with samples")
    try labels()
    if findings.isEmpty, !learns { try rest() }
  }

  mutating func add(
    _ cause: DiagnosisReport.Cause, layer: String? = nil, _ observation: String,
    _ found: (remedy: Attempt?, tried: [Attempt]) = (nil, [])
  ) {
    findings.append(
      DiagnosisReport.Finding(
        cause: cause, layer: layer, observation: observation, remedy: found.remedy,
        tried: found.tried))
  }

  mutating func rest() throws {
    let warning = baseline.warnings.first
    let found = try attempt(candidates.other(), comparesAccuracy: true)
    add(
      .notLearning,
      warning?.observation
        ?? "\(baseline.outcome.steps) steps neither lower the loss nor predict better than chance",
      found)
  }
}
