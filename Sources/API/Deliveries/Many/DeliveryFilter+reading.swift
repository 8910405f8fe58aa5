import Domain
import Storage

extension DeliveryFilter {
    /// Of a query: what the list, and everything that goes by the list's filters, is narrowed by.
    init(_ query: inout QueryReader) {
        self.init()
        notificationID = query.text("notification_id")
        userID = query.text("user_id")
        orgID = query.text("org_id")
        provider = query.word("provider", of: ProviderName.allCases)
        credential = query.text("credential")
        state = query.word("state", of: DeliveryState.allCases)
        reason = query.text("reason")
        from = query.time("from")
        to = query.time("to")
    }

    /// Of a body, by the same names.
    ///
    /// - Parameter state: the only state that may be asked for.
    init(_ reader: inout FieldReader, state: DeliveryState) {
        self.init()
        notificationID = reader.filterText("notification_id")
        userID = reader.filterText("user_id")
        orgID = reader.filterText("org_id")
        provider = reader.word("provider", of: ProviderName.allCases)
        credential = reader.filterText("credential")
        self.state = reader.word("state", of: [state])
        reason = reader.filterText("reason")
        from = reader.time("from")
        to = reader.time("to")
    }

    /// Nothing is left out but by state.
    var isWhole: Bool {
        notificationID == nil && userID == nil && orgID == nil && provider == nil && credential == nil && reason == nil && from == nil && to == nil
    }
}

extension FieldReader {
    /// An empty text narrows to nothing, which nobody means.
    fileprivate mutating func filterText(_ name: String) -> String? {
        guard let text = text(name, .id) else { return nil }
        if text.isEmpty { fault(name, "must not be empty") }
        return text
    }
}
