public import CounterspikeSystem

/// The papers' notation for networks, `15C5-P2-40C5-P2-300-10`.
///
/// Items are joined by hyphens; `items` lists them. Digits are those of ASCII. The letters C, P and D
/// may be small; p and s stand in this order.
public enum LayerNotation {
  /// `15C5-P2-40C5-P2-300-10`, the papers' network for MNIST and Fashion-MNIST.
  public static let paperMNIST: [LayerSettings] = [
    .convolution(15, kernel: 5), .pooling(2), .convolution(40, kernel: 5), .pooling(2),
    .dense(300), .dense(10),
  ]

  /// Every kind of item, as an example, and what it means.
  package static let items: [(item: String, meaning: String)] = [
    ("15C5", "convolution: 15 channels, kernel of 5×5, no padding, stride 1, and its neurons"),
    ("32C3p1", "p: one row of zeros as padding on every side"),
    ("32C3s2", "s: stride of 2 pixels; 32C3p1s2 has both, padding first"),
    ("P2", "pooling: sums over windows of 2×2, without neurons"),
    ("D0.2", "dropout: drops values with probability 0.2 in training"),
    ("300", "dense layer of 300 neurons"),
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
          “\(String(item).excerpt)” in the network “\(notation.excerpt)” is no layer; a layer is \
          like 15C5 (convolution: channels C kernel; then p padding and s stride, as in 32C3p1s2), \
          P2 (pooling: window), D0.2 (dropout: probability) or 300 (dense: neurons), joined by hyphens
          """)
      }
      layers.append(layer)
    }
    return layers
  }

  private static func layer(_ item: Substring) -> LayerSettings? {
    if let whole = item.wholeMatch(of: #/[Pp]([0-9]{1,4})/#) {
      return Int(whole.1).flatMap { $0 > 0 ? .pooling($0) : nil }
    }
    if let whole = item.wholeMatch(of: #/[Dd](0?\.[0-9]+|0)/#) {
      return Float(whole.1).map { .dropout($0) }
    }
    if item.wholeMatch(of: #/[0-9]{1,8}/#) != nil {
      return Int(item).flatMap { $0 > 0 ? .dense($0) : nil }
    }
    let convolution = #/([0-9]{1,8})[Cc]([0-9]{1,4})(?:p([0-9]{1,4}))?(?:s([0-9]{1,4}))?/#
    guard let whole = item.wholeMatch(of: convolution), let channels = Int(whole.1),
      let kernel = Int(whole.2), let padding = Int(whole.3 ?? "0"),
      let stride = Int(whole.4 ?? "1"), channels > 0, kernel > 0, stride > 0
    else { return nil }
    return .convolution(channels, kernel: kernel, stride: stride, padding: padding)
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
    case .residual, .recurrent, .readout, .delay, .registered: return nil
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
