/// Bounds on what one client may make the mock hold.
enum Limits {
    /// A batch of a hundred Expo messages of 4 KiB stays well below.
    static let requestBody = 4 << 20
    static let mail = 36 << 20
}
