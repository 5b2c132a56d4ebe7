internal import Counterspike

extension AuditReport.Silence {
  /// Why most of a layer's neurons are silent.
  public enum Cause: String, Sendable, Equatable {
    case noCurrent
    case noError
    case farFromThreshold
    case nearThreshold
  }

  /// Counts a layer's silent neurons by what they get.
  ///
  /// - Parameters:
  ///   - activity: in the order C, H, W.
  ///   - hasGradient: in the order H, W, C.
  init(
    _ stage: NetworkPlan.Stage, isFirst: Bool, _ activity: [NetworkProbe.Activity],
    hasGradient: [Bool]
  ) {
    let channels = stage.neuronShape[0]
    let pixels = stage.neuronShape[1] * stage.neuronShape[2]
    var (silent, withoutCurrent, far, near, withoutError) = (0, 0, 0, 0, 0)
    var silentChannels = 0
    for channel in 0..<channels {
      var isSilent = true
      for pixel in 0..<pixels {
        let neuron = activity[channel * pixels + pixel]
        guard neuron.spikes == 0 else {
          isSilent = false
          continue
        }
        silent += 1
        if !neuron.hasCurrent {
          withoutCurrent += 1
        } else if neuron.largestMembrane <= 0.5 {
          far += 1
        } else {
          near += 1
        }
        if !hasGradient[pixel * channels + channel] { withoutError += 1 }
      }
      if isSilent { silentChannels += 1 }
    }
    self.init(
      layer: stage.name, neurons: stage.neuronCount, silent: silent,
      silentChannels: silentChannels, withoutCurrent: withoutCurrent, farFromThreshold: far,
      nearThreshold: near, withoutError: withoutError, isFirst: isFirst)
  }

  /// Why most neurons are silent; `nil` where at least half of them fire.
  public var cause: Cause? {
    guard 2 * silent > neurons else { return nil }
    if 2 * withoutCurrent > silent { return .noCurrent }
    if 2 * withoutError > silent { return .noError }
    return 2 * farFromThreshold > silent ? .farFromThreshold : .nearThreshold
  }

  /// The cause in words; `nil` where at least half of the neurons fire.
  public var observation: String? {
    switch cause {
    case nil: nil
    case .noCurrent: "most get no current"
    case .noError: "most get no error either and stay as they are"
    case .farFromThreshold: "most never come near the threshold"
    case .nearThreshold: "most come near the threshold, and the error reaches them"
    }
  }

  /// What to do about it; `nil` where nothing needs to be done.
  public var suggestion: String? {
    guard let observation else { return nil }
    let advice: String
    switch cause {
    case .noCurrent:
      advice =
        isFirst
        ? "look at the input's normalization" : "the layer before is silent, look there first"
    case .noError:
      advice =
        "a distance weight or surrogate with a wider tail, or a larger weightScale of this layer"
    case .farFromThreshold:
      advice = "raise this layer's weightScale or lower its threshold"
    default: advice = "training can wake them"
    }
    return "\(observation): \(advice)"
  }
}
