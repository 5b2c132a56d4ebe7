/// The papers' notation for networks, `15C5-P2-40C5-P2-300-10`.
///
/// Items are joined by hyphens:
///
/// | item | layer |
/// | --- | --- |
/// | `15C5` | convolution, 15 maps, 5×5 kernel, no padding, stride 1 |
/// | `32C5p2`, `32C3s2`, `32C3p1s2` | … with padding, with stride, with both |
/// | `P2` | sum pooling over 2×2 windows |
/// | `D0.2` | dropout of 20 % |
/// | `300` | dense layer of 300 neurons |
public enum LayerNotation {
  /// `15C5-P2-40C5-P2-300-10`, the papers' network for MNIST and Fashion-MNIST.
  public static let paperMNIST: [LayerSettings] = [
    .convolution(15, kernel: 5), .pooling(2), .convolution(40, kernel: 5), .pooling(2),
    .dense(300), .dense(10),
  ]

  /// The layers that `notation` names.
  ///
  /// - Throws: `invalidRecipe` naming the item that is no layer.
  public static func parse(_ notation: String) throws(CounterspikeError) -> [LayerSettings] {
    var layers: [LayerSettings] = []
    for item in notation.split(separator: "-", omittingEmptySubsequences: false) {
      guard let layer = layer(item) else {
        throw CounterspikeError(
          .invalidRecipe,
          """
          “\(item)” in the network “\(notation)” is no layer; a layer is like 15C5 (convolution: \
          maps C kernel), 32C3p1s2 (with padding, stride), P2 (pooling), D0.2 (dropout) or 300 \
          (dense), joined by hyphens
          """)
      }
      layers.append(layer)
    }
    return layers
  }

  private static func layer(_ item: Substring) -> LayerSettings? {
    if let whole = item.wholeMatch(of: #/[Pp](\d{1,4})/#), let window = Int(whole.1), window > 0 {
      return .pooling(window)
    }
    if let whole = item.wholeMatch(of: #/[Dd](0?\.\d+|0)/#), let probability = Float(whole.1) {
      return .dropout(probability)
    }
    if let neurons = Int(item), item.wholeMatch(of: #/\d{1,8}/#) != nil, neurons > 0 {
      return .dense(neurons)
    }
    guard
      let whole = item.wholeMatch(of: #/(\d{1,8})[Cc](\d{1,4})(?:p(\d{1,4}))?(?:s(\d{1,4}))?/#),
      let maps = Int(whole.1), let kernel = Int(whole.2), maps > 0, kernel > 0
    else { return nil }
    let padding = whole.3.flatMap { Int($0) } ?? 0
    let stride = whole.4.flatMap { Int($0) } ?? 1
    return stride > 0
      ? .convolution(maps, kernel: kernel, stride: stride, padding: padding) : nil
  }

  /// The notation of `layers`, or `nil` when one of them has settings that it cannot express.
  public static func format(_ layers: [LayerSettings]) -> String? {
    var items: [String] = []
    for layer in layers {
      guard let item = format(layer) else { return nil }
      items.append(item)
    }
    let notation = items.joined(separator: "-")
    // No layers at all, a probability of 1e-5 or a size of zero have no notation either.
    return (try? parse(notation)) == layers ? notation : nil
  }

  private static func format(_ layer: LayerSettings) -> String? {
    let plain: LayerSettings
    let item: String
    switch layer.kind {
    case .convolution:
      plain = .convolution(
        layer.size, kernel: layer.kernel, stride: layer.stride, padding: layer.padding)
      item =
        "\(layer.size)C\(layer.kernel)" + (layer.padding == 0 ? "" : "p\(layer.padding)")
        + (layer.stride == 1 ? "" : "s\(layer.stride)")
    case .dense:
      plain = .dense(layer.size)
      item = "\(layer.size)"
    case .pooling:
      plain = .pooling(layer.kernel)
      item = "P\(layer.kernel)"
    case .dropout:
      plain = .dropout(layer.probability)
      item = "D\(layer.probability == 0 ? 0 : layer.probability)"  // −0 would read as a hyphen
    }
    return layer == plain ? item : nil
  }
}
