/// What a server remembers of one client connection. Belongs to the connection's event loop and is touched nowhere else.
final class Connection {
    let number: Int
    var apns = APNsBinding()
    /// Set when the client has shown one that the mock's CA has signed.
    var certificate: ClientCertificate?

    init(number: Int) { self.number = number }
}
