// swift-tools-version: 6.3
import PackageDescription

// A program with a loss and two gradient rules of its own: `swift run -c release OwnPieces train own.yaml`.
let package = Package(
  name: "own-pieces",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "counterspike", path: "../..")],
  targets: [
    .executableTarget(
      name: "OwnPieces",
      dependencies: [
        .product(name: "Counterspike", package: "counterspike"),
        .product(name: "CounterspikeCommand", package: "counterspike"),
      ])
  ]
)
