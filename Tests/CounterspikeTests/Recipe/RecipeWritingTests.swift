import Counterspike
import Testing

@testable import CounterspikeRecipe

@Suite("Writing recipes")
struct RecipeWritingTests {
  @Test("the default recipe has every key and its default")
  func defaults() {
    #expect(
      Recipe().yaml == """
        name: fashion-mnist
        seed: 1
        data:
          set: fashion-mnist
          classes: null
          mean: null
          standardDeviation: null
          trainingLimit: null
          testLimit: null
          selection: first
          validation: 0.0
          testShare: 0.1
          encoding:
            kind: direct
            gain: 1.0
            threshold: 0.1
            amplitude: 3.0
            noise: 0.0
          augmentation:
            cropPadding: 0
            flip: false
            rotation: 0.0
          images:
            size: null
            channels: null
          arrays:
            axes: auto
            targets: classes
          events:
            sensor: null
            slicing: timeWindow
            timeWindow: 3000
            eventCount: 1000
            polarity: channels
            values: binary
            centerCrop: null
            downsampling: 1
            denoise: null
            augmentation:
              shift: 0
              flip: false
              timeJitter: 0.0
              drop: 0.0
              dropTime: 0.0
              dropArea: 0.0
              mix: 0.0
        network:
          layers: 15C5-P2-40C5-P2-300-10
          timeSteps: 5
          neuron:
            membraneTimeConstant: 5.0
            synapticTimeConstant: 2.0
            threshold: 1.0
            reset: zero
            adaptation: null
            trained: null
          poolingFactor: 1.1
          weightScale: 1.0
          bias: false
          normalization: false
          precision: float32
        gradient:
          rule: neighborhood
          neighborhood:
            error: paper
            distance: inversePower
            power: 3
            clamp: 5.0
            width: 0.3
            neighbors: simple
            samples: 64
            deviation: 0.3
            seed: 1
            ridge: 0.0
            outputDifference: firstOrder
          surrogate:
            shape: sigmoid
            width: 0.2
            resetGradient: false
          slayer:
            alpha: 2.5
            beta: 5.0
          deltaScaling: none
        loss:
          kind: kernel
          targetFilter: twice
          desiredCount: null
          undesiredCount: 0
          reduction: null
          labelSmoothing: 0.0
          desiredRate: 1.0
          undesiredRate: 0.0
          timeScale: 1.0
          weight: 1.0
          classWeights: equal
          rates: null
        optimizer:
          kind: adamW
          learningRate: 0.002
          beta1: 0.9
          beta2: 0.999
          epsilon: 1.0e-08
          momentum: 0.9
          weightDecay: 0.01
          clipping: none
          clippingNorm: 1.0
          weightClamp: 4.0
        schedule:
          kind: cosine
          decay: 0.9
          finalFraction: 0.0
          warmUpEpochs: 0.0
        training:
          epochs: 5
          batchSize: 64
          microBatchSize: null
          checkpointInterval: 0
          modelSelection: validation
          patience: null
          keep: 0
          frozen: null
          weightBits: null
          weightScale: channel

        """)
  }

  @Test("layers that the notation cannot express are a list")
  func layerList() {
    var recipe = Recipe()
    recipe.network.layers = [
      .convolution(8, kernel: 3, padding: 1), .pooling(2), .dropout(0.25), .dense(10),
    ]
    recipe.network.layers[3].threshold = 0.5
    #expect(
      recipe.yaml.contains(
        """
          layers:
            - {kind: convolution, size: 8, kernel: 3, stride: 1, padding: 1}
            - {kind: pooling, kernel: 2}
            - {kind: dropout, probability: 0.25}
            - {kind: dense, size: 10, threshold: 0.5}
          timeSteps: 5
        """))
  }

  @Test(
    "text that YAML would take for something else is quoted",
    arguments: [
      ("mnist", "mnist"), ("fashion-mnist", "fashion-mnist"), ("300", "\"300\""),
      ("1e3", "\"1e3\""), ("5.", "\"5.\""), ("null", "\"null\""), ("true", "\"true\""),
      ("no", "\"no\""), ("2021-01-01", "\"2021-01-01\""), ("", "\"\""), ("a: b", "\"a: b\""),
      ("\"\\", "\"\\\"\\\\\""), ("é", "\"\\U000000e9\""), ("-", "\"-\""),
    ])
  func quoting(text: String, expected: String) { #expect(text.recipeText == expected) }

  @Test("equal recipes have equal bytes even where zero has a sign")
  func signedZero() {
    var recipe = Recipe()
    recipe.data.augmentation.rotation = -0.0
    recipe.network.layers.insert(.dropout(-0.0), at: 1)
    var other = Recipe()
    other.network.layers.insert(.dropout(0), at: 1)
    #expect(recipe == other)
    #expect(recipe.yaml == other.yaml)
  }

  @Test("every float reads back to the same bits")
  func floats() throws {
    var random = SeededGenerator(seed: 7)
    var values: [Float] = [
      .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 5e-4, 1e16, 0.1,
      16_777_216, 1e-8, -1e-8, -3e30,
    ]
    for _ in 0..<200 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if value.isFinite { values.append(value) }
    }
    for value in values {
      var recipe = Recipe()
      recipe.data.mean = [Double(value), Double(value) / 3]
      recipe.network.neuron.threshold = abs(value)
      let again = try Recipe(yaml: recipe.yaml, source: "written")
      #expect(again.data.mean?.map(\.bitPattern) == recipe.data.mean?.map(\.bitPattern))
      #expect(again.network.neuron.threshold.bitPattern == abs(value).bitPattern)
    }
  }

  @Test("random recipes survive writing and reading, byte for byte")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<150 {
      let recipe = Recipe.random(using: &random)
      try recipe.validate()
      let yaml = recipe.yaml
      let again = try Recipe(yaml: yaml, source: "written")
      #expect(again == recipe)
      #expect(again.yaml == yaml)
    }
  }

  @Test("bytes changed at random are read or refused in one line, never a crash")
  func fuzz() throws {
    var random = SeededGenerator(seed: 13)
    let alphabet = Array(
      "{}[]:-,#&*!|>'\"%@`?~ \n\t\r0123456789.eE+-xnulltrue\u{0}\u{7F}\u{FF}".utf8)
    var refused = 0
    for _ in 0..<1500 {
      var bytes = Array(Recipe.random(using: &random).yaml.utf8)
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let byte =
          Bool.random(using: &random)
          ? alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
          : UInt8.random(in: 0...255, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count - 1, place + 20))
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
        }
      }
      do {
        _ = try Recipe(yaml: String(decoding: bytes, as: UTF8.self), source: "fuzz.yaml")
      } catch {
        refused += 1
        #expect(error.message.hasPrefix("fuzz.yaml"))
        #expect(error.message.split(whereSeparator: \.isNewline).count == 1)
      }
    }
    #expect(refused > 500)
  }
}
