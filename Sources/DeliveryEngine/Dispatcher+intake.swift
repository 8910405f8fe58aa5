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
        /// By name: nothing keeps their places.
        var refusedBy: Set<LaneKey> = []
    }

    /// Claim on insert: marks as `sending` what finds room in its lane, so that it is inserted under our lease and needs no second query.
    func reserve(_ batch: inout [NewNotification]) -> Reservation {
        var counts: [LaneKey: Int] = [:]
        for new in batch { for delivery in new.deliveries where delivery.state == .queued { counts[delivery.lane, default: 0] += 1 } }
        guard !counts.isEmpty else { return Reservation() }
        var granted = change(in: Set(counts.keys)) { [counts] state, places, now in
            var granted: [LaneKey: (place: Int, left: Int)] = [:]
            for (key, place) in places { granted[key] = (place, state.board.reserve(counts[key] ?? 0, in: place, now: now)) }
            return granted
        }
        var reservation = Reservation()
        for notification in batch.indices {
            for index in batch[notification].deliveries.indices where batch[notification].deliveries[index].state == .queued {
                let key = batch[notification].deliveries[index].lane
                if let (place, left) = granted[key], left > 0 {
                    granted[key] = (place, left - 1)
                    batch[notification].deliveries[index].state = .sending
                    reservation.places.append(.init(notification: notification, delivery: index, lane: place))
                } else {
                    reservation.refusedBy.insert(key)
                }
            }
        }
        return reservation
    }

    /// The insert has failed: nothing of it is on disk.
    func giveBack(_ reservation: Reservation) {
        change(in: reservation.refusedBy) { state, refused, now in
            for place in reservation.places { state.board.letGo(1, in: place.lane) }
            // They count as behind now, and only a claim finds out that they are not.
            for lane in refused.values { state.board.note(due: now, in: lane) }
        }
    }

    /// The insert is on disk: what has room goes on, what has none is claimed when there is some.
    func hand(_ reservation: Reservation, of batch: [NewNotification]) {
        change(in: reservation.refusedBy) { state, refused, now in
            for place in reservation.places {
                let new = batch[place.notification]
                state.board.hand(OutboundMessage(delivery: new.deliveries[place.delivery], content: new.notification.content), to: place.lane)
            }
            for lane in refused.values { state.board.note(due: now, in: lane) }
            for new in batch where new.notification.tally.failed + new.notification.tally.reached > 0 {
                for delivery in new.deliveries { state.counts.countSettled(delivery.lane.provider, delivery.state) }
            }
        }
    }
}
