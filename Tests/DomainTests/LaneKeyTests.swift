import Domain
import Testing

struct LaneKeyTests {
    @Test func `a lane reads back from its text, even where the credential's name has a slash`() {
        let lane = LaneKey(orgID: "org_demo", provider: .apns, credential: "eu/main")
        #expect(lane.description == "org_demo/apns/eu/main")
        #expect(LaneKey(lane.description) == lane)
        #expect(LaneKey("org_demo/apns/") == LaneKey(orgID: "org_demo", provider: .apns, credential: ""))
    }

    @Test(arguments: ["", "org", "org/apns", "org/pigeon/main", "org//main"])
    func `what is no lane gives nothing`(text: String) {
        #expect(LaneKey(text) == nil)
    }
}
