// swift-tools-version: 6.1

import PackageDescription

// A package of its own, so that nothing of it enters the product.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "hermod", path: "..")],
    targets: [
        .executableTarget(name: "smtp-bench", dependencies: [.product(name: "Transport", package: "hermod")]),
        .executableTarget(name: "transport-bench", dependencies: [.product(name: "Transport", package: "hermod")]),
    ]
)
