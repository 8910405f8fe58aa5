internal import Domain
internal import Storage

extension Dispatcher {
    /// Room that has been taken for deliveries that are about to be inserted, and the lanes that had none left.
    struct Reservation: Sendable {
        struct Place: Sendable {
            var notification: Int
            var delivery: Int
            var lane: Int
        }

        var places: [Place] = []
        var refusedBy: Set<Int> = []
    }

    /// Claim on insert: marks as `sending` what finds room in its lane, so that it is inserted under our lease and needs no second query.
    func reserve(_ batch: inout [NewNotification]) -> Reservation {
        var wanted: [Reservation.Place] = []
        var counts: [Int: Int] = [:]
        let lanes = open(Set(batch.lazy.flatMap(\.deliveries).filter { $0.state == .queued }.map(\.lane)))
        for notification in batch.indices {
            for (index, delivery) in batch[notification].deliveries.enumerated() where delivery.state == .queued {
                guard let lane = lanes[delivery.lane] else { continue }
                wanted.append(.init(notification: notification, delivery: index, lane: lane))
                counts[lane, default: 0] += 1
            }
        }
        var granted = change { [counts] state, now in
            var granted: [Int: Int] = [:]
            for (lane, count) in counts { granted[lane] = state.board.reserve(count, in: lane, now: now) }
            return granted
        }
        var reservation = Reservation()
        reservation.places.reserveCapacity(wanted.count)
        for place in wanted {
            if let left = granted[place.lane], left > 0 {
                granted[place.lane] = left - 1
                batch[place.notification].deliveries[place.delivery].state = .sending
                reservation.places.append(place)
            } else {
                reservation.refusedBy.insert(place.lane)
            }
        }
        return reservation
    }

    /// The insert has failed: nothing of it is on disk.
    func giveBack(_ reservation: Reservation) {
        change { state, now in
            for place in reservation.places { state.board.letGo(1, in: place.lane) }
            // They count as behind now, and only a claim finds out that they are not.
            for lane in reservation.refusedBy { state.board.note(due: now, in: lane) }
        }
    }

    /// The insert is on disk: what has room goes on, what has none is claimed when there is some.
    func hand(_ reservation: Reservation, of batch: [NewNotification]) {
        change { state, now in
            for place in reservation.places {
                let new = batch[place.notification]
                state.board.hand(OutboundMessage(delivery: new.deliveries[place.delivery], content: new.notification.content), to: place.lane)
            }
            for lane in reservation.refusedBy { state.board.note(due: now, in: lane) }
        }
    }
}
