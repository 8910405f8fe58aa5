extension Chaos {
    /// `{"seed": 7, "fates": [{"rate": 0.05, "match": …, "answer": …, "fault": …}]}`.
    init(json: JSON) throws(Script.Malformed) {
        try Script.only(["seed", "fates"], in: json, at: "chaos")
        guard let seed = json["seed"]?.integer, seed >= 0 else { throw Script.Malformed(message: "seed must be a whole number from 0 on") }
        guard let list = json["fates"]?.elements, !list.isEmpty else {
            throw Script.Malformed(message: "fates must be a list of scripts, each with its rate")
        }
        self.init(seed: UInt64(seed), fates: [])
        for fate in list {
            guard case .number(let digits) = fate["rate"], let rate = Double(digits), (0...1).contains(rate) else {
                throw Script.Malformed(message: "each fate needs a rate from 0 to 1")
            }
            let script = try Script(json: fate, more: ["rate"])
            guard script.nth == nil, script.times == nil else {
                throw Script.Malformed(message: "a fate has a rate; nth and times belong to scripts")
            }
            fates.append(Fate(rate: rate, script: script))
        }
    }

    var json: JSON {
        .object([
            "seed": .int(seed),
            "fates": .array(fates.map { .object([.init("rate", .number(String($0.rate)))] + ($0.script.json.members ?? [])) }),
        ])
    }
}
