import Foundation

/// A self-signed client certificate and its key as PKCS#12, valid for a hundred years: no Swift package writes PKCS#12.
/// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 36500 -subj "/CN=hermod test client" …`, then `openssl pkcs12 -export …`
enum ClientCertificateFixture {
    static let password = "secret"

    static let p12: [UInt8] = {
        guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else { fatalError("the fixture is not base64") }
        return Array(data)
    }()

    private static let text = """
        MIIEHAIBAzCCA9IGCSqGSIb3DQEHAaCCA8MEggO/MIIDuzCCAnIGCSqGSIb3DQEHBqCCAmMwggJfAgEAMIICWAYJKoZIhvcNAQcBMFcGCSqGSIb3DQEFDTBK
        MCkGCSqGSIb3DQEFDDAcBAiSs7qUSsIjLAICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAilFS8uq6nCX705xc8zQcqAggHwyUvwvao+xNON16fZ
        FYut9FEHw7GEbA3zqv6jARCnbILVTiKEmEqBpHhkLV0DzeMUXx1EYw/zlRWWSa1fSJboIz+kLyMHMLd8Yxg4l1asqgmRcVFDyhUj/FMAeOGe1Aw+tZcBCNv0
        dPpVm4g8CLZkZ7bDd34tl0O8xwS5FkYEVq6W1C4pgBmwQQFN6L8M5Mbcz65OBmEbY+eMh/VaBU9qYz6LLKm6x1kJtWgkeWbWfJwQqjYk92LUWN+bRjY1HDX1
        awkBtpR6d0u3DRaSRFsSe7AYemJA3WgHDz3J9fw4/GSbwrsog/4XDEkZb0xoyAtoiH9yKbpk3QYop2dhxEKCx1kU/XbEqoKNbihcx01MVpVa+zlqfgtgB7SH
        y9sOJEJBuyHYhuboFTrUFXMnD6sXJgFd4JoEAf8lbIkG8wFGi9+hwPxNs9FpUc/PvK8TjMeN6Z9SCoDpC3C6gW1Qdxeqo/VEmcARxbvx+k+rZ6QgrrJ1xx63
        IhkjEtx2QD+0B1BlXtIuA7tofUXZcen8p70pcS7Mfd+TVnqV9/Evzoa9m9nfvB+lBlc0xyYIi2qoKSWzJTZA+TczB5YIgcNX0fvWQrAHCdJJZR1dDuRa1DBQ
        z23xKbs0uVCXWShR8lQ1vXLmb9NO2kLfpoKeC6NgRyr3pzCCAUEGCSqGSIb3DQEHAaCCATIEggEuMIIBKjCCASYGCyqGSIb3DQEMCgECoIHvMIHsMFcGCSqG
        SIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjb0oS/aRVzewICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAv2Jq44LSrtfMgsNzYB+IEEgZAG/8Jm
        f9L7O/S1RkeGbahZOq0m/T1syDjCGVr5Nv2lHsAl9P3tqsyeWA7KaJFJ39Hk2MLGlUtK0aA9ftAP78pjhnpMOr5Omr6SdJLAZjb5eHv3gTa/F2FOAqxcyBqJ
        A1CGyylAti0ulDgP/4uLjvbXrYC82au8adNZ9yGb+iPJ3O7r/TqgWfM5W9uW9mgwLwkxJTAjBgkqhkiG9w0BCRUxFgQUHxZTrr7E2OHQcQxc16mp1Z5aQ9Ew
        QTAxMA0GCWCGSAFlAwQCAQUABCBRGvVVMaWFlYDqa1foD1JMC6D/cuR2oJDaqQIvzblC4gQIQasr8BWSn4QCAggA
        """
}
