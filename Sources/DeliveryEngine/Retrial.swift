/// What has become of the wish to retry a notification or a delivery.
public enum Retrial: Sendable, Hashable {
    case queued
    /// It is not failed (any more).
    case notFailed
    /// It would fail at once for this reason, in words for the caller.
    case impossible(String)
}
