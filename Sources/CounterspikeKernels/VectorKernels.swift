/// The kernels' vector code, which is compiled once for every ``VectorLevel``: plain loops over raw
/// memory in the module `KernelsBaseline`, whose files are those of the other levels' modules, too. They
/// are called by the types of this module, which check shapes first.
///
/// A kernel is a requirement here, its loops in an extension of `Kernels` in `KernelsBaseline`, and the
/// checked function that calls `VectorLevel.kernels`.
///
/// Only plain values pass here: no classes, arrays, slices or payloads that are such. The code that copies
/// and releases those exists once in a program, whichever module it came from, and might need a higher
/// level than the processor has. `Scripts/check-levels` finds such code.
package protocol VectorKernels: SendableMetatype {
  // NeuronForward.swift
  static func forward(
    _ layer: NeuronLayer, currents: FloatPointer,
    output: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?
  ) -> Int

  // NeuronBackward.swift
  static func backward(
    _ layer: NeuronLayer, rule: VectorRule, currents: FloatPointer,
    gradient: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?,
    constantGradients: NeuronConstantPlaces?
  )

  // NeuronwiseBlock.swift
  static func neuronwiseBackward(
    _ layer: NeuronLayer, rule: NeuronwiseCall, currents: FloatPointer,
    gradient: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?,
    constantGradients: NeuronConstantPlaces?
  )

  // ExternalNeuronLoops.swift
  static func externalForward(
    _ pass: ExternalPass, currents: FloatPointer, output: FloatPointer, room: FloatPointer
  ) -> Int
  static func externalBackward(
    _ pass: ExternalPass, rule: VectorRule, currents: FloatPointer, gradient: FloatPointer,
    room: FloatPointer
  )

  // ExternalRecurrentLoops.swift
  static func externalRecurrentBegin(
    _ pass: ExternalPass, currents: FloatPointer, room: FloatPointer
  )
  static func externalRecurrentSettle(
    _ pass: ExternalPass, rule: VectorRule, _ t: Int, gradient: FloatPointer,
    lateral: FloatPointer?, deltas: FloatPointer, room: FloatPointer
  )

  // NeuronReadout.swift
  static func readout(
    _ layer: NeuronLayer, currents: FloatPointer,
    output: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?
  )
  static func readoutBackward(
    _ layer: NeuronLayer, currents: FloatPointer,
    gradient: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?,
    constantGradients: NeuronConstantPlaces?
  )

  // NeuronAdvance.swift
  static func advance(
    _ layer: NeuronLayer, currents c: FloatPointer, factor: Float, membrane v: FloatPointer,
    adaptation b: FloatPointer, psc a: FloatPointer, spikes s: FloatPointer,
    constants: NeuronConstantPlaces?
  ) -> Int

  // NeuronRecord.swift
  static func record(
    _ layer: NeuronLayer, plane: Int, currents: UnsafePointer<Float>, membrane: FloatPointer,
    spikes: FloatPointer, psc: FloatPointer
  )
  static func inverting(
    _ layer: NeuronLayer, _ k: Int, timeSteps: Int, currents: UnsafePointer<Float>,
    spikes: FloatPointer
  ) -> Double

  // NeuronArrayLoops.swift
  static func forward(
    _ array: NeuronArray, from start: Int, to end: Int, currents: UnsafePointer<Float>,
    before: NeuronArray.Given, output: FloatPointer, after: NeuronArray.Written
  )
  static func backwardStep(
    _ array: NeuronArray, rule: VectorRule, from start: Int, to end: Int,
    currents: UnsafePointer<Float>, before: NeuronArray.Given, gradient: UnsafePointer<Float>,
    after: NeuronArray.Given, deltas: FloatPointer, result: NeuronArray.Written
  )

  // WindowLoops.swift
  static func sum(_ sums: WindowSums, _ neurons: FloatPointer, into result: FloatPointer)
  static func spread(
    _ sums: WindowSums, gradient: UnsafePointer<Float>, into neurons: FloatPointer
  )
  static func copy(
    _ from: FloatPointer, _ stride: Int, to: FloatPointer, _ toStride: Int, channels: Int,
    pixels: Int
  )

  // RecurrentLoops.swift
  static func recurrentForward(
    _ layer: NeuronLayer, currents c: FloatPointer, output a: FloatPointer, last: FloatPointer?,
    v: FloatPointer, b: FloatPointer, constants: NeuronConstantPlaces?
  ) -> Int
  static func recurrentInvert(
    _ layer: NeuronLayer, _ place: Int, membrane: Float, adaptation: Float,
    currents c: FloatPointer, output a: FloatPointer, last: FloatPointer?, v: FloatPointer,
    b: FloatPointer
  )
  static func recurrentBegin(_ pass: RecurrentBackward, _ rule: VectorRule)
  static func recurrentSettle(_ pass: RecurrentBackward, _ rule: VectorRule, _ t: Int)
  static func recurrentConstantGradients(
    _ pass: RecurrentBackward, _ sums: NeuronConstantPlaces
  )

  // PlainLoops.swift
  static func add(
    _ from: FloatPointer, to: FloatPointer, count: Int
  )
  static func mix(
    _ from: FloatPointer, share: Float, into to: FloatPointer,
    count: Int
  )
  static func multiply(
    _ x: FloatPointer, by factors: FloatPointer, count: Int
  )
  static func multiply(_ x: FloatPointer, by factor: Float, count: Int)
  static func multiply(
    _ from: FloatPointer, by factor: Float, into to: FloatPointer,
    count: Int
  )
  static func add(
    _ from: FloatPointer, times factor: Float, to: FloatPointer,
    count: Int
  )
  static func isFinite(_ x: FloatPointer, count: Int) -> Bool
  static func filterSynaptically(
    _ x: FloatPointer, decay: Float, timeSteps: Int, plane: Int
  )

  // ChannelLoops.swift
  static func add(
    _ planes: ChannelPlanes, bias from: FloatPointer, to: FloatPointer
  )
  static func sum(
    _ planes: ChannelPlanes, _ from: FloatPointer, into total: FloatPointer, adding: Bool,
    scratch part: FloatPointer
  )
  static func statistics(
    _ planes: ChannelPlanes, _ from: FloatPointer, mean means: FloatPointer,
    variance variances: FloatPointer, share: Float, scratch part: FloatPointer
  )
  static func scale(
    _ planes: ChannelPlanes, _ from: FloatPointer, factor factors: FloatPointer,
    offset offsets: FloatPointer, into to: FloatPointer
  )
  static func sums(
    _ planes: ChannelPlanes, gradient g: FloatPointer,
    values z: FloatPointer, mean means: FloatPointer,
    inverse inverses: FloatPointer, plain first: FloatPointer,
    weighted second: FloatPointer, scratch part: FloatPointer
  )
  static func combine(
    _ planes: ChannelPlanes, gradient g: FloatPointer, a first: FloatPointer,
    values z: FloatPointer, b second: FloatPointer,
    c third: FloatPointer, into to: FloatPointer, adding: Bool
  )

  // PoolingLoops.swift
  static func pool(
    _ windows: PoolingWindows, _ input: FloatPointer,
    into output: FloatPointer
  )
  static func poolBackward(
    _ windows: PoolingWindows, gradient: FloatPointer,
    input: FloatPointer, into result: FloatPointer, adding: Bool
  )

  // Lanes.swift
  static func exponentialOfNonPositive(_ x: UnsafeMutablePointer<SIMD16<Float>>)

  // OptimizerLoops.swift
  static func adamW(
    _ step: OptimizerStep.AdamW, weights w: FloatPointer,
    gradient g: FloatPointer, first m: FloatPointer,
    second v: FloatPointer, gradientScale: Float, bound: Float, count: Int
  )
  static func sgd(
    _ step: OptimizerStep.SGD, weights w: FloatPointer,
    gradient g: FloatPointer, velocity v: FloatPointer,
    gradientScale: Float, bound: Float, count: Int
  )
}
