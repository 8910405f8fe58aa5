import Domain
import HTTPTypes
import Hummingbird
import Storage

extension CoordinatorNotifications {
    static let mentorsPath = "/api/v1/mentors"

    /// Who is responsible for a mentor, in the directory's order. One whom the directory does not know as a user is responsible all the same, and is
    /// shown with what is known: the id.
    func coordinators(_ request: Request, _ context: CallContext) async throws -> Answer {
        let scope = try context.caller.scope
        let mentorID = try context.segment("mentor_id")
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query, cursor: .text)
        try query.check()
        guard let mentor = try await stores.directory.mentor(mentorID, scope: scope) else { throw Problem.notFound("mentor") }
        let listing = page.bounded.listing(of: mentor.coordinatorIDs)
        let users = try await stores.directory.users(listing.elements, scope: scope)
        let path = "\(Self.mentorsPath)/\(PercentCoding.encode(mentorID))/coordinators"
        return page.answer(listing, at: path, query: query, id: \.self) { id in
            let user = users[id]
            return [
                "coordinator_id": .string(id), "full_name": JSON(user?.fullName), "email": JSON(user?.email), "chapter_id": JSON(user?.chapterID),
            ]
        }
    }
}

extension Page {
    /// The page of a list that is at hand as a whole; a cursor that is not in it gives an empty page.
    fileprivate func listing(of ids: [String]) -> Listing<String> {
        let start = after.map { after in ids.firstIndex(of: after).map { $0 + 1 } ?? ids.count } ?? (number - 1) * limit
        let rest = ids.dropFirst(start)
        return Listing(elements: Array(rest.prefix(limit)), total: ids.count, hasMore: rest.count > limit)
    }
}
