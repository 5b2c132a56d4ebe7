public import CounterspikeSystem

extension Recipe {
  /// The recipes that come with Counterspike; they are part of the library, not files that could be lost.
  private static let builtIn: [(name: String, bytes: [UInt8])] = [
    ("fashion-mnist", PackageResources.fashion_mnist_yaml),
    ("mnist", PackageResources.mnist_yaml),
    ("kmnist", PackageResources.kmnist_yaml),
    ("nmnist", PackageResources.nmnist_yaml),
    ("shd", PackageResources.shd_yaml),
    ("shd-recurrent", PackageResources.shd_recurrent_yaml),
    ("cifar-10", PackageResources.cifar_10_yaml),
    ("cifar-10-residual", PackageResources.cifar_10_residual_yaml),
    ("cifar-10-vgg-11", PackageResources.cifar_10_vgg_11_yaml),
    ("cifar-10-resnet-19", PackageResources.cifar_10_resnet_19_yaml),
    ("cifar-10-sew-resnet-18", PackageResources.cifar_10_sew_resnet_18_yaml),
    ("dvs-gesture", PackageResources.dvs_gesture_yaml),
    ("braille", PackageResources.braille_yaml),
    ("braille-recurrent", PackageResources.braille_recurrent_yaml),
    ("yin-yang", PackageResources.yin_yang_yaml),
  ]

  /// The names of the recipes that come with Counterspike, the default one first.
  public static var builtInNames: [String] { builtIn.map(\.name) }

  /// The YAML of a recipe that comes with Counterspike, comments included; `nil`: there is none of
  /// this name.
  public static func builtInYAML(_ name: String) -> String? {
    builtIn.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// A recipe that comes with Counterspike.
  ///
  /// - Parameters:
  ///   - name: one of ``builtInNames``.
  ///   - overrides: as in ``init(yaml:source:overrides:)``.
  /// - Throws: `unreadableFile` where there is none of this name; `invalidRecipe` for an override.
  public static func named(
    _ name: String, overrides: [String] = []
  ) throws(CounterspikeError) -> Recipe {
    guard let yaml = builtInYAML(name) else {
      throw CounterspikeError(
        .unreadableFile, "there is no recipe “\(name.excerpt)”; \(knownNames(near: name))")
    }
    return try Recipe(yaml: yaml, source: "the recipe \(name)", overrides: overrides)
  }

  /// The nearest and all names, for messages.
  package static func knownNames(near name: String) -> String {
    let near = name.nearest(in: builtInNames).map { "did you mean \($0)? " } ?? ""
    return "\(near)counterspike comes with \(builtInNames.joined(separator: ", "))"
  }
}
