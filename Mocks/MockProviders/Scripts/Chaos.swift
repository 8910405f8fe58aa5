/// Faults by chance, and yet the same ones every time: what befalls the nth attempt at a target depends on the seed, the target and n alone, not on
/// the order in which requests arrive.
public struct Chaos: Sendable, Hashable {
    public struct Fate: Sendable, Hashable {
        /// Which share of the requests that the script matches it befalls, from 0 to 1.
        public var rate: Double
        /// `nth` and `times` mean nothing here.
        public var script: Script

        public init(rate: Double, script: Script) {
            self.rate = rate
            self.script = script
        }
    }

    public var seed: UInt64
    /// One at most befalls a request; so the rates of those that match the same requests should not add up to more than 1.
    public var fates: [Fate]

    public init(seed: UInt64, fates: [Fate]) {
        self.seed = seed
        self.fates = fates
    }

    func answer(_ provider: ProviderName, target: String, stage: Script.Stage, sender: Account?, draw: Double) -> ScriptedAnswer? {
        var passed = 0.0
        for fate in fates where fate.script.fits(provider, target: target, stage: stage, sender: sender) {
            passed += fate.rate
            if draw < passed { return fate.script.answer }
        }
        return nil
    }

    /// A number from 0 to just below 1.
    func draw(_ key: String, attempt: UInt64) -> Double {
        // FNV-1a over the key, then two rounds of SplitMix64's finish: Swift's own hashes change with every start.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let mixed = Self.mix(Self.mix(hash ^ seed) &+ attempt &* 0x9E37_79B9_7F4A_7C15)
        return Double(mixed >> 11) / Double(1 << 53 as UInt64)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
