internal import CounterspikeSettings

extension OptimizerSettings: RecipeSection {
  static let keys: [RecipeKey<OptimizerSettings>] = [
    .choice("kind", \.kind, "The method."),
    .setting(
      "learningRate", \.learningRate, .above(0), "η at its largest; see the section schedule."),
    .setting("beta1", \.beta1, .within(0..<1), "β₁ of adamW, the gradient's moving average."),
    .setting("beta2", \.beta2, .within(0..<1), "β₂ of adamW, its square's moving average."),
    .setting("epsilon", \.epsilon, .above(0), "ε of adamW, added to the denominator."),
    .setting("momentum", \.momentum, .within(0..<1), "μ of sgd."),
    .setting(
      "weightDecay", \.weightDecay, .atLeast(0),
      "λ: adamW multiplies the weights by 1 − η·λ, sgd adds λ·w to the gradient."),
    .choice("clipping", \.clipping, "How gradients are clipped."),
    .setting(
      "clippingNorm", \.clippingNorm, .above(0), "Euclidean norm that gradients are clipped to."),
    .setting(
      "weightClamp", \.weightClamp, orNull: .above(0),
      "Bound that weights are clamped to after every step, ±; null: none."),
  ]
}

extension ScheduleSettings: RecipeSection {
  static let keys: [RecipeKey<ScheduleSettings>] = [
    .choice("kind", \.kind, "How the learning rate changes after warming up."),
    .setting("decay", \.decay, .within(0...1), "Factor per epoch of exponential."),
    .setting(
      "finalFraction", \.finalFraction, .within(0...1),
      "Where cosine ends, as a fraction of the learning rate."),
    .setting(
      "warmUpEpochs", \.warmUpEpochs, .atLeast(0),
      "Epochs, possibly a fraction, in which the rate first rises linearly from 0."),
  ]
}

extension OptimizerSettings.Kind: RecipeChoice {
  var summary: String {
    switch self {
    case .adamW: "Adam with decoupled weight decay"
    case .sgd: "stochastic gradient descent with momentum"
    }
  }
}

extension OptimizerSettings.Clipping: RecipeChoice {
  var summary: String {
    switch self {
    case .none: "no clipping"
    case .global: "the norm over all layers, to clippingNorm"
    case .perLayer: "the norm of each layer, to clippingNorm"
    }
  }
}

extension ScheduleSettings.Kind: RecipeChoice {
  var summary: String {
    switch self {
    case .constant: "it does not"
    case .exponential: "multiplied by decay every epoch, smoothly in between"
    case .cosine: "half a cosine down to finalFraction at the last step"
    }
  }
}
