/// w(r), the weight of the signed distance r = θ − u from the membrane to the threshold.
///
/// One type each, so that the loops that use them are compiled for each.
protocol DistanceWeight {
  /// It can grow so large near the threshold that a float's rounding of u would show.
  var isSteep: Bool { get }

  /// - Parameter fired: where r < 0.
  func value(_ r: Lanes, fired: LaneMask) -> Lanes
}

/// clamp(1/r, ±bound)
struct InverseWeight: DistanceWeight {
  let bound: Float
  var isSteep: Bool { bound > 16 }

  @inline(__always)
  func value(_ r: Lanes, fired: LaneMask) -> Lanes {
    (Lanes(repeating: 1) / r).limited(to: bound)
  }
}

/// clamp(1/r³, ±bound)
struct InverseCubeWeight: DistanceWeight {
  let bound: Float
  var isSteep: Bool { bound > 16 }

  @inline(__always)
  func value(_ r: Lanes, fired: LaneMask) -> Lanes {
    (Lanes(repeating: 1) / (r * r * r)).limited(to: bound)
  }
}

/// sign(r)·q/(r² + q)
struct LorentzianWeight: DistanceWeight {
  let width: Float
  var isSteep: Bool { false }

  @inline(__always)
  func value(_ r: Lanes, fired: LaneMask) -> Lanes {
    let q = Lanes(repeating: width)
    let w = q / (r * r + q)
    return w.select(-w, where: fired)
  }
}

/// sign(r)·φ(r/σ)/σ
struct GaussianWeight: DistanceWeight {
  let deviation: Float
  var isSteep: Bool { false }

  @inline(__always)
  func value(_ r: Lanes, fired: LaneMask) -> Lanes {
    let scale = 1 / deviation
    let z = r * Lanes(repeating: scale)
    let density =
      (z * z * Lanes(repeating: -0.5)).exponentialOfNonPositive
      * Lanes(repeating: scale * 0.398_942_28)
    return density.select(-density, where: fired)
  }
}

/// 1
struct UnitWeight: DistanceWeight {
  var isSteep: Bool { false }

  @inline(__always)
  func value(_ r: Lanes, fired: LaneMask) -> Lanes { Lanes(repeating: 1) }
}
