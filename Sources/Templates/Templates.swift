internal import Mustache

/// The texts of mails, by name and locale.
public struct Templates: Sendable {
    public init() {}
}
