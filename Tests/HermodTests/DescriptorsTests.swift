import Testing

@testable import Hermod

@Suite struct DescriptorsTests {
    @Test(arguments: [16, 64, 256, 512, 1_024, 65_536, 1_048_576]) func `callers never get all, and never none`(limit: Int) {
        let callers = Descriptors.forCallers(of: limit)
        #expect(callers > 0)
        #expect(limit - callers >= min(256, limit * 3 / 4))
    }

    @Test(arguments: [16, 64, 256, 512, 1_024, 65_536, 1_048_576]) func `providers get more than callers leave, and never the last ones`(limit: Int) {
        let ceiling = Descriptors.socketCeiling(of: limit)
        #expect(ceiling > Descriptors.forCallers(of: limit))
        #expect(limit - ceiling >= min(64, limit / 4))
    }

    @Test func `the limit is raised to what the system allows`() {
        #expect(Descriptors.raise() >= 64)
        #expect(Descriptors.raise() == Descriptors.raise())
    }
}
