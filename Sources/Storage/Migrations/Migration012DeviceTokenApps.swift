extension Migration {
    /// Which app a device token belongs to, where whoever registered it said so.
    static let deviceTokenApps = Migration(number: 12, name: "apps of device tokens") { _ in ["ALTER TABLE device_tokens ADD COLUMN app TEXT"] }
}
