internal import CounterspikeSettings
internal import CounterspikeSystem
import Yams

extension LossSettings {
  /// One loss is a section of all keys; several are a list, in which each item has the keys of its kind
  /// only, and the penalty on firing rates an item of its own.
  var tree: RecipeTree {
    if terms.count == 1 { return LossSection(terms[0], rates: rates).tree }
    var items = terms.map { LossSection($0, rates: nil).itemTree }
    if let rates { items.append(.section([("rates", rates.tree)])) }
    return .list(items)
  }

  func check(at path: RecipePath) throws(RecipeProblem) {
    guard terms.count > 1 else { return try LossSection(terms[0], rates: rates).check(at: path) }
    for (index, term) in terms.enumerated() {
      try LossSection(term, rates: nil).check(at: path + index)
    }
    try rates?.check(at: path + terms.count + "rates")
  }

  /// Checks what depends on the network, and what losses must have in common.
  ///
  /// - Parameter classCount: the output neurons, where they are known.
  func check(timeSteps: Int, classCount: Int?, at path: RecipePath) throws(RecipeProblem) {
    for (index, term) in terms.enumerated() {
      let path = terms.count == 1 ? path : path + index
      if case .count(let desired, let undesired) = term.loss {
        for (name, count) in [("desiredCount", desired ?? 0), ("undesiredCount", undesired)]
        where count > timeSteps {
          throw RecipeProblem(
            path + name,
            """
            is \(count), more spikes than the \(timeSteps) time steps can hold; lower it or raise \
            network.timeSteps
            """)
        }
      }
      if case .list(let weights) = term.classWeights, let classCount, weights.count != classCount {
        throw RecipeProblem(
          path + "classWeights",
          "has \(weights.count) weights for \(classCount) output neurons; give one a class")
      }
      if term.loss.isRegression, term.classWeights != .equal {
        throw RecipeProblem(
          path + "classWeights", "means nothing for targets that are numbers; leave it out")
      }
      if term.loss.isRegression != isRegression {
        throw RecipeProblem(
          path + "kind",
          "is \(term.loss.kind.rawValue) beside \(kind.rawValue); samples have either classes or numbers "
            + "as targets: take losses of one sort")
      }
    }
  }

  /// The losses that a section or a list of sections names.
  fileprivate mutating func read(_ node: Node, at path: RecipePath) throws(RecipeProblem) {
    guard let items = node.sequence else {
      var section = terms.count == 1 ? LossSection(terms[0], rates: rates) : LossSection()
      try section.read(node, at: path)
      try section.check(at: path)
      self = LossSettings([section.term], rates: section.rates)
      return
    }
    var terms: [Term] = []
    var rates: RatePenalty?
    for (index, item) in items.enumerated() {
      let names = try item.settings(at: path + index, of: LossSection.keys.map(\.entry)).map(\.name)
      var section = LossSection()
      try section.read(item, at: path + index)
      try section.check(at: path + index)
      if names.contains("rates") {
        guard names.count == 1, rates == nil else {
          throw RecipeProblem(
            path + index + "rates",
            rates == nil
              ? "stands beside other keys; in a list of losses it is an item of its own"
              : "stands twice; keep one of them")
        }
        rates = section.rates
      } else {
        guard names.contains("kind") else {
          throw RecipeProblem(
            path + index + "kind",
            "is missing; allowed: \(AllowedValues<LossSettings.Kind>.cases.description)")
        }
        if let name = names.first(where: { !LossSection.has(section.kind, $0) }) {
          throw RecipeProblem(
            path + index + name,
            "means nothing for a \(section.kind.rawValue) loss; known here: "
              + section.itemKeys.map(\.entry).names)
        }
        terms.append(section.term)
      }
    }
    guard !terms.isEmpty else {
      throw RecipeProblem(path, "names no loss; give at least one item with a kind")
    }
    self = LossSettings(terms, rates: rates)
  }
}

extension LossSection {
  /// The keys of an item of a list.
  fileprivate var itemKeys: [RecipeKey<LossSection>] {
    Self.keys.filter { $0.entry.name != "rates" && Self.has(kind, $0.entry.name) }
  }

  fileprivate var itemTree: RecipeTree {
    .section(
      itemKeys.map { ($0.entry.name, $0.write(self)) }.filter { $0.1.inline != "null" })
  }
}

extension RecipeKey {
  /// The loss: a section, or a list of sections.
  static func loss(
    _ name: String, _ property: RecipeProperty<Section, LossSettings>, _ summary: String
  ) -> RecipeKey {
    RecipeKey(
      entry: RecipeEntry(name: name, summary: summary, entries: LossSection.keys.map(\.entry)),
      read: { (node, path, section) throws(RecipeProblem) in
        try section[keyPath: property].read(node, at: path)
      },
      check: { (section, path) throws(RecipeProblem) in
        try section[keyPath: property].check(at: path)
      },
      write: { $0[keyPath: property].tree })
  }

  /// `equal`, `balanced`, or a list with one number a class.
  static func classWeights(
    _ name: String, _ property: RecipeProperty<Section, LossSettings.ClassWeights>,
    _ summary: String
  ) -> RecipeKey {
    let allowed = "equal, balanced, or a list with one number ≥ 0 a class"
    return RecipeKey(
      entry: RecipeEntry(name: name, summary: summary, allowed: allowed),
      read: { (node, path, section) throws(RecipeProblem) in
        switch node.scalar?.string {
        case "equal": section[keyPath: property] = .equal
        case "balanced": section[keyPath: property] = .balanced
        default:
          section[keyPath: property] = .list(try values(in: node, at: path, allowed: allowed))
        }
      },
      check: { (section, path) throws(RecipeProblem) in
        guard case .list(let weights) = section[keyPath: property] else { return }
        if let weight = weights.first(where: { !($0.isFinite && $0 >= 0) }) {
          throw .refused(weight.recipeText.excerpt, at: path, allowed: allowed)
        }
        guard weights.contains(where: { $0 > 0 }) else {
          throw .refused(
            weights.isEmpty ? "an empty list" : "a list of zeros", at: path, allowed: allowed)
        }
      },
      write: { section in
        switch section[keyPath: property] {
        case .equal: .scalar("equal")
        case .balanced: .scalar("balanced")
        case .list(let weights): .list(weights.map { .scalar($0.recipeText) })
        }
      })
  }
}

extension LossSettings.Kind: RecipeChoice {
  static var remark: String { LossRegistry.table.remark }

  var summary: String {
    switch self {
    case .kernel: "the papers' van Rossum distance between filtered spike trains"
    case .count: "the squared difference of spike counts"
    case .softmax: "cross-entropy of the reduced output"
    case .rate: "mean squared error of the firing rates"
    case .latency: "cross-entropy of the negative time to the first spike; the earliest predicts"
    case .squaredError: "mean squared error of the reduced output, for targets that are numbers"
    case .registered(let name): LossRegistry.table[name]?.summary ?? "not registered"
    }
  }
}

extension Loss.Reduction: RecipeChoice {
  var summary: String {
    switch self {
    case .sum: "the sum over time"
    case .mean: "the mean over time"
    case .last: "the last time step"
    case .largest: "the largest value"
    case .rate: "spikes a time step"
    case .everyStep: "none, the loss is the mean over the losses of all steps (TET)"
    }
  }
}

extension LossSettings.TargetFilter: RecipeChoice {
  var summary: String {
    switch self {
    case .once: "by the synaptic filter alone, as the output is"
    case .twice: "a second time, as the authors' program does; with one time step, once"
    }
  }
}
