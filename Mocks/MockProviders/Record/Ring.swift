/// The last `capacity` elements.
struct Ring<Element> {
    private var elements: [Element] = []
    private var next = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    mutating func append(_ element: Element) {
        if elements.count < capacity {
            elements.append(element)
        } else {
            elements[next] = element
        }
        next = (next + 1) % capacity
    }

    /// The element that the next `append` pushes out.
    var oldestIfFull: Element? { elements.count < capacity ? nil : elements[next] }

    /// Changes the element that came `age` appends before the newest; nothing when it is gone.
    mutating func change(age: Int, _ body: (inout Element) -> Void) {
        guard age >= 0, age < elements.count else { return }
        body(&elements[(next - 1 - age + 2 * elements.count) % elements.count])
    }

    mutating func removeAll() {
        elements = []
        next = 0
    }

    var newestFirst: some Sequence<Element> {
        let count = elements.count
        return (0..<count).lazy.map { elements[(next - 1 - $0 + 2 * count) % count] }
    }
}
