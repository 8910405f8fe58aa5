import Domain
import HTTPTypes
import Hummingbird
import Storage

/// Which part of a list is asked for, and how the answer frames it.
struct PageReader: Sendable {
    let page: Page

    init(_ query: inout QueryReader) {
        let number = query.integer("page", in: 1...Int.max) ?? 1
        let limit = query.integer("limit", in: 1...100) ?? 20
        page = Page(number: number, limit: limit, after: Self.cursor(&query))
    }

    /// What the store is asked for. Far behind any list's end one page is like another, and the product with `limit` must not overflow.
    var bounded: Page {
        var page = page
        page.number = min(page.number, 1_000_000_000)
        return page
    }

    /// A cursor is the id of the last entry shown.
    private static func cursor(_ query: inout QueryReader) -> String? {
        guard let text = query.value("cursor") else { return nil }
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isIDByte) else {
            query.fault("cursor", "must be taken from a Link header of this list")
            return nil
        }
        return text
    }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    /// `data` and `pagination`, and the way to the next page, which stays right while new entries arrive.
    func answer<Element>(
        _ listing: Listing<Element>, at path: String, query: QueryReader, id: (Element) -> String, entry: (Element) -> JSON
    ) -> Answer {
        var answer = Answer([
            "data": .array(listing.elements.map(entry)),
            "pagination": ["page": .integer(page.number), "limit": .integer(page.limit), "total": .integer(listing.total)],
        ])
        if listing.hasMore, let last = listing.elements.last {
            answer.headers[.link] = "<\(path)?\(next(after: id(last), query))>; rel=\"next\""
        }
        answer.warn(ofUnknown: query.unknown)
        return answer
    }

    private func next(after id: String, _ query: QueryReader) -> String {
        let kept = query.known.filter { !["page", "limit", "cursor"].contains($0.name) }
        let (following, overflow) = page.number.addingReportingOverflow(1)
        let frame = [("page", String(overflow ? page.number : following)), ("limit", String(page.limit)), ("cursor", id)]
        return (kept.map { ($0.name, $0.value) } + frame).map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&")
    }
}
