import Domain
import HTTPTypes
import Hummingbird
import Storage

/// Which part of a list is asked for, and how the answer frames it.
struct PageReader: Sendable {
    /// What a cursor, which stands for the last entry shown, is made of.
    enum Cursor: Sendable {
        /// An id of ours, as it is.
        case id
        /// A text of somebody else's, whatever characters it holds, in hexadecimal digits.
        case text
        /// Nothing: the list's keys are not for this caller's eyes, so that it goes by page numbers alone.
        case none
    }

    let page: Page
    private let cursor: Cursor

    init(_ query: inout QueryReader, cursor: Cursor = .id) {
        self.cursor = cursor
        let number = query.integer("page", in: 1...Int.max) ?? 1
        let limit = query.integer("limit", in: 1...100) ?? 20
        page = Page(number: number, limit: limit, after: Self.after(&query, cursor))
    }

    /// What the store is asked for. Far behind any list's end one page is like another, and the product with `limit` must not overflow.
    var bounded: Page {
        var page = page
        page.number = min(page.number, 1_000_000_000)
        return page
    }

    private static func after(_ query: inout QueryReader, _ cursor: Cursor) -> String? {
        if cursor == .none { return nil }
        guard let text = query.value("cursor") else { return nil }
        let after: String?
        switch cursor {
        case .id: after = (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isIDByte) ? text : nil
        case .text: after = HexText.decode(text)
        case .none: return nil
        }
        if after == nil { query.fault("cursor", "must be taken from a Link header of this list") }
        return after
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
        var frame = [("page", String(overflow ? page.number : following)), ("limit", String(page.limit))]
        switch cursor {
        case .id: frame.append(("cursor", id))
        case .text: frame.append(("cursor", HexText.encode(id)))
        case .none: break
        }
        return (kept.map { ($0.name, $0.value) } + frame).map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&")
    }
}
