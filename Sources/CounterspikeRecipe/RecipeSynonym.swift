/// Words of other frameworks, and what a recipe calls the same thing.
///
/// The words are compared in lower case without `_` and `-`, so that `batch_size`, `batchSize` and
/// `batch-size` are one word.
enum RecipeSynonym {
  /// What to write in place of an unknown key.
  enum Answer: Sendable, Equatable {
    /// The key of this path.
    case key(String)
    /// A key of a layer in the list `network.layers`.
    case layerKey(String)
    /// What there is to know; continues a sentence behind a semicolon.
    case advice(String)
  }

  static let keys: [(words: [String], answer: Answer)] = [
    (["lr", "eta", "stepsize", "initiallr", "baselr"], .key("optimizer.learningRate")),
    (["optim", "optimiser", "solver"], .key("optimizer.kind")),
    (["wd", "l2", "l2penalty", "decayrate"], .key("optimizer.weightDecay")),
    (["eps"], .key("optimizer.epsilon")),
    (
      ["clipgradnorm", "gradclip", "maxnorm", "maxgradnorm", "gradientclipval", "clipnorm"],
      .key("optimizer.clippingNorm")
    ),
    (["betas"], .advice("write optimizer.beta1 and optimizer.beta2")),
    (["scheduler", "lrscheduler", "lrschedule", "lrpolicy"], .key("schedule.kind")),
    (["gamma", "lrdecay"], .key("schedule.decay")),
    (["warmup", "warmupsteps", "warmuplength"], .key("schedule.warmUpEpochs")),
    (["etamin", "minlr"], .key("schedule.finalFraction")),
    (["numepochs", "nepochs", "maxepochs", "epoch", "numtrainepochs"], .key("training.epochs")),
    (
      ["batch", "bs", "batchsz", "nbatch", "trainbatchsize", "perdevicetrainbatchsize"],
      .key("training.batchSize")
    ),
    (
      [
        "t", "numsteps", "nsteps", "steps", "timestep", "simulationtime", "seqlen",
        "sequencelength",
        "nbsteps", "numtimesteps",
      ], .key("network.timeSteps")
    ),
    (
      [
        "hidden", "hiddensize", "hiddensizes", "hiddenlayers", "nhidden", "numhidden",
        "architecture",
        "arch", "model", "net", "layer", "structure", "topology",
      ], .key("network.layers")
    ),
    (["tau", "taum", "taumem", "membranetau"], .key("network.neuron.membraneTimeConstant")),
    (["taus", "tausyn", "synaptictau"], .key("network.neuron.synapticTimeConstant")),
    (
      ["threshold", "vth", "vthr", "vthreshold", "thresh", "theta", "firingthreshold"],
      .key("network.neuron.threshold")
    ),
    (
      ["resetmechanism", "resetmethod", "resetmode", "vreset", "hardreset", "softreset"],
      .key("network.neuron.reset")
    ),
    (
      ["adaptive", "adaptivethreshold", "thresholdadaptation"], .key("network.neuron.adaptation")
    ),
    (
      ["beta", "memdecay", "decaymem", "leak"],
      .advice(
        "a membrane that keeps the part beta a step has the time constant "
          + "network.neuron.membraneTimeConstant = 1/(1 − beta)")
    ),
    (
      ["alpha", "syndecay", "decaysyn"],
      .advice(
        "a synapse that keeps the part alpha a step has the time constant "
          + "network.neuron.synapticTimeConstant = 1/(1 − alpha)")
    ),
    (
      ["dropout", "pdrop", "dropoutrate", "droprate"],
      .advice("dropout is a layer: write D0.2 between two others in network.layers, 300-D0.2-10")
    ),
    (
      ["pool", "pooling", "avgpool", "maxpool"],
      .advice("pooling is a layer: write P2 behind a convolution in network.layers, 15C5-P2-10")
    ),
    (
      ["numclasses", "nclasses", "outputsize", "noutputs", "classes"],
      .advice("the number of classes is the size of the last layer in network.layers")
    ),
    (
      ["inputsize", "inputshape", "ninputs", "inchannels", "inputchannels", "infeatures"],
      .advice("the input's shape follows from the data and needs no key")
    ),
    (["dataset", "task"], .key("data.set")),
    (
      ["datadir", "dataroot", "datapath", "datafolder", "root"],
      .advice("the folder of the data is no part of a recipe, as no result depends on it")
    ),
    (
      ["device", "gpu", "cuda", "numworkers", "workers", "threads", "numthreads"],
      .advice("what no result depends on is no part of a recipe")
    ),
    (["randomseed", "manualseed", "rngseed"], .key("seed")),
    (["encoder", "coding", "encodingkind"], .key("data.encoding.kind")),
    (["augment", "augmentations", "transform", "transforms"], .key("data.augmentation")),
    (["valsplit", "validationsplit", "valfraction", "val"], .key("data.validation")),
    (["testsplit", "testsize"], .key("data.testShare")),
    (["std", "stddev"], .key("data.standardDeviation")),
    (["criterion", "lossfn", "lossfunction", "objective"], .key("loss.kind")),
    (["learningrule", "backward", "learning"], .key("gradient.rule")),
    (
      ["spikegrad", "surrogatefunction", "surrogategradient", "surrogatefn", "spikefn"],
      .key("gradient.surrogate.shape")
    ),
    (["dtype", "amp", "mixedprecision", "fp16", "bf16"], .key("network.precision")),
    (["kernelsize", "windowsize"], .layerKey("kernel")),
    (
      [
        "outchannels", "outfeatures", "filters", "features", "units", "channels", "maps", "neurons",
        "width",
      ], .layerKey("size")
    ),
    (["type", "layertype"], .layerKey("kind")),
    (["p", "rate"], .layerKey("probability")),
  ]

  /// Words for values, of the key with this path.
  static let values: [(path: String, words: [String], value: String)] = [
    ("optimizer.kind", ["adam", "adamw"], "adamW"),
    ("optimizer.kind", ["momentum", "nesterov"], "sgd"),
    ("optimizer.clipping", ["norm", "all", "true"], "global"),
    ("optimizer.clipping", ["false", "off", "null"], "none"),
    ("schedule.kind", ["cosineannealing", "cosineannealinglr", "cos"], "cosine"),
    ("schedule.kind", ["exp", "exponentiallr", "step", "steplr"], "exponential"),
    ("schedule.kind", ["none", "off", "null", "fixed"], "constant"),
    ("loss.kind", ["crossentropy", "ce", "nll", "logits"], "softmax"),
    ("loss.kind", ["vanrossum", "psc", "spiketrain"], "kernel"),
    ("loss.kind", ["spikecount", "ratecount"], "count"),
    ("loss.kind", ["mse", "msecount", "firingrate", "rates"], "rate"),
    ("loss.kind", ["ttfs", "temporal", "firstspike", "timetofirstspike"], "latency"),
    ("loss.kind", ["regression", "squared", "l2"], "squaredError"),
    ("loss.reduction", ["tet", "each", "perstep", "stepwise"], "everyStep"),
    ("loss.reduction", ["max", "maximum"], "largest"),
    ("loss.reduction", ["average"], "mean"),
    ("network.neuron.reset", ["subtract", "soft", "softreset", "linear"], "subtraction"),
    ("network.neuron.reset", ["hard", "hardreset"], "zero"),
    ("network.layers.N.reset", ["subtract", "soft", "softreset", "linear"], "subtraction"),
    ("network.layers.N.reset", ["hard", "hardreset"], "zero"),
    ("gradient.rule", ["na", "neighbourhood", "aggregation"], "neighborhood"),
    ("gradient.rule", ["stbp", "bptt", "superspike", "surrogategradient", "sg"], "surrogate"),
    ("gradient.rule", ["tssl", "tsslbackpropagation"], "tsslbp"),
    ("gradient.surrogate.shape", ["atan", "arctan"], "arctangent"),
    ("gradient.surrogate.shape", ["boxcar", "rect", "rectangular", "box"], "rectangle"),
    ("gradient.surrogate.shape", ["piecewiselinear", "triangular", "hat"], "triangle"),
    ("gradient.surrogate.shape", ["superspike"], "fastSigmoid"),
    ("gradient.neighborhood.distance", ["inverse", "power", "reciprocal"], "inversePower"),
    ("gradient.neighborhood.distance", ["gauss", "normal"], "gaussian"),
    ("gradient.neighborhood.distance", ["lorentz", "cauchy"], "lorentzian"),
    ("data.encoding.kind", ["poisson", "bernoulli", "rates"], "rate"),
    ("data.encoding.kind", ["ttfs", "timetofirstspike", "temporal"], "latency"),
    ("data.encoding.kind", ["none", "current", "constant", "analog"], "direct"),
    ("network.precision", ["bf16", "half", "fp16", "float16", "mixed"], "bfloat16"),
    ("network.precision", ["fp32", "float", "single", "full"], "float32"),
    ("network.layers.N.kind", ["conv", "conv2d"], "convolution"),
    ("network.layers.N.kind", ["linear", "fc", "fullyconnected"], "dense"),
    ("network.layers.N.kind", ["pool", "maxpool", "avgpool", "sumpool"], "pooling"),
  ]

  /// What a recipe calls the unknown key `word`, if that is known.
  static func answer(to word: String) -> Answer? {
    let word = word.plainWord
    return keys.first { $0.words.contains(word) }?.answer
  }

  /// What a recipe calls the value `word` of the key at `path`, if that is known.
  static func value(_ word: String, at path: RecipePath) -> String? {
    let path = path.components.map { Int($0) == nil ? $0 : "N" }.joined(separator: ".")
    let word = word.plainWord
    return values.first { $0.path == path && $0.words.contains(word) }?.value
  }
}

extension Recipe {
  /// The key that another framework's word stands for, if it is known and stands for one.
  package static func keyPath(for word: String) -> String? {
    if case .key(let path) = RecipeSynonym.answer(to: word) { path } else { nil }
  }
}

extension String {
  /// The word without the signs that join its parts, in lower case.
  var plainWord: String {
    String(prefix(64)).lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " && $0 != "." }
  }
}
