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

    /// How many of each priority, in which lane.
    private struct Places: Sendable {
        var lane = 0
        var high = 0
        var normal = 0

        subscript(priority: Priority) -> Int {
            get { priority == .high ? high : normal }
            set { if priority == .high { high = newValue } else { normal = newValue } }
        }
    }

    /// Claim on insert: marks as `sending` what finds room in its lane, so that it is inserted under our lease and needs no second query.
    func reserve(_ batch: inout [NewNotification]) -> Reservation {
        var wanted: [LaneKey: Places] = [:]
        for new in batch {
            for delivery in new.deliveries where delivery.state == .queued { wanted[delivery.lane, default: Places()][delivery.priority] += 1 }
        }
        guard !wanted.isEmpty else { return Reservation() }
        var granted = change(in: Set(wanted.keys)) { [wanted] state, places, now in
            var granted: [LaneKey: Places] = [:]
            for (key, place) in places {
                let wish = wanted[key] ?? Places()
                var left = Places(lane: place)
                // High first: what is left of the room is for the others.
                for priority in [Priority.high, .normal] where wish[priority] > 0 {
                    left[priority] = state.board.reserve(wish[priority], priority, in: place, now: now)
                }
                granted[key] = left
            }
            return granted
        }
        var reservation = Reservation()
        for notification in batch.indices {
            for index in batch[notification].deliveries.indices where batch[notification].deliveries[index].state == .queued {
                let delivery = batch[notification].deliveries[index]
                if let left = granted[delivery.lane], left[delivery.priority] > 0 {
                    granted[delivery.lane]?[delivery.priority] -= 1
                    batch[notification].deliveries[index].state = .sending
                    reservation.places.append(.init(notification: notification, delivery: index, lane: left.lane))
                } else {
                    reservation.refusedBy.insert(delivery.lane)
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
    ///
    /// - Parameter keys: where the notifications stand in their lists.
    func hand(_ reservation: Reservation, of batch: [NewNotification], keys: [Int64]) {
        change(in: reservation.refusedBy) { state, refused, now in
            for place in reservation.places {
                let new = batch[place.notification]
                let listed = NotificationPlace(
                    key: keys[place.notification], contract: new.notification.contract, category: new.notification.category)
                state.board.hand(
                    OutboundMessage(delivery: new.deliveries[place.delivery], content: new.notification.content, place: listed), to: place.lane)
            }
            for lane in refused.values { state.board.note(due: now, in: lane) }
            for new in batch where new.notification.tally.failed + new.notification.tally.reached > 0 {
                for delivery in new.deliveries { state.counts.countSettled(delivery.lane.provider, delivery.state) }
            }
        }
    }
}
