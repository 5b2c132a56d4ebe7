package import Counterspike
internal import CounterspikeData

/// Which runs a sweep is made of, and when some of them end early.
///
/// A plan gives the same runs always, so that a sweep can go on from its plan alone.
package struct SweepPlan: Sendable, Equatable {
  /// What all runs have in common.
  package let recipe: Recipe
  package let axes: [SweepAxis]
  /// How many settings are drawn; `nil`: all combinations of the listed values are run.
  package let drawnCount: Int?
  /// Whether the worse settings are ended early, see ``rungs``.
  package let isHalving: Bool
  package let runs: [Run]

  package struct Run: Sendable, Equatable {
    /// The name of its folder, its number from 1 with leading zeros.
    package let name: String
    /// `key=value` of each axis.
    package let settings: [String]
    package let recipe: Recipe
  }

  /// The most runs of a sweep.
  package static let runLimit = 10_000

  /// - Throws: `invalidRecipe` where an axis, or the recipe of a run, cannot be.
  package init(
    _ recipe: Recipe, axes: [SweepAxis], drawnCount: Int? = nil, isHalving: Bool = false
  ) throws(CounterspikeError) {
    self.recipe = recipe
    self.axes = axes
    self.drawnCount = drawnCount
    self.isHalving = isHalving
    let keys = axes.map(\.key)
    if let twice = keys.first(where: { key in keys.count { $0 == key } > 1 }) {
      throw CounterspikeError(
        .invalidRecipe, "two axes vary “\(twice.excerpt)”; give all its values in one")
    }
    if let fixed = keys.first(where: { $0 == "name" || $0 == "training.epochs" && isHalving }) {
      throw CounterspikeError(
        .invalidRecipe,
        fixed == "name"
          ? "a name changes no result; vary another setting"
          : "successive halving decides how long a run trains; do not vary training.epochs")
    }
    let combinations = try Self.combinations(axes, drawnCount, seed: recipe.seed)
    let digits = "\(combinations.count)".count
    let yaml = recipe.yaml
    var runs: [Run] = []
    for (index, settings) in combinations.enumerated() {
      let number = "\(index + 1)"
      runs.append(
        Run(
          name: String(repeating: "0", count: digits - number.count) + number, settings: settings,
          recipe: try Recipe(yaml: yaml, source: "the sweep's recipe", overrides: settings)))
    }
    self.runs = runs
    if isHalving { try checkValidation() }
  }

  /// Refuses to choose settings by the test samples, whose accuracy would then say nothing.
  private func checkValidation() throws(CounterspikeError) {
    for run in runs where run.recipe.data.validation == 0 {
      let entry = try DataCatalog.entry(named: run.recipe.data.set)
      if entry.validationCount > 0 { continue }
      throw CounterspikeError(
        .invalidRecipe,
        "successive halving compares settings by validation samples, and “\(run.recipe.data.set.excerpt)” "
          + "has none of its own; hold some training samples back by data.validation, as 0.1",
        remedy: .changeSetting)
    }
  }

  /// The settings of all runs: each combination, or some that are drawn, of the axes; the values of
  /// `seed` are not drawn, each drawn setting is run with each of them.
  private static func combinations(
    _ axes: [SweepAxis], _ drawnCount: Int?, seed: UInt64
  ) throws(CounterspikeError) -> [[String]] {
    func crossed(_ settings: [[String]], _ axis: SweepAxis) throws(CounterspikeError) -> [[String]]
    {
      guard case .listed(let values) = axis.values else {
        throw CounterspikeError(
          .invalidRecipe,
          "the axis “\(axis.text.excerpt)” is drawn from, and the sweep runs all combinations; list "
            + "its values, or say how many settings to draw", remedy: .drawSettings)
      }
      let (count, isOver) = settings.count.multipliedReportingOverflow(by: values.count)
      guard !isOver, count <= runLimit else { throw tooMany }
      return settings.flatMap { before in values.map { before + ["\(axis.key)=\($0)"] } }
    }
    guard let drawnCount else {
      var settings: [[String]] = [[]]
      for axis in axes { settings = try crossed(settings, axis) }
      return settings
    }
    guard (1...runLimit).contains(drawnCount) else { throw tooMany }
    // Not the seed itself: those of neighbouring seeds would overlap.
    var random = SplitMix(state: seed &* 0xD134_2543_DE82_EF95 ^ 0x53_5745_4550)
    var settings: [[String]] = []
    let drawn = axes.filter { $0.key != "seed" }
    var misses = 0
    while settings.count < drawnCount && misses < 1000 {
      let setting = drawn.map { "\($0.key)=\($0.drawn(by: &random))" }
      if settings.contains(setting) {
        misses += 1
      } else {
        settings.append(setting)
      }
    }
    if let seeds = axes.first(where: { $0.key == "seed" }) {
      settings = try crossed(settings, seeds)
    }
    return settings
  }

  private static var tooMany: CounterspikeError {
    CounterspikeError(
      .invalidRecipe,
      "a sweep has 1 to \(runLimit) runs; vary fewer settings, or fewer values of them")
  }
}

// MARK: Successive halving

extension SweepPlan {
  /// Of each rung only one in so many settings goes on.
  package static let reduction = 3

  /// The epochs after which settings are compared and the worse ones end, the last rung being all epochs:
  /// with 9 settings and 9 epochs 1, 3 and 9. Without halving, all epochs only.
  ///
  /// - Note: Jamieson, Talwalkar (AISTATS 2016), with a reduction of three.
  package var rungs: [Int] {
    let epochs = recipe.training.epochs
    guard isHalving else { return [epochs] }
    var rungs = [epochs]
    var settings = groups.count
    while settings > 1 && rungs[0] > 1 {
      rungs.insert(max(1, rungs[0] / Self.reduction), at: 0)
      settings = Self.survivors(of: settings)
    }
    return rungs
  }

  static func survivors(of count: Int) -> Int { max(1, (count + reduction - 1) / reduction) }

  /// The runs by setting: those of a group differ in nothing but their seed.
  package var groups: [[Run]] {
    var order: [[String]] = []
    var groups: [[String]: [Run]] = [:]
    for run in runs {
      let key = run.settings.filter { !$0.hasPrefix("seed=") }
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(run)
    }
    return order.compactMap { groups[$0] }
  }
}

/// A generator of random numbers whose sequence depends on nothing but its state.
///
/// - Note: SplitMix64 of Steele, Lea, Flood (OOPSLA 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
