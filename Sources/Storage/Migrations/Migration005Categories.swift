extension Migration {
    /// The scenario of one contract is the type of two others: one column and one index for all.
    static let categories = Migration(number: 5, name: "a category in the place of the scenario") { _ in
        [
            "DROP INDEX notifications_by_scenario",
            "ALTER TABLE notifications RENAME COLUMN scenario_id TO category",
            "CREATE INDEX notifications_by_category ON notifications (category, sort_key, org_id, contract) WHERE category IS NOT NULL",
        ]
    }
}
