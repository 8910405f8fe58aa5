import Domain
import Testing

@testable import DeliveryEngine

@Suite struct ClockWatchTests {
    private let hour = Duration.seconds(3_600)

    @Test func `time that passes is no jump`() {
        var watch = ClockWatch(now: .start, elapsed: .seconds(7))
        #expect(watch.jump(now: .start + hour, elapsed: .seconds(7) + hour) == nil)
    }

    @Test func `a clock that is set is told of once, with the direction`() {
        var watch = ClockWatch(now: .start, elapsed: .zero)
        #expect(watch.jump(now: .start + .seconds(5) - hour, elapsed: .seconds(5)) == .zero - hour)
        #expect(watch.jump(now: .start + .seconds(10) - hour, elapsed: .seconds(10)) == nil)
        #expect(watch.jump(now: .start + .seconds(15), elapsed: .seconds(15)) == hour)
    }

    @Test func `a clock that is steered by degrees is left alone, however far it goes in the end`() {
        var watch = ClockWatch(now: .start, elapsed: .zero)
        for step in 1...100 {
            #expect(watch.jump(now: .start + .seconds(5 * step) - .milliseconds(Int64(step * 900)), elapsed: .seconds(5 * step)) == nil)
        }
    }
}
