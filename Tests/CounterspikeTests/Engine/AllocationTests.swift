import Counterspike
import CounterspikeKernels
import Testing

#if os(Linux)
  import Foundation
  import Glibc

  /// Each in a process of its own, where no other test allocates.
  @Suite("A step's memory")
  struct AllocationTests {
    /// Bytes that are allocated now, as glibc's `malloc_info` says: what it has from the system,
    /// less what lies free. Looked up by name, because Swift's Glibc module leaves malloc.h out.
    private static func allocated() throws -> Int {
      typealias Information = @convention(c) (CInt, UnsafeMutablePointer<FILE>) -> CInt
      let symbol = try #require(dlsym(nil, "malloc_info"))
      var text: UnsafeMutablePointer<CChar>?
      var size = 0
      let stream = try #require(open_memstream(&text, &size))
      #expect(unsafeBitCast(symbol, to: Information.self)(0, stream) == 0)
      fclose(stream)
      let report = String(cString: try #require(text))
      free(text)
      // The sums over all arenas come last.
      func number(_ element: String) throws -> Int {
        let line = report.split(separator: "\n").last { $0.hasPrefix("<\(element)") }
        let digits = line?.firstMatch(of: #/size="(\d+)"/#)?.1
        return try #require(digits.flatMap { Int($0) })
      }
      return try number(#"system type="current""#) + number(#"total type="mmap""#)
        - number(#"total type="fast""#) - number(#"total type="rest""#)
    }

    /// What 50 steps would leave behind if each kept one block of the smallest size; looking itself
    /// moves the number by a few bytes.
    private static let leak = 50 * 16

    /// Bytes of memory that the process has touched.
    private static func resident() throws -> Int {
      let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
      return (Int(text.split(separator: " ")[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func setup(_ network: Network) throws -> EngineSetup {
      let plan = network.plan
      var setup = EngineSetup(
        network,
        TensorSource(
          samples: .random([40] + plan.inputShape),
          labels: randomLabels(40, classes: plan.classCount), classCount: plan.classCount))
      setup.batchSize = 40
      setup.microBatch = 2
      return setup
    }

    /// Makes steps and evaluations; gives what the later half of the steps left behind.
    private static func growth(
      _ sample: SampleNetwork, workers: Int, clipping: OptimizerSettings.Clipping,
      loss: LossSettings = LossSettings(), rounding: QuantizationSettings? = nil
    ) throws -> (allocated: Int, resident: Int) {
      try growth(
        sample.network(), workers: workers, clipping: clipping, loss: loss, rounding: rounding)
    }

    private static func growth(
      _ network: Network, workers: Int, clipping: OptimizerSettings.Clipping, loss: LossSettings,
      rounding: QuantizationSettings? = nil
    ) throws -> (allocated: Int, resident: Int) {
      var setup = try setup(network)
      setup.loss = loss
      if loss.rates != nil { setup.gradient.deltaScaling = .byLayer }
      setup.workers = workers
      setup.optimizer.clipping = clipping
      let engine = try setup.engine(rounding: rounding)
      let order = Array(0..<40)
      var totals = BatchTotals(stages: setup.network.plan.stages.count)
      var before = (allocated: 0, resident: 0)
      for step in 1...100 {
        try engine.step(
          source: setup.samples, order: order, range: 0..<(step % 3 == 0 ? 33 : 40), epoch: step,
          step: step, learningRate: 1e-3, totals: &totals)
        // The first look allocates what looking itself needs.
        if [30, 40, 50].contains(step) { before = (try allocated(), try resident()) }
      }
      return (try allocated() - before.allocated, try resident() - before.resident)
    }

    @Test("does not grow, with one worker")
    func oneWorker() async {
      await #expect(processExitsWith: .success) {
        for clipping in OptimizerSettings.Clipping.allCases {
          let growth = try AllocationTests.growth(.poolings, workers: 1, clipping: clipping)
          #expect(growth.allocated < AllocationTests.leak, "\(growth.allocated) bytes")
          #expect(growth.resident <= 64 << 10, "\(growth.resident) bytes")
        }
      }
    }

    @Test("does not grow, with three workers and dropout")
    func threeWorkers() async {
      await #expect(processExitsWith: .success) {
        let growth = try AllocationTests.growth(.small, workers: 3, clipping: .global)
        #expect(growth.allocated < AllocationTests.leak, "\(growth.allocated) bytes")
        #expect(growth.resident <= 64 << 10, "\(growth.resident) bytes")
      }
    }

    @Test("does not grow, with every loss, a penalty and scaled δ")
    func losses() async {
      await #expect(processExitsWith: .success) {
        let loss = LossSettings(
          LossSettings.Kind.ofClasses.map { LossSettings.Term(Loss($0)) }
            + Loss.Reduction.allCases.map { LossSettings.Term(.softmax($0, labelSmoothing: 0.1)) },
          rates: RatePenalty(lowest: 0.9, weight: 2))
        let growth = try AllocationTests.growth(.small, workers: 2, clipping: .none, loss: loss)
        #expect(growth.allocated < AllocationTests.leak, "\(growth.allocated) bytes")
        #expect(growth.resident <= 64 << 10, "\(growth.resident) bytes")
      }
    }

    @Test("does not grow, with rounded weights")
    func rounded() async {
      await #expect(processExitsWith: .success) {
        let growth = try AllocationTests.growth(
          .poolings, workers: 2, clipping: .none, rounding: QuantizationSettings(bits: 3))
        #expect(growth.allocated < AllocationTests.leak, "\(growth.allocated) bytes")
        #expect(growth.resident <= 64 << 10, "\(growth.resident) bytes")
      }
    }

    @Test("does not grow, with constants of channels, recurrence and a readout")
    func constants() async {
      await #expect(processExitsWith: .success) {
        let growth = try AllocationTests.growth(
          GraphCase.constantsOfChannels.network(), workers: 2, clipping: .none,
          loss: LossSettings(.softmax()))
        #expect(growth.allocated < AllocationTests.leak, "\(growth.allocated) bytes")
        #expect(growth.resident <= 64 << 10, "\(growth.resident) bytes")
      }
    }

    @Test("does not grow in a session, one time step after the other")
    func session() async {
      await #expect(processExitsWith: .success) {
        for (input, graph) in [
          (InferenceSession.Input.picture, GraphCase.normalization), (.frames, .normalization),
          (.picture, .constantsOfChannels), (.frames, .constantsOfChannels),
        ] {
          let network = try graph.network()
          let session = try InferenceSession(network, input: input)
          let values = Tensor.random(network.plan.inputShape).scalars
          var before = 0
          for step in 1...100 {
            if input == .picture {
              try session.show(values.span)
              try session.step()
            } else {
              try session.step(values.span)
            }
            if [30, 40, 50].contains(step) { before = try AllocationTests.allocated() }
          }
          let growth = try AllocationTests.allocated() - before
          #expect(growth < AllocationTests.leak, "\(growth) bytes")
        }
      }
    }

    @Test("does not grow, with neurons of a program's own, step by step and all steps at once")
    func registered() async {
      await #expect(processExitsWith: .success) {
        let model = VectorNeuronModelTests.Leaky()
        try NeuronRegistry.register("steps", summary: "") { _, _ in
          VectorNeuronModelTests.StepByStep(model: model)
        }
        try NeuronRegistry.register("vector", summary: "") { _, _ in model }
        for name in ["steps", "vector"] {
          let recipe = try Recipe(
            yaml: """
              network:
                neuron: {model: \(name)}
                layers: [6C3p1, P2, 9, {kind: recurrent, size: 7}, 3]
              """, source: "test.yaml")
          func measured() throws -> (allocated: Int, resident: Int) {
            try AllocationTests.growth(
              Network(recipe.network, inputShape: [2, 6, 6], seed: 1), workers: 2,
              clipping: .none, loss: LossSettings())
          }
          var growth = try measured()
          // What is made once and stays, as a type's metadata, does not grow again; a leak does.
          if growth.allocated >= AllocationTests.leak { growth = try measured() }
          #expect(growth.allocated < AllocationTests.leak, "\(name): \(growth.allocated) bytes")
          #expect(growth.resident <= 64 << 10, "\(name): \(growth.resident) bytes")
        }
      }
    }

    @Test("is given back with its engine, threads included")
    func release() async {
      await #expect(processExitsWith: .success) {
        func makeAndUse() throws {
          var setup = try AllocationTests.setup(SampleNetwork.poolings.network())
          setup.workers = 3
          try setup.train(try setup.engine())
        }
        for _ in 0..<10 { try makeAndUse() }
        usleep(100_000)
        let before = try AllocationTests.resident()
        for _ in 0..<30 { try makeAndUse() }
        usleep(100_000)
        // One engine takes about 700 kB here.
        #expect(try AllocationTests.resident() - before < 4 << 20)
      }
    }
  }
#endif
