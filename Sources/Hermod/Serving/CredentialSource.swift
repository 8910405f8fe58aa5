import Domain
import Settings
import Vault

/// What a lane sends with: the part of the credential book that lanes need.
protocol CredentialSource: Sendable {
    /// Nil when the lane has no usable credential.
    func versions(of lane: LaneKey) -> CredentialBook.Versions?

    /// Why a lane that is declared or sealed has no usable credential; nil when there is no such lane.
    func fault(of lane: LaneKey) -> String?
}

extension CredentialBook: CredentialSource {}

/// The org files alone, where no book is kept.
struct FileCredentials: CredentialSource {
    let files: OrgFiles

    func versions(of lane: LaneKey) -> CredentialBook.Versions? { files.credential(for: lane).map { .init(current: $0) } }
    func fault(of lane: LaneKey) -> String? { files.fault(of: lane)?.description }
}
