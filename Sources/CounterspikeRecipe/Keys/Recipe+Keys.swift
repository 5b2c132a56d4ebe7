internal import CounterspikeSettings

extension Recipe: RecipeSection {
  static let keys: [RecipeKey<Recipe>] = [
    .setting(
      "name", \.name, .name,
      "What the run is called; the name of its folder begins with it. Left out: as the data set."),
    .setting(
      "seed", \.seed, .within(0...UInt64.max),
      "Seed of the initial weights, of shuffling, augmentation and dropout."),
    .section("data", \.data, "What the network is trained and tested on."),
    .section("network", \.network, "The layers and what their neurons have in common."),
    .section("gradient", \.gradient, "The rule that replaces the derivative of a spike."),
    .loss(
      "loss", \.loss,
      "The loss that training minimizes, summed over the batch; or a list of such sections, whose "
        + "losses are summed: [{kind: softmax}, {kind: count, weight: 0.1}, {rates: {lowest: 0.01}}]."
    ),
    .section("optimizer", \.optimizer, "How gradients change the weights."),
    .section("schedule", \.schedule, "The learning rate over time."),
    .section("training", \.training, "Length of the training, sizes of batches."),
  ]

  func checkTogether(at path: RecipePath) throws(RecipeProblem) {
    try check(network.layers, at: path + "network" + "layers")
    try loss.check(
      timeSteps: network.timeSteps, classCount: network.layers.last?.size, at: path + "loss")
  }

  /// Whether every layer's rule is defined for its neurons, those inside of blocks included.
  private func check(_ layers: [LayerSettings], at path: RecipePath) throws(RecipeProblem) {
    for (index, layer) in layers.enumerated() {
      switch layer.kind {
      case .convolution, .dense, .recurrent, .registered:
        if case .dropout = layer.kind.keysOf { break }
        let neuron = network.neuron(of: layer)
        if let problem = (layer.gradient ?? gradient).problem(
          with: neuron, isRecurrent: layer.kind == .recurrent)
        {
          throw RecipeProblem(path + index, "cannot be trained: \(problem)")
        }
      case .residual: try check(layer.layers, at: path + index + "layers")
      case .readout, .pooling, .dropout, .delay: break
      }
    }
  }
}

extension DataSettings: RecipeSection {
  static let keys: [RecipeKey<DataSettings>] = [
    .setting("set", \.set, .name, "The data set, such as mnist, or image-folder for your own."),
    .names(
      "classes", \.classes,
      "Names of the classes in the order of the output neurons, written by a run; null: as the data has "
        + "them."),
    .channelNumbers(
      "mean", \.mean, .any,
      "Subtracted from pixels in 0 … 1; null: the mean of the data set's training samples."),
    .channelNumbers(
      "standardDeviation", \.standardDeviation, .above(0),
      "What the difference is divided by; null: the data set's own standard deviation."),
    .setting(
      "trainingLimit", \.trainingLimit, orNull: .atLeast(1),
      "Number of training samples that are used; null: all."),
    .setting(
      "testLimit", \.testLimit, orNull: .atLeast(1),
      "Number of test samples that are used; null: all."),
    .choice("selection", \.selection, "Which samples a limit keeps."),
    .setting(
      "validation", \.validation, .within(0..<1),
      "Share of each class's training samples that is held back to judge epochs by, whatever "
        + "trainingLimit is; 0: none, or the data set's own validation samples."),
    .setting(
      "testShare", \.testShare, .within(0..<1),
      "Share of each class's samples that is used for testing, in data sets without an official split."
    ),
    .section("encoding", \.encoding, "How images and time series become a network's input."),
    .section("augmentation", \.augmentation, "Random changes of training images, new every epoch."),
    .section("images", \.images, "How the files of an image-folder become samples."),
    .section("arrays", \.arrays, "How the arrays of an array-folder become samples."),
    .section("events", \.events, "How recordings of event cameras become spikes."),
  ]
}

extension ImageSettings: RecipeSection {
  static let keys: [RecipeKey<ImageSettings>] = [
    .setting(
      "size", \.size, orNull: .within(1...4096),
      "Side in pixels that images get, cut to the square in their centre and made smaller by "
        + "averaging; null: their own size, which must be the same."),
    .setting(
      "channels", \.channels, orNull: .oneOf(1, 3),
      "1: all become grey; 3: all become red, green and blue; null: their own, which must be the "
        + "same."),
  ]
}

extension AugmentationSettings: RecipeSection {
  static let keys: [RecipeKey<AugmentationSettings>] = [
    .setting(
      "cropPadding", \.cropPadding, .within(0...1000),
      "Black pixels around the image before it is cropped to its size at a random place; 0: off."),
    .setting(
      "flip", \.flip, .any, "Whether images are mirrored left to right with probability ½."),
    .setting(
      "rotation", \.rotation, .within(0...180),
      "Largest angle in degrees that images are rotated by, either way; 0: off."),
  ]
}

extension TrainingSettings.ModelSelection: RecipeChoice {
  var summary: String {
    switch self {
    case .validation: "the highest accuracy on the validation samples; without any, the last one"
    case .last: "the last one"
    case .test:
      "the highest accuracy on the test samples, as the papers do; it is then somewhat too good"
    }
  }
}

extension QuantizationSettings.Scale: RecipeChoice {
  var summary: String {
    switch self {
    case .layer: "all weights of a layer"
    case .channel: "the weights of each output channel"
    }
  }
}

extension TrainingSettings: RecipeSection {
  static let keys: [RecipeKey<TrainingSettings>] = [
    .setting(
      "epochs", \.epochs, .within(1...1_000_000), "Number of passes over the training samples."),
    .setting("batchSize", \.batchSize, .within(1...1_000_000), "Samples per optimizer step."),
    .setting(
      "microBatchSize", \.microBatchSize, orNull: .within(1...1_000_000),
      "Samples that one worker takes at a time, at most the batch; null: chosen from network and batch, "
        + "usually 2, so that half as many threads as samples have work."),
    .setting(
      "checkpointInterval", \.checkpointInterval, .atLeast(0),
      "Optimizer steps between two checkpoints inside an epoch; 0: only at each epoch's end."),
    .choice("modelSelection", \.modelSelection, "Which checkpoint of a run is taken."),
    .setting(
      "patience", \.patience, orNull: .within(1...1_000_000),
      "Epochs without a higher validation accuracy after which training ends; null: it does not end "
        + "early."),
    .setting(
      "keep", \.keep, .within(0...1000),
      "Number of best checkpoints, by validation accuracy, that are kept by their epoch; 0: none."),
    .names(
      "frozen", \.frozen,
      "Layers whose weights are not trained, such as conv_1; null: none."),
    .setting(
      "weightBits", \.weightBits, orNull: .within(2...8),
      "Bits that weights are rounded to in all passes, as quantize rounds them; the optimizer changes the "
        + "weights themselves. null: they are not rounded."),
    .choice("weightScale", \.weightScale, "What shares a scale where weights are rounded."),
  ]

  func checkTogether(at path: RecipePath) throws(RecipeProblem) {
    guard let microBatchSize, microBatchSize > batchSize else { return }
    throw RecipeProblem(
      path + "microBatchSize",
      "is \(microBatchSize), more than batchSize (\(batchSize)); lower it, or write null")
  }
}
