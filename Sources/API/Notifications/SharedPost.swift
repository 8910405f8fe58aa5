import Domain
import HTTPTypes
import Hummingbird

/// POST on the path that two contracts share: whom the body is for says whose call it is.
struct SharedPost: Sendable {
    private enum Owner {
        case pushDispatcher
        case coordinatorNotifications

        var contract: Contract {
            switch self {
            case .pushDispatcher: .pushDispatcher
            case .coordinatorNotifications: .coordinatorNotifications
            }
        }
    }

    let dispatch: Dispatch
    let pushDispatcher: PushDispatcher
    let coordinatorNotifications: CoordinatorNotifications

    func add(to routes: Routes) {
        routes.on(.post, PushDispatcher.path, use: send)
    }

    private func send(_ request: Request, _ context: CallContext) async throws -> Answer {
        let (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let owner = Self.owner(&reader)
        if reader.faults.isEmpty, let bound = post.caller.contract, bound != owner.contract {
            throw Problem.forbidden("The key is bound to the contract \(bound.rawValue), and this is a call of \(owner.contract.rawValue).")
        }
        switch owner {
        case .pushDispatcher: return try await pushDispatcher.send(reader, for: post)
        case .coordinatorNotifications: return try await coordinatorNotifications.send(reader, for: post)
        }
    }

    /// `user_id` makes a call push-dispatcher's, `recipient_ids` coordinator-notifications'. With both or neither, that is noted, and push-dispatcher
    /// goes on reading: it asks for what both ask for, so that the caller is told of these faults too.
    private static func owner(_ reader: inout FieldReader) -> Owner {
        switch (reader.value("user_id"), reader.value("recipient_ids")) {
        case (.some, nil): return .pushDispatcher
        case (nil, .some): return .coordinatorNotifications
        case (.some, .some):
            reader.fault("user_id", "user_id (push-dispatcher) and recipient_ids (coordinator-notifications) exclude each other")
            reader.fault("recipient_ids", "user_id (push-dispatcher) and recipient_ids (coordinator-notifications) exclude each other")
        case (nil, nil):
            reader.fault("recipient_ids", "either user_id (push-dispatcher) or recipient_ids (coordinator-notifications) is required")
        }
        return .pushDispatcher
    }
}
