import Domain
import Foundation
import HTTPTypes
import Testing

@testable import API

/// One endpoint of the five contracts as it was given: who may call it, an example of a request and of its answer.
struct ContractEndpoint: Sendable, CustomTestStringConvertible {
    var contract: Contract
    var method: HTTPRequest.Method
    /// With its parameters: `/api/v1/mentors/:mentor_id/coordinators`.
    var path: String
    /// Empty: public.
    var roles: [Caller.Role]
    /// Of the answer in the example; not in the contracts, which leave it open.
    var status: Int
    var request: JSON?
    var response: JSON

    var testDescription: String { "\(contract.rawValue): \(method) \(path)" }

    /// All 37, in the contracts' order.
    static let all: [ContractEndpoint] = {
        let url = Bundle.module.url(forResource: "contract", withExtension: "json", subdirectory: "Contracts")!
        let contracts = try! JSON(parsing: Array(Data(contentsOf: url))).array!
        return contracts.flatMap { contract in
            contract["endpoints"]!.array!.map { ContractEndpoint($0, of: Contract(rawValue: contract["contract"]!.string!)!) }
        }
    }()

    private init(_ entry: JSON, of contract: Contract) {
        self.contract = contract
        method = HTTPRequest.Method(rawValue: entry["method"]!.string!)!
        path = entry["path"]!.string!
        roles = entry["roles"]!.array!.map { Caller.Role(rawValue: $0.string!)! }
        status = Int(entry["status"]!.integer!)
        request = entry["request"].flatMap { $0.isNull ? nil : $0 }
        response = entry["response"]!
    }
}
