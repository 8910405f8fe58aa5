internal import CCurl

/// A `curl_slist` in two blocks of memory that are filled anew for each request, where `curl_slist_append` would allocate twice per header.
///
/// libcurl only reads the list, and only until the transfer has ended; the handle that owns this refills it after that.
final class HeaderList {
    private var text: UnsafeMutablePointer<CChar>
    private var textCapacity = 1024
    private var nodes: UnsafeMutablePointer<curl_slist>
    private var nodeCapacity = 16

    init() {
        text = .allocate(capacity: textCapacity)
        nodes = .allocate(capacity: nodeCapacity)
    }

    deinit {
        text.deallocate()
        nodes.deallocate()
    }

    /// `lines`: NUL-ended lines, `count` of them. The pointer is valid until the next call.
    func fill(_ lines: [UInt8], count: Int) -> UnsafeMutablePointer<curl_slist>? {
        guard count > 0 else { return nil }
        grow(text: lines.count, nodes: count)
        lines.withUnsafeBytes { bytes in
            UnsafeMutableRawPointer(text).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        }
        var offset = 0
        for index in 0..<count {
            let isLast = index == count - 1
            nodes.advanced(by: index).initialize(to: curl_slist(data: text + offset, next: isLast ? nil : nodes + index + 1))
            if !isLast { offset = next(after: offset, in: lines) }
        }
        return nodes
    }

    private func next(after offset: Int, in lines: [UInt8]) -> Int {
        var index = offset
        while lines[index] != 0 { index += 1 }
        return index + 1
    }

    private func grow(text wantedText: Int, nodes wantedNodes: Int) {
        if wantedText > textCapacity {
            text.deallocate()
            textCapacity = wantedText * 2
            text = .allocate(capacity: textCapacity)
        }
        if wantedNodes > nodeCapacity {
            nodes.deallocate()
            nodeCapacity = wantedNodes * 2
            nodes = .allocate(capacity: nodeCapacity)
        }
    }
}
