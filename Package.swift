// swift-tools-version: 6.3
import PackageDescription

// The vector code of the kernels is compiled once for every processor of the architecture, and again for
// those with AVX2 and with AVX-512, as a module each; the folders of the last two are links to that of the
// first. VectorLevel chooses at run time.
struct VectorLevel {
  var target: String
  var definition: String
  /// What it is compiled for; `nil`: every processor of the architecture.
  var processor: String?
}
let baseline = VectorLevel(target: "KernelsBaseline", definition: "COUNTERSPIKE_BASELINE")
#if arch(x86_64)
  let higherLevels = [
    VectorLevel(
      target: "KernelsAVX2", definition: "COUNTERSPIKE_AVX2", processor: "x86-64-v3"),
    VectorLevel(
      target: "KernelsAVX512", definition: "COUNTERSPIKE_AVX512", processor: "x86-64-v4"),
  ]
#else
  let higherLevels: [VectorLevel] = []
#endif
let vectorLevels = [baseline] + higherLevels
let levelTargets = vectorLevels.map(\.target)
let levelDependencies = levelTargets.map { Target.Dependency.target(name: $0) }

// The arrows point one way:
// COneDNN, CProcessor → CounterspikeKernels → CounterspikeSystem → CounterspikeSettings →
// CounterspikeRecipe → CounterspikeNetwork → CounterspikeEngine → CounterspikeInference → Counterspike →
// CounterspikeFormats → CounterspikeSamples → CounterspikeCatalog → CounterspikeData →
// CounterspikeTraining → CounterspikeInterchange, CounterspikeStudy, CounterspikeReport → CLISupport →
// CLIStudy → CLI → CounterspikeCommand → CounterspikeMain.
// CounterspikeReference stands on the kernels, and CounterspikeSettings on both.
// Counterspike has no code: it re-exports those before it but these two. CLIDrawing, which CLISupport
// uses, stands on CounterspikeData; CLI alone uses CounterspikeInterchange.
// KernelsBaseline, KernelsAVX2 and KernelsAVX512 import CounterspikeKernels, which finds them by C functions
// of theirs. They are linked by way of CounterspikeTraining, of the products and of the tests, so that
// Counterspike is compiled meanwhile.
// CArchive, CPNG, CTurboJPEG, CZlib and, by way of CHDF5, CHDF5Library are those of CounterspikeFormats;
// CCrypto, libcrypto for SHA-256 where there is no CryptoKit, is CounterspikeSystem's.
//
// A trait is a system library that can be done without: `swift build --disable-default-traits`. HDF5,
// which few need, is off by default: `swift build --traits default,HDF5`.

/// What Counterspike re-exports, in the order in which they build on each other.
let coreTargets = [
  "CounterspikeSystem", "CounterspikeSettings", "CounterspikeRecipe", "CounterspikeNetwork",
  "CounterspikeEngine", "CounterspikeInference",
]

let package = Package(
  name: "counterspike",
  platforms: [.macOS(.v15)],
  products: [
    // All of it, or only the networks and gradients, or these and the data.
    .library(
      name: "Counterspike",
      targets: [
        "Counterspike", "CounterspikeFormats", "CounterspikeSamples", "CounterspikeCatalog",
        "CounterspikeData", "CounterspikeTraining", "CounterspikeInterchange",
        "CounterspikeStudy",
      ]),
    .library(name: "CounterspikeCore", targets: ["Counterspike"] + levelTargets),
    .library(
      name: "CounterspikeData",
      targets: [
        "Counterspike", "CounterspikeFormats", "CounterspikeSamples", "CounterspikeCatalog",
        "CounterspikeData",
      ] + levelTargets),
    // The command, for programs with losses and rules of their own.
    .library(name: "CounterspikeCommand", targets: ["CounterspikeCommand"]),
    .executable(name: "counterspike", targets: ["CounterspikeMain"]),
    // For other languages: CCounterspike's header. It holds Swift's runtime.
    .library(name: "CounterspikeC", type: .dynamic, targets: ["CounterspikeLibrary"]),
  ],
  traits: [
    .default(enabledTraits: ["Archives", "ImageFiles"]),
    .trait(name: "Archives", description: "Unpacks .zip, .tar.gz and .7z by libarchive."),
    .trait(name: "HDF5", description: "Reads SHD and SSC, which are HDF5 files; needs libhdf5."),
    .trait(name: "ImageFiles", description: "Reads .png and .jpg by libpng and libjpeg-turbo."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CHDF5Library", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .target(
      name: "CHDF5",
      dependencies: [.target(name: "CHDF5Library", condition: .when(traits: ["HDF5"]))],
      cSettings: [.define("COUNTERSPIKE_HDF5", .when(traits: ["HDF5"]))]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CAllocator"),
    .systemLibrary(name: "CProcessor"),
    .target(name: "CStopSignals"),
    .target(name: "CounterspikeKernels", dependencies: ["CProcessor"]),
    .target(name: "CounterspikeProducts", dependencies: ["COneDNN", "CounterspikeKernels"]),
    .target(name: "CounterspikeReference", dependencies: ["CounterspikeKernels"]),
    .target(
      name: "CounterspikeSystem",
      dependencies: [
        "CounterspikeKernels", "CounterspikeProducts",
        .target(name: "CCrypto", condition: .when(platforms: [.linux])),
      ]),
    .target(
      name: "CounterspikeSettings",
      dependencies: ["CounterspikeKernels", "CounterspikeReference", "CounterspikeSystem"]),
    .target(
      name: "CounterspikeRecipe",
      dependencies: [
        "CounterspikeKernels", "CounterspikeSettings", "CounterspikeSystem",
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.embedInCode("BuiltIn")]),
    .target(
      name: "CounterspikeNetwork",
      dependencies: [
        "CounterspikeKernels", "CounterspikeProducts", "CounterspikeRecipe",
        "CounterspikeReference", "CounterspikeSettings", "CounterspikeSystem",
      ]),
    .target(
      name: "CounterspikeEngine",
      dependencies: [
        "CounterspikeKernels", "CounterspikeNetwork", "CounterspikeProducts", "CounterspikeRecipe",
        "CounterspikeSettings", "CounterspikeSystem",
      ]),
    .target(
      name: "CounterspikeInference",
      dependencies: [
        "CounterspikeEngine", "CounterspikeKernels", "CounterspikeNetwork", "CounterspikeProducts",
        "CounterspikeRecipe", "CounterspikeSettings", "CounterspikeSystem",
      ]),
    .target(name: "Counterspike", dependencies: coreTargets.map { .target(name: $0) }),
    .target(
      name: "CounterspikeFormats",
      dependencies: [
        "Counterspike", "CZlib",
        .target(name: "CArchive", condition: .when(traits: ["Archives"])),
        .target(name: "CHDF5", condition: .when(traits: ["HDF5"])),
        .target(name: "CPNG", condition: .when(traits: ["ImageFiles"])),
        .target(name: "CTurboJPEG", condition: .when(traits: ["ImageFiles"])),
      ]),
    .target(
      name: "CounterspikeSamples",
      dependencies: ["Counterspike", "CounterspikeFormats", "CounterspikeKernels"]),
    .target(
      name: "CounterspikeCatalog",
      dependencies: ["Counterspike", "CounterspikeFormats", "CounterspikeSamples"]),
    .target(
      name: "CounterspikeData",
      dependencies: [
        "Counterspike", "CounterspikeCatalog", "CounterspikeFormats", "CounterspikeKernels",
        "CounterspikeSamples",
      ]),
    .target(
      name: "CounterspikeTraining",
      dependencies: [
        "Counterspike", "CounterspikeData", "CounterspikeKernels", "CounterspikeProducts",
      ] + levelDependencies),
    .target(
      name: "CounterspikeInterchange",
      dependencies: ["Counterspike", "CounterspikeData", "CounterspikeTraining"]),
    .target(
      name: "CounterspikeStudy",
      dependencies: [
        "Counterspike", "CounterspikeData", "CounterspikeKernels", "CounterspikeReference",
        "CounterspikeTraining",
      ]),
    .target(
      name: "CounterspikeReport",
      dependencies: [
        "Counterspike", "CounterspikeData", "CounterspikeTraining",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(name: "CLIDrawing", dependencies: ["Counterspike", "CounterspikeData"]),
    .target(
      name: "CLISupport",
      dependencies: [
        "CLIDrawing", "Counterspike", "CounterspikeData", "CounterspikeReport",
        "CounterspikeTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "CLIStudy",
      dependencies: [
        "CLIDrawing", "CLISupport", "Counterspike", "CounterspikeData", "CounterspikeReport",
        "CounterspikeStudy", "CounterspikeTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "CLI",
      dependencies: [
        "CAllocator", "CLIDrawing", "CLIStudy", "CLISupport", "CStopSignals", "Counterspike",
        "CounterspikeData", "CounterspikeInterchange", "CounterspikeReport",
        "CounterspikeTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(name: "CounterspikeCommand", dependencies: ["CLI"]),
    .executableTarget(name: "CounterspikeMain", dependencies: ["CounterspikeCommand"]),
    // The example is a package of its own, too; here it is built for the tests.
    .executableTarget(
      name: "OwnPieces", dependencies: ["Counterspike", "CounterspikeCommand"],
      path: "Examples/own-pieces/Sources/OwnPieces"),

    .target(name: "CCounterspike"),
    .target(
      name: "CounterspikeC",
      dependencies: [
        "CCounterspike", "Counterspike", "CounterspikeData", "CounterspikeKernels",
        "CounterspikeStudy", "CounterspikeTraining",
      ]),
    // Apart from CounterspikeC, so that what else links that is not linked with a second runtime.
    .target(
      name: "CounterspikeLibrary", dependencies: ["CounterspikeC"], exclude: ["exports.map"],
      linkerSettings: [
        .unsafeFlags(
          [
            "-static-stdlib", "-lFoundationNetworking", "-lFoundation", "-lCoreFoundation",
            "-l_CFURLSessionInterface", "-lFoundationInternationalization",
            "-lFoundationEssentials", "-l_FoundationCollections", "-l_FoundationCShims",
            "-l_FoundationICU", "-lcurl",
            // A process that has Swift's runtime already keeps its own.
            "-Xlinker",
            "--version-script=\(Context.packageDirectory)/Sources/CounterspikeLibrary/exports.map",
            "-Xlinker", "--no-undefined",
          ], .when(platforms: [.linux]))
      ]),

    // What tests of several targets use.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(
      name: "CounterspikeKernelsTests",
      dependencies: ["CounterspikeKernels", "CounterspikeProducts", "CounterspikeReference"]
        + levelDependencies),
    .testTarget(
      name: "CounterspikeTests",
      dependencies: [
        "Counterspike", "CounterspikeKernels", "CounterspikeProducts", "CounterspikeReference",
        "TestSupport",
      ]
        + coreTargets.map { .target(name: $0) } + levelDependencies,
      resources: [.copy("Golden")]),
    .testTarget(
      name: "CounterspikeDataTests",
      dependencies: [
        "Counterspike", "CounterspikeData", "CounterspikeKernels", "CounterspikeSamples",
        "TestSupport",
        .target(name: "CArchive", condition: .when(traits: ["Archives"])),
        .target(name: "CHDF5Writer", condition: .when(traits: ["HDF5"])),
        .target(name: "CPNG", condition: .when(traits: ["ImageFiles"])),
        .target(name: "CTurboJPEG", condition: .when(traits: ["ImageFiles"])),
      ] + levelDependencies,
      resources: [.copy("Fixtures")]),
    .target(
      name: "CHDF5Writer",
      dependencies: [.target(name: "CHDF5Library", condition: .when(traits: ["HDF5"]))],
      path: "Tests/CHDF5Writer",
      cSettings: [.define("COUNTERSPIKE_HDF5", .when(traits: ["HDF5"]))]),
    .testTarget(
      name: "CounterspikeTrainingTests",
      dependencies: [
        "Counterspike", "CounterspikeData", "CounterspikeInterchange", "CounterspikeKernels",
        "CounterspikeStudy", "CounterspikeTraining", "TestSupport",
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "CounterspikeReportTests",
      dependencies: [
        "Counterspike", "CounterspikeData", "CounterspikeReport", "CounterspikeTraining",
        "TestSupport",
      ]),
    .testTarget(
      name: "CLITests",
      dependencies: [
        "CLI", "CLIDrawing", "CLIStudy", "CLISupport", "Counterspike", "CounterspikeData",
        "CounterspikeStudy", "CounterspikeTraining", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  cLanguageStandard: .c11
)

package.targets += vectorLevels.map { level in
  .target(
    name: level.target, dependencies: ["CounterspikeKernels"], path: "Sources/\(level.target)")
}

// Settings that all Swift targets share; the kernels and products alone may touch raw memory unchecked. They
// and the reference are optimized even in debug builds, where they would otherwise be a hundred times slower.
let languageC = ["CCounterspike", "COneDNN", "CHDF5", "CHDF5Writer"]
for target in package.targets where target.type != .system && !languageC.contains(target.name) {
  var settings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
  ]
  if target.name == "CounterspikeKernels" {
    settings += [.unsafeFlags(["-O"], .when(configuration: .debug))]
    if !higherLevels.isEmpty { settings += [.define("COUNTERSPIKE_LEVELS")] }
  } else if let level = vectorLevels.first(where: { $0.target == target.name }) {
    if let processor = level.processor {
      settings += [.unsafeFlags(["-Xcc", "-march=\(processor)"])]
    }
    settings += [
      .define(level.definition),
      // Shapes.swift is CounterspikeKernels' own, too, and cannot name it.
      .unsafeFlags(["-Xfrontend", "-import-module", "-Xfrontend", "CounterspikeKernels"]),
      .unsafeFlags(
        ["-O", "-wmo", "-num-threads", "1", "-disable-batch-mode"],
        .when(configuration: .debug)),
    ]
  } else if target.type != .test, target.name != "CounterspikeProducts" {
    settings += [.strictMemorySafety(), .treatWarning("StrictMemorySafety", as: .error)]
  }
  if ["CounterspikeProducts", "CounterspikeReference"].contains(target.name) {
    settings += [.unsafeFlags(["-O"], .when(configuration: .debug))]
  }
  // Nothing in the command takes long, but optimizing it would take a quarter of a clean build's time.
  if target.name.hasPrefix("CLI"), target.type != .test {
    settings += [.unsafeFlags(["-Onone"], .when(configuration: .release))]
  }
  target.swiftSettings = settings
}

// COUNTERSPIKE_FUZZ=1 adds a program that feeds the readers of files by libFuzzer (Scripts/fuzz), and
// builds them so that it sees which branches an input takes.
if Context.environment["COUNTERSPIKE_FUZZ"] == "1" {
  let fuzzed = Set(
    coreTargets + [
      "Counterspike", "CounterspikeFormats", "CounterspikeSamples", "CounterspikeCatalog",
      "CounterspikeData",
    ])
  for target in package.targets where fuzzed.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer"])]
  }
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
    .executableTarget(
      name: "Fuzz",
      dependencies: ["CFuzzer", "Counterspike", "CounterspikeData"] + levelDependencies,
      path: "Tests/Fuzz",
      linkerSettings: [
        .unsafeFlags(["-sanitize=fuzzer"]),
        // gold ends with an error of its own.
        .unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux])),
      ]),
  ]
}
