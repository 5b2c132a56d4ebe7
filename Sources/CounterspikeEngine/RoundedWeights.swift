internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeRecipe

/// Which weights a training rounds in its passes, and where the rounded ones lie.
///
/// The optimizer changes the weights themselves; the passes get rounded copies, made anew after each step. The
/// gradient with respect to a rounded weight is taken for that of the weight itself, and the scale for a
/// constant.
///
/// - Note: Bengio, Léonard, Courville, "Estimating or propagating gradients through stochastic neurons for
///   conditional computation" (2013), the straight-through estimator.
struct RoundedWeights: Sendable {
  /// A product's weights.
  struct Item: Sendable {
    let parameter: Int
    /// Where the rounded weights begin.
    let offset: Int
    /// The normalization behind the product, whose factor decides what one scale for a layer is.
    let folding: NetworkPlan.Folding?
  }

  let rounding: WeightRounding
  let scale: QuantizationSettings.Scale
  let items: [Item]
  /// The place among ``items`` of each parameter that is rounded.
  let places: [Int?]
  /// Floats of all rounded weights, padding included.
  let count: Int

  init(_ settings: QuantizationSettings, _ network: NetworkPlan, _ layouts: [ParameterLayout]) {
    rounding = WeightRounding(bits: settings.bits)
    scale = settings.scale
    var items: [Item] = []
    var places: [Int?] = []
    var sum = 0
    for (parameter, layout) in layouts.enumerated() {
      places.append(layout.product == nil ? nil : items.count)
      guard let product = layout.product else { continue }
      items.append(
        Item(parameter: parameter, offset: sum, folding: network.folding(product.node)))
      sum += layout.count
    }
    self.items = items
    self.places = places
    count = sum
  }
}

extension Parameters {
  /// Makes the rounded copy of a product's weights.
  func round(_ item: RoundedWeights.Item, _ plan: RoundedWeights, into rounded: FloatBuffer) {
    let layout = layouts[item.parameter]
    let order = layout.order
    let source = trained(item.parameter)
    let target = rounded.slice(item.offset, layout.count)
    // Those of a channel lie side by side.
    func row(_ channel: Int, of slice: FloatSlice) -> FloatSlice {
      slice.slice(channel * order.outputStride, order.outputStride)
    }
    func factor(_ channel: Int) -> Double {
      guard let folding = item.folding else { return 1 }
      return folding.factor(
        scale: trained(folding.scale)[channel],
        variance: statistics.all[self.plan.statisticOffsets[folding.variance] + channel])
    }
    var ofLayer: Float = 0
    if plan.scale == .layer {
      for channel in 0..<order.outputs {
        let largest = row(channel, of: source).largestMagnitude(factor: factor(channel))
        ofLayer = max(ofLayer, largest)
      }
    }
    for channel in 0..<order.outputs {
      let (weights, factor) = (row(channel, of: source), factor(channel))
      let largest =
        plan.scale == .layer ? ofLayer : weights.largestMagnitude(factor: factor)
      weights.round(
        plan.rounding, scale: plan.rounding.scale(largest: largest), factor: factor,
        into: row(channel, of: target))
    }
  }
}
