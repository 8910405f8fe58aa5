import API
import Settings

/// A JWKS in a file, looked at every second while tokens come in: a new file counts from then on, without a restart.
struct FileKeySet: KeySetSource {
    let place: String
    let pace = KeySetPace(refresh: .seconds(1), renewal: .seconds(1), interval: .seconds(1))

    init(path: String) {
        place = path
    }

    func read() async throws(KeySetFault) -> [UInt8] {
        do throws(BoundedFile.Unreadable) {
            return try BoundedFile.read(place, limit: RemoteKeySet.maxBytes)
        } catch {
            throw KeySetFault(error.reason)
        }
    }
}
