// swift-tools-version: 6.2
import PackageDescription

// Benchmarks of the library, beside it so that the library itself depends on no benchmark tool:
// `swift package --package-path Benchmarks benchmark`.
let package = Package(
  name: "counterspike-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "counterspike", path: ".."),
    // Without traits: counting allocations by jemalloc is not needed here.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Training",
      dependencies: [
        .product(name: "Counterspike", package: "counterspike"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Training",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    .executableTarget(
      name: "Kernels",
      dependencies: [
        .product(name: "Counterspike", package: "counterspike"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Kernels",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
