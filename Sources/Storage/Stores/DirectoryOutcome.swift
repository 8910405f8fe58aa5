/// What became of one entry that was to be written.
public enum DirectoryOutcome: Sendable, Hashable {
    case created
    case updated
    case refused(DirectoryRefusal)
}

/// Why an entry was not written. Nothing of it was, and nothing else suffers from it.
public enum DirectoryRefusal: Sendable, Hashable {
    /// What stands under this id belongs to an org outside the scope: to the caller there is no such thing.
    case hidden
    /// The org that it would belong to is not known, or is outside the scope: which of both is not the caller's to know.
    case unknownOrg(String)
    /// The same of an organisation's parent.
    case unknownParent(String)
    /// A new organisation without a parent, or one that would lose its parent, by a caller who may not touch the top of the tree.
    case parentNeeded
    /// The organisations that would be each other's ancestors, from the first to the one that closes the circle.
    case circle([String])
    /// The certification's user is not known, or is outside the scope.
    case unknownUser(String)
}

/// What became of something that was to be deleted.
public enum DirectoryRemoval: Sendable, Hashable {
    case removed
    /// There is none within the scope.
    case absent
    /// Others belong to the organisation: they have to go, or be moved, first.
    case inUse(organisations: Int, users: Int, mentors: Int)
}
