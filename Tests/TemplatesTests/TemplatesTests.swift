import Testing

@testable import Templates

struct TemplatesTests {
    @Test func `an empty set can be made`() { _ = Templates() }
}
