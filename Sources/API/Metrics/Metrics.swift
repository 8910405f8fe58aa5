import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage
import Vault

/// `GET /metrics`: what the gateway counts and how its lanes and credentials stand, read at the moment of the question. No target and no secret is in it.
struct Metrics: Sendable {
    static let path = "/metrics"
    /// Lanes, credentials and alarms that have series of their own. Those that need attention come first; of the others it is told how many there are.
    static let seriesLimit = 1_000

    let engine: DeliveryEngine
    let deliveries: DeliveryLog
    let requests: RequestCounts
    let alarms: Alarms
    let entries: @Sendable () -> [CredentialEntry]
    let access: MetricsAccess
    let version: String
    let time: any TimeSource
    let logger: Logger

    func add(to routes: Routes) {
        routes.onUnguarded(.get, Self.path) { request, _ in
            try await access.demand(of: request.headers)
            let text = await text()
            return Response(
                status: .ok, headers: [.contentType: MetricsText.contentType], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
    }

    func text() async -> String {
        let now = time.now
        var text = MetricsText()
        text.family("hermod_build_info", .gauge, "The program that runs.") { $0.add(["version": version], 1) }
        text.single("hermod_ready", .gauge, "1 while lanes are served.", engine.isReady ? 1 : 0)
        writeDeliveries(&text, open: await openDeliveries())
        writeLanes(&text, now)
        writeQuotas(&text, now)
        writeCredentials(&text, now)
        writeRequests(&text)
        writeProcess(&text)
        return text.text
    }

    /// Counted ahead by the database, so that a scrape looks at no delivery. Nil when it does not answer: a scrape tells what can be told.
    private func openDeliveries() async -> [ProviderName: Int]? {
        do {
            return try await deliveries.open()
        } catch {
            logger.debug("open deliveries not counted", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func writeDeliveries(_ text: inout MetricsText, open: [ProviderName: Int]?) {
        let counts = engine.counts
        text.family("hermod_attempts_total", .counter, "Attempts that ended, by what the answer meant (the timeline's outcome).") { family in
            for provider in ProviderName.allCases {
                for kind in Verdict.Kind.allCases {
                    family.add(["provider": provider.rawValue, "outcome": kind.word], counts.attempts(provider, kind))
                }
            }
        }
        text.family("hermod_deliveries_settled_total", .counter, "Deliveries that came to a final state through this process.") { family in
            for provider in ProviderName.allCases {
                for state in [DeliveryState.delivered, .failed, .cancelled] {
                    family.add(["provider": provider.rawValue, "state": state.rawValue], counts.settled(provider, state))
                }
            }
        }
        text.family("hermod_deliveries_open", .gauge, "Deliveries in the database that are queued or being sent, those of other gateways too.") {
            family in
            for provider in ProviderName.allCases { if let open { family.add(["provider": provider.rawValue], open[provider] ?? 0) } }
        }
        text.family("hermod_delivery_latency_seconds", .histogram, "From accepting a delivery to the provider's taking it.") { family in
            for provider in ProviderName.allCases {
                let histogram = counts.latency(provider)
                var below = 0
                for (bound, count) in zip(LatencyHistogram.bounds, histogram.counts) {
                    below += count
                    family.add("_bucket", ["provider": provider.rawValue], bound: MetricsText.Family.number(bound.inSeconds), Double(below))
                }
                family.add("_bucket", ["provider": provider.rawValue], bound: "+Inf", Double(histogram.count))
                family.add("_sum", ["provider": provider.rawValue], histogram.sum.inSeconds)
                family.add("_count", ["provider": provider.rawValue], Double(histogram.count))
            }
        }
    }

    private func writeRequests(_ text: inout MetricsText) {
        let all = requests.all
        text.family("hermod_http_requests_total", .counter, "Requests that were answered.") { family in
            for (endpoint, tally) in all {
                for (status, count) in tally.byStatus.sorted(by: { $0.key < $1.key }) {
                    family.add(["method": endpoint.method, "route": endpoint.route, "status": "\(status)"], count)
                }
            }
        }
        text.family("hermod_http_request_seconds", .summary, "How long answers took, the waiting for outcomes included.") { family in
            for (endpoint, tally) in all {
                family.add("_sum", ["method": endpoint.method, "route": endpoint.route], tally.seconds)
                family.add("_count", ["method": endpoint.method, "route": endpoint.route], Double(tally.byStatus.values.reduce(0, +)))
            }
        }
    }

    private func writeProcess(_ text: inout MetricsText) {
        let process = ProcessFacts()
        text.single("process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.", process.cpuSeconds)
        text.single("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.", process.residentBytes)
        text.single("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.", process.virtualBytes)
        text.single("process_open_fds", .gauge, "Number of open file descriptors.", process.openFiles)
        text.single("process_max_fds", .gauge, "Maximum number of open file descriptors.", process.maxFiles)
        text.single("process_start_time_seconds", .gauge, "Start time of the process since unix epoch in seconds.", process.startSeconds)
    }
}
