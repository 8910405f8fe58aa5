import Domain
import Testing

/// The tests' own judge, judged: what it lets through, nothing else would find.
struct SchemaCheckTests {
    private static let document: JSON = [
        "components": [
            "schemas": ["Name": ["type": "string", "minLength": 1], "Pair": ["type": "object", "properties": ["a": ["type": "integer"]]]]
        ]
    ]

    static let cases: [(schema: JSON, good: [JSON], bad: [JSON])] = [
        (["type": "string"], ["", "x"], [1, nil, true, [], [:]]),
        (["type": ["string", "null"]], ["x", nil], [1]),
        (["type": "integer"], [1, .number("1.0")], [.number("1.5"), "1"]),
        (["type": "number"], [1, .number("1.5")], ["1"]),
        (["type": "array", "items": ["type": "string"], "minItems": 1, "maxItems": 2], [["a"], ["a", "b"]], [[], ["a", 1], ["a", "b", "c"]]),
        (["enum": ["a", nil, 1]], ["a", nil, .number("1.0")], ["b", 2]),
        (["const": 400], [400], [401, "400"]),
        (["type": "string", "minLength": 2, "maxLength": 3], ["üü", "üüü"], ["ü", "üüüü"]),
        (["minimum": 1, "maximum": 3], [1, 3, "x"], [0, 4]),
        (["pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"], ["a", "日", 5], ["", "a\n", "\u{7F}", "a\u{85}"]),
        (["pattern": "^a+$"], ["a", "aa"], ["ab", "e\u{301}"]),
        (["format": "date-time"], ["2026-03-26T08:00:00Z", "2026-03-26T08:00:00.5+01:00"], ["2026-03-26", "2026-02-30T00:00:00Z", ""]),
        (["format": "date"], ["2026-03-26"], ["2026-02-30", "2026-03-26T08:00:00Z"]),
        (["uniqueItems": true], [["a", "b"], []], [["a", "a"]]),
        (["format": "odd"], [1], ["x"]),
        (["required": ["a"], "properties": ["a": [:]]], [["a": nil], 1], [[:]]),
        (["properties": ["a": ["type": "string"]]], [["a": "x"], [:]], [["a": 1], ["b": 1]]),
        (["properties": ["a": ["type": "string"]], "additionalProperties": true], [["a": "x", "b": 1]], [["a": 1]]),
        (["properties": ["a": ["type": "string"]], "additionalProperties": ["type": "integer"]], [["b": 1]], [["b": "x"]]),
        (["properties": ["a": ["properties": [:]]]], [["a": [:]]], [["a": ["b": 1]]]),
        (["propertyNames": ["pattern": "^a"], "additionalProperties": true], [["ab": 1], [:]], [["b": 1]]),
        (["additionalProperties": false], [[:]], [["a": 1]]),
        (["$ref": "#/components/schemas/Name"], ["x"], ["", 1]),
        (["$ref": "#/components/schemas/Pair", "properties": ["b": ["type": "string"]]], [["a": 1, "b": "x"]], [["a": 1, "c": 1], ["b": 1]]),
        (["$ref": "#/components/schemas/None"], [], ["x"]),
        (["allOf": [["properties": ["a": [:]]], ["properties": ["b": [:]]]]], [["a": 1, "b": 2]], [["c": 1]]),
        (
            ["oneOf": [["required": ["a"], "properties": ["a": [:]]], ["required": ["b"], "properties": ["b": [:]]]]], [["a": 1], ["b": 1]],
            [["c": 1], ["a": 1, "b": 1]]
        ),
        (
            ["anyOf": [["required": ["a"], "properties": ["a": [:]]], ["required": ["b"], "properties": ["b": [:]]]]], [["a": 1, "b": 1]],
            [["a": 1, "c": 1]]
        ),
        (["madeUp": 1], [], [1]),
        ("Name", [], ["x"]),
    ]

    @Test(arguments: cases.indices)
    func `good values pass and bad ones do not`(index: Int) {
        let (schema, good, bad) = Self.cases[index]
        let check = SchemaCheck(document: Self.document, isStrict: true)
        for value in good { #expect(check.faults(value, schema) == [], "\(value.text) against \(schema.text)") }
        for value in bad { #expect(check.faults(value, schema) != [], "\(value.text) against \(schema.text)") }
    }

    @Test func `only a strict check minds members that nobody has named`() {
        let schema: JSON = ["properties": ["a": [:]]]
        #expect(SchemaCheck(document: Self.document, isStrict: false).faults(["b": 1], schema) == [])
        #expect(SchemaCheck(document: Self.document, isStrict: true).faults(["b": 1], schema) == ["/b: is not documented"])
    }
}
