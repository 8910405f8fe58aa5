import Foundation

/// Runs the body with mocks of its own: free ports, new credentials in a directory of their own, all gone afterwards.
///
/// ```swift
/// try await withMockProviders { mocks in
///     mocks.script(Script(provider: .apns, times: 1, answer: ScriptedAnswer(reason: "TooManyRequests")))
///     …
///     try await mocks.waitForMessages(count: 3)
/// }
/// ```
public func withMockProviders<Value: Sendable>(
    _ configuration: MockConfiguration = .ephemeral, _ body: @Sendable (MockProviders) async throws -> Value
) async throws -> Value {
    try await withMockProviders(configuration, clock: .system, body)
}

func withMockProviders<Value: Sendable>(
    _ configuration: MockConfiguration = .ephemeral, clock: MockClock, _ body: @Sendable (MockProviders) async throws -> Value
) async throws -> Value {
    let directory = FileManager.default.temporaryDirectory.appending(path: "mock-providers-\(UUID().uuidString)")
    var configuration = configuration
    configuration.caFile = configuration.caFile ?? directory.appending(path: "ca.pem").path
    configuration.keysDirectory = configuration.keysDirectory ?? directory.path
    defer { try? FileManager.default.removeItem(at: directory) }
    let mocks = try await MockProviders(configuration, clock: clock)
    do {
        let value = try await body(mocks)
        await mocks.stop()
        return value
    } catch {
        await mocks.stop()
        throw error
    }
}
