import Domain
import HTTPTypes
import Storage
import Testing

@testable import API

struct QueryReaderTests {
    @Test func `names and values are decoded, a plus is a space`() {
        var query = QueryReader("user_id=a%2Bb+c&scenario%5Fid=%C3%BC")
        #expect(query.text("user_id") == "a+b c")
        #expect(query.text("scenario_id") == "ü")
        #expect(query.faults.isEmpty && query.unknown.isEmpty)
    }

    @Test(arguments: ["from=2026-03-26T08:00:00+01:00", "from=2026-03-26T08:00:00%2B01:00", "from=2026-03-26T07%3A00%3A00Z"])
    func `a time is read whether or not its plus was encoded`(text: String) {
        var query = QueryReader(text)
        #expect(query.time("from") == Timestamp(rfc3339: "2026-03-26T07:00:00Z"))
        #expect(query.faults.isEmpty)
    }

    @Test(arguments: ["page=0", "page=-1", "page=1.5", "page=", "page=abc", "page=+1", "page=99999999999999999999", "page=1&page=2"])
    func `a page number that is none is a fault`(text: String) {
        var query = QueryReader(text)
        _ = query.integer("page", in: 1...Int.max)
        #expect(query.faults.count == 1)
        #expect(query.faults.list.first?.pointer == "/page")
    }

    @Test(arguments: ["user_id=%", "user_id=%4", "user_id=%zz", "user_id=%ff"])
    func `broken escapes are a fault`(text: String) {
        #expect(QueryReader(text).faults.count == 1)
    }

    @Test func `parameters that nobody asked for are named`() {
        var query = QueryReader("statuss=failed&limit=5")
        _ = query.integer("limit", in: 1...100)
        #expect(query.unknown == ["?statuss"])
    }

    @Test func `a link to the next page keeps the filters and moves on`() {
        var query = QueryReader("user_id=a%20b&limit=2&page=3&other=1")
        let page = PageReader(&query)
        _ = query.text("user_id")
        let listing = Listing(elements: ["x_1", "x_2"], total: 9, hasMore: true)
        let answer = page.answer(listing, at: "/things", query: query, id: { $0 }) { .string($0) }
        #expect(answer.headers[.link] == "</things?user_id=a%20b&page=4&limit=2&cursor=x_2>; rel=\"next\"")
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"data":["x_1","x_2"],"pagination":{"page":3,"limit":2,"total":9}}"#)
    }

    @Test(arguments: ["cursor=", "cursor=a%0d%0ab", "cursor=" + String(repeating: "a", count: 65)])
    func `a cursor that no list has given is a fault`(text: String) {
        var query = QueryReader(text)
        _ = PageReader(&query)
        #expect(query.faults.count == 1)
    }
}

struct PercentCodingTests {
    @Test(arguments: [
        ("ExponentPushToken%5Babc%5D", "ExponentPushToken[abc]"), ("ExponentPushToken[abc]", "ExponentPushToken[abc]"), ("a+b", "a+b"),
        ("%E2%82%AC", "€"),
    ])
    func `a path segment is decoded`(raw: String, text: String) {
        #expect(PercentCoding.decode(raw) == text)
    }

    @Test(arguments: ["%", "%1", "%g0", "%ff%fe"])
    func `what can't be decoded is nothing`(raw: String) {
        #expect(PercentCoding.decode(raw) == nil)
    }

    @Test func `encoding leaves nothing that a header or a query could trip over`() {
        #expect(PercentCoding.encode("a b&c=\r\nü~") == "a%20b%26c%3D%0D%0A%C3%BC~")
    }
}
