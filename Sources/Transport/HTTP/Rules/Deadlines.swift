/// Deadlines of many elements: a binary heap whose elements leave by growing stale, because nearly every request ends long before its deadline.
///
/// Our own and not libcurl's: `CURLOPT_TIMEOUT_MS` on each handle costs a tenth of all CPU.
struct Deadlines<Element> {
    private var heap: [(at: Moment, element: Element)] = []
    private let isStale: (Element) -> Bool
    private var compactAbove = 64

    init(isStale: @escaping (Element) -> Bool) {
        self.isStale = isStale
    }

    /// Stale ones included.
    var count: Int { heap.count }

    var earliest: Moment? { heap.first?.at }

    mutating func insert(_ element: Element, at moment: Moment) {
        if heap.count >= compactAbove { compact() }
        heap.append((moment, element))
        rise(from: heap.count - 1)
    }

    /// Removes and returns one element whose time has come; call until nil.
    mutating func popDue(by now: Moment) -> Element? {
        while let first = heap.first {
            guard first.at <= now || isStale(first.element) else { return nil }
            removeFirst()
            if !isStale(first.element) { return first.element }
        }
        return nil
    }

    /// Costs as much as the insertions that led to it, and leaves room for as many as there are live ones.
    private mutating func compact() {
        heap.removeAll { isStale($0.element) }
        heap.sort { $0.at < $1.at }
        compactAbove = max(64, heap.count * 2)
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        sink()
    }

    private mutating func rise(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].at < heap[parent].at else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].at < heap[left].at ? right : left
            guard heap[child].at < heap[parent].at else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
