extension Migration {
    /// `list_changes` is what `CountedTable`'s triggers and `ListChanges` have written down, and `ListFold` has not yet added to `list_counts`. There, an empty org or
    /// category stands for all of them, and the start −1 for the whole list. `list_blocks` holds where the lists are cut; `ahead` is by how much
    /// a row's key was ever later than its moment.
    static let listCounts = Migration(number: 10, name: "list counts") { dialect in
        [
            """
            CREATE TABLE list_changes (
                number \(dialect.countingKey),
                list TEXT NOT NULL,
                org_id TEXT NOT NULL,
                category TEXT NOT NULL,
                slot BIGINT NOT NULL,
                left_status TEXT,
                entered_status TEXT,
                ahead BIGINT NOT NULL,
                count BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE list_counts (
                list TEXT NOT NULL,
                org_id TEXT NOT NULL,
                category TEXT NOT NULL,
                start BIGINT NOT NULL,
                status TEXT NOT NULL,
                count BIGINT NOT NULL,
                PRIMARY KEY (list, org_id, category, start, status)
            ) \(dialect.clustered)
            """,
            """
            CREATE TABLE list_blocks (
                list TEXT NOT NULL,
                start BIGINT NOT NULL,
                last BIGINT NOT NULL,
                size BIGINT NOT NULL,
                ahead BIGINT NOT NULL,
                PRIMARY KEY (list, start)
            ) \(dialect.clustered)
            """,
        ] + CountedTable.all.flatMap { [$0.counting] + $0.triggers(dialect) }
    }
}
