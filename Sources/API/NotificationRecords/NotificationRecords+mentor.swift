import Domain
import HTTPTypes
import Hummingbird
import Storage

/// What is asked about one mentor.
extension NotificationRecords {
    func profile(_ request: Request, _ context: CallContext) async throws -> Answer {
        let query = QueryReader(request.uri.query)
        try query.check()
        let mentor = try await stores.directory.mentor(try context.segment("peerMentorId"), scope: try context.caller.scope)
        guard let mentor else { throw Problem.notFound("peer mentor") }
        var answer = Answer(NotificationRecordShape.profile(mentor))
        answer.warn(ofUnknown: query.unknown)
        return answer
    }

    /// Records held in memory at a time.
    private static let piece = 200

    /// All of it, however much: the contract has no pages here, so it is written as it is read.
    func history(_ request: Request, _ context: CallContext) async throws -> StreamedAnswer {
        let scope = try context.caller.scope
        let mentorID = try context.segment("peerMentorId")
        let query = QueryReader(request.uri.query)
        try query.check()
        let mentor = try await stores.directory.mentor(mentorID, scope: scope)
        let records = stores.records
        let first = try await records.history(of: mentorID, before: nil, limit: Self.piece, scope: scope)
        if first.isEmpty, mentor == nil { throw Problem.notFound("peer mentor, nor a record of one") }
        var answer = StreamedAnswer(
            head: ["peer_mentor_id": .string(mentorID), "peer_mentor_name": JSON(mentor?.fullName)], array: "history"
        ) { emit in
            var piece = first
            while let last = piece.last {
                try await emit(piece.map { .object(NotificationRecordShape.event($0)) })
                if piece.count < Self.piece { return }
                piece = try await records.history(of: mentorID, before: last.id, limit: Self.piece, scope: scope)
            }
        } tail: { count in
            ["total_events": .integer(count)]
        }
        answer.headers.warn(ofUnknown: query.unknown)
        return answer
    }
}
