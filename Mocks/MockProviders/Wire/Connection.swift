/// What a server remembers of one client connection. Belongs to the connection's event loop and is touched nowhere else.
final class Connection {
    let number: Int
    var apns = APNsBinding()

    init(number: Int) { self.number = number }
}
