import Synchronization

/// Stands in for the router while the ports are being opened, since the router must know one of them.
final class LateRouter: Answering {
    private let router = Mutex<Router?>(nil)

    func set(_ router: Router) {
        self.router.withLock { $0 = router }
    }

    func countConnection() {
        router.withLock { $0 }?.countConnection()
    }

    func answer(_ request: Request) -> Answer {
        guard let router = router.withLock({ $0 }) else { return .now(.html(status: 503, "The mock is still starting.")) }
        return router.answer(request)
    }
}
