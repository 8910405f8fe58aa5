import ArgumentParser

struct DeliveriesRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Tries failed deliveries again: one by its id, or all that the filters let through.",
        discussion: ManyOptions.discussion("retried"))

    @Argument(help: "The delivery's id; without one, the filters say which.") var id: String?
    @OptionGroup(title: "Which") var filter: DeliveryFilterOptions
    @OptionGroup(title: "How") var many: ManyOptions
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    func validate() throws { try many.check(id: id, filter) }

    func run() async throws { try await many.run("retry", done: "retried", id: id, filter, gateway) }
}
