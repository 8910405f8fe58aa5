import Domain
import Testing
import Transport

@testable import Providers

/// Endings of a probe that no relay on this machine would show.
struct MailProbeJudgeTests {
    private func judge(
        _ ending: SMTPProbe.Ending, port: Int = 587, security: SMTPRelay.Security = .starttls, hostExists: Bool? = nil,
        answers: [SMTPProbe.Answer] = [], isEncrypted: Bool = false, secrets: [String] = []
    ) -> CredentialVerification {
        var judge = MailProbeJudge(
            relay: SMTPRelay(host: "mail.example.org", port: port, security: security, username: "user", password: "swordfish"),
            sender: "no-reply@example.org")
        judge.hostExists = hostExists
        var trial = Trial(secrets: secrets)
        judge.read(SMTPProbe(answers: answers, isEncrypted: isEncrypted, ending: ending), into: &trial)
        return trial.finished("fine")
    }

    private func failed(_ kind: TransportFailure.Kind, _ message: String = "words", code: Int = 0) -> SMTPProbe.Ending {
        .failed(TransportFailure(kind: kind, message: message, code: code))
    }

    @Test func `a relay that DNS knows to be nowhere is the credential's fault, one that DNS does not know is not`() {
        let nowhere = judge(failed(.resolve), hostExists: false)
        #expect(nowhere.verdict == .refused && nowhere.summary.contains("no host mail.example.org in DNS"))
        for hostExists in [true, nil] {
            #expect(judge(failed(.resolve), hostExists: hostExists).verdict == .inconclusive)
        }
    }

    @Test(arguments: [
        (SMTPStage.greeting, SMTPReply(code: 554, enhancedCode: "5.7.1", text: "Blocked"), "connect", "wants nothing of this machine"),
        (.starttls, SMTPReply(code: 502, enhancedCode: "5.7.0", text: "No"), "tls", "refuses STARTTLS"),
        (.auth, SMTPReply(code: 534, enhancedCode: "5.7.9", text: "App password"), "auth", "app password"),
        (.auth, SMTPReply(code: 538, enhancedCode: "5.7.11", text: "TLS"), "auth", "without TLS"),
        (.mail, SMTPReply(code: 530, enhancedCode: "5.7.0", text: "Login"), "sender", "wants a login"),
        (.mail, SMTPReply(code: 550, enhancedCode: "5.7.1", text: "No"), "sender", "does not take no-reply@example.org"),
    ])
    func `a refusal says what to do`(stage: SMTPStage, reply: SMTPReply, step: String, words: String) {
        let answer = judge(.refused(stage, reply))
        #expect(answer.verdict == .refused && answer.steps.last?.name == step)
        #expect(answer.summary.contains(words))
    }

    @Test(arguments: [
        (SMTPStage.greeting, SMTPReply(code: 421, enhancedCode: "4.3.2", text: "Busy")), (.auth, SMTPReply(code: 454, text: "Later")),
        (.mail, SMTPReply(code: 451, enhancedCode: "4.7.1", text: "Greylisted")), (.noop, SMTPReply(code: 421, text: "Bye")),
        (.mail, SMTPReply(code: 503, enhancedCode: "5.5.1", text: "Bad sequence")),
    ])
    func `what says nothing of the credential is not held against it`(stage: SMTPStage, reply: SMTPReply) {
        #expect(judge(.refused(stage, reply)).verdict == .inconclusive)
    }

    @Test func `silence on the port for TLS is told with the setting that would end it`() {
        #expect(judge(failed(.timeout), port: 465).summary.contains("tls: implicit"))
        #expect(judge(failed(.timeout)).summary.contains("firewalls"))
        let greeted = [SMTPProbe.Answer(.greeting, SMTPReply(code: 220, text: "mx"))]
        #expect(judge(failed(.reset), answers: greeted).summary.contains("broke off in the middle"))
    }

    @Test func `a handshake that breaks off says nothing, an untrusted certificate does`() {
        #expect(judge(failed(.tls, "broken", code: 35)).verdict == .inconclusive)
        #expect(judge(failed(.tls, "self-signed certificate", code: 60)).verdict == .refused)
        #expect(judge(failed(.tls, "wrong version number", code: 35), security: .implicit).verdict == .refused)
    }

    @Test func `what the relay repeats of the password is not shown, and its lines become one`() {
        let reply = SMTPReply(code: 535, enhancedCode: "5.7.8", text: "bad: swordfish\nAHVzZXIAc3dvcmRmaXNo\u{7}end")
        let answer = judge(.refused(.auth, reply), secrets: ["swordfish", "AHVzZXIAc3dvcmRmaXNo"])
        #expect(answer.steps.last?.detail == "535 5.7.8 bad: ••• / ••• end")
        #expect(!"\(answer)".contains("swordfish"))
    }

    @Test func `a refusal outweighs silence, and the first of a kind is told`() {
        var trial = Trial()
        trial.worked("a", "fine")
        trial.failed("b", .inconclusive, "b", summary: "first")
        trial.failed("c", .refused, "c", summary: "second")
        trial.failed("d", .refused, "d", summary: "third")
        let answer = trial.finished("all fine")
        #expect(answer.verdict == .refused && answer.summary == "second")
        #expect(answer.steps.map(\.verdict) == [.works, .inconclusive, .refused, .refused])
    }
}
