/// Which of the four the mock plays.
public enum ProviderName: String, Sendable, Hashable, CaseIterable {
    case expo, apns, fcm, smtp
}
