/// Why a token is not accepted, in words that help whoever sent it and repeat nothing of it.
struct TokenRefusal: Error, Sendable, Hashable {
    var detail: String

    init(_ detail: String) {
        self.detail = detail
    }
}
