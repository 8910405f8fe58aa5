import Domain
import Vault

/// What a lane sends with: the part of the credential book that lanes need.
protocol CredentialSource: Sendable {
    /// Nil when the lane has no usable credential.
    func versions(of lane: LaneKey) -> CredentialBook.Versions?

    /// Why a lane that is declared or sealed has no usable credential; nil when there is no such lane.
    func fault(of lane: LaneKey) -> String?
}

extension CredentialBook: CredentialSource {}
