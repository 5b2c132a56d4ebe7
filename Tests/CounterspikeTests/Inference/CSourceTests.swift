import Counterspike
import Foundation
import TestSupport
import Testing

@Suite("A network as C")
struct CSourceTests {
  /// A C compiler of this machine.
  private static let compilers = ["/usr/bin/gcc", "/usr/bin/clang", "/usr/bin/cc"].filter {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private static func run(_ path: String, _ arguments: [String]) throws -> (Int32, String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let text = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  @Test(
    "compiles without warnings and gives the outputs of a session",
    arguments: InferenceSessionTests.Case.allCases)
  func outputs(network: InferenceSessionTests.Case) throws {
    let network = try network.network()
    let isDelayed = network.settings.layers.contains { $0.kind == .delay }
    try check(network, steps: isDelayed ? 24 : 20)
  }

  /// Compiles a network and its test, and runs it.
  private func check(_ network: Network, steps: Int) throws {
    let source = try CSource(network)
    // Otherwise silence is compared with silence.
    let test = try #require(source.files.first { $0.name == "test.c" })
    #expect(test.text.contains(#/[1-9][0-9.e-]*f[,}]/#))
    try Self.compileAndRun(source, steps: steps)
  }

  private static func compileAndRun(_ source: CSource, steps: Int = 20) throws {
    let folder = try TemporaryFolder()
    for (name, text) in source.files { try folder.write(Array(text.utf8), to: name) }
    #expect(source.constantBytes > 0 && source.multiplyAdds > 0 && source.stateBytes > 0)
    for compiler in Self.compilers {
      let program = "\(folder.path)/program"
      let (status, messages) = try Self.run(
        compiler,
        [
          "-std=c99", "-O2", "-Wall", "-Wextra", "-pedantic", "-Werror",
          "\(folder.path)/network.c", "\(folder.path)/test.c", "-o", program,
        ])
      #expect(status == 0, "\(compiler): \(messages)")
      let (result, output) = try Self.run(program, [])
      #expect(result == 0, "\(output)")
      #expect(output.hasPrefix("\(steps) steps, 0 outputs differ"))
    }
    try #require(!Self.compilers.isEmpty, "no C compiler")
  }

  @Test("of layers that share a recurrent one's currents, or whose names are nearly the same")
  func sharedCurrents() throws {
    var settings = NetworkSettings()
    var (first, second) = (LayerSettings.recurrent(9), LayerSettings.dense(9))
    first.name = "a-b"
    second.name = "a_b"
    settings.layers = [first, .residual([.dense(9), second], join: .current), .dense(4)]
    settings.timeSteps = 12
    settings.neuron.threshold = 0.2
    settings.weightScale = 2
    try check(Network(settings, inputShape: [2, 9, 10], seed: 3), steps: 20)
  }

  @Test("takes more steps than delays are long, and says where nothing was compared")
  func silent() throws {
    var settings = try NetworkSettings("6-4", timeSteps: 40)
    settings.neuron.threshold = 0.2
    settings.weightScale = 2
    settings.layers.insert(.delay(25), at: 1)
    try check(Network(settings, inputShape: [2, 3, 3], seed: 3), steps: 45)
    settings.neuron.threshold = 1e9
    let dead = try Network(settings, inputShape: [2, 3, 3], seed: 3)
    settings.layers.remove(at: 1)
    let integers = try Network(settings, inputShape: [2, 3, 3], seed: 3).quantized(
      QuantizationSettings())
    for source in [try CSource(dead), CSource(integers)] {
      let test = try #require(source.files.first { $0.name == "test.c" }).text
      #expect(test.contains("nothing was compared") && test.contains("return wrong != 0 || 1;"))
    }
  }

  @Test(
    "in integers it gives every bit of the integer session",
    arguments: IntegerNetworkTests.Case.allCases)
  func integers(network: IntegerNetworkTests.Case) throws {
    let network = try Network(
      network.settings, inputShape: IntegerNetworkTests.inputShape, seed: 3)
    for settings in [
      QuantizationSettings(inputLimit: 5), QuantizationSettings(bits: 4, scale: .layer),
    ] {
      let source = CSource(try network.quantized(settings))
      let test = try #require(source.files.first { $0.name == "test.c" })
      #expect(test.text.contains(#/[{ ][1-9][0-9]+[,}]/#), "silence compares with anything")
      let text = try #require(source.files.first { $0.name == "network.c" }).text
      #expect(!text.contains("float") && !text.contains("double") && !text.contains("alloc"))
      try Self.compileAndRun(source)
    }
  }

  @Test("a test in C fails where an output differs by one unit")
  func difference() throws {
    let network = try Network(
      IntegerNetworkTests.Case.straight.settings, inputShape: IntegerNetworkTests.inputShape,
      seed: 3)
    let source = CSource(try network.quantized(QuantizationSettings(inputLimit: 5)))
    let folder = try TemporaryFolder()
    for (name, text) in source.files {
      let changed = text.replacing("+ (fired ? gain : 0)", with: "+ (fired ? gain + 1 : 0)")
      try folder.write(Array(changed.utf8), to: name)
    }
    let compiler = try #require(Self.compilers.first, "no C compiler")
    let program = "\(folder.path)/program"
    _ = try Self.run(
      compiler, ["\(folder.path)/network.c", "\(folder.path)/test.c", "-o", program])
    let (result, output) = try Self.run(program, [])
    #expect(result == 1, "\(output)")
  }

  @Test("uses no library and no memory of the system")
  func standalone() throws {
    let source = try CSource(SampleNetwork.poolings.network())
    let text = try #require(source.files.first { $0.name == "network.c" }).text
    let included = text.split(separator: "\n").filter { $0.hasPrefix("#include") }
    #expect(included == ["#include \"network.h\""])
    #expect(!text.contains("alloc") && !text.contains("double"))
  }
}
