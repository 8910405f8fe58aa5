/// Whose mail it is that comes on a connection, and the records of it. Known from AUTH on; until then, and without it, all belongs to the main run.
///
/// Belongs to the connection's event loop and is touched nowhere else.
final class MailClient {
    let universe: Universe
    let connection: Int
    private(set) var account: Account?
    private(set) var world: World
    var address = ""
    /// What was said since the last mail.
    var dialogue = SMTPDialogue()
    /// The script that was met while a command was answered: its delay and its fault are the handler's business.
    private var pending: ScriptedAnswer?

    init(universe: Universe, connection: Int) {
        self.universe = universe
        self.connection = connection
        world = universe.main
    }

    func logIn(user: String, password: String) -> Bool {
        guard let found = universe.mailAccount(user: user, password: password) else { return false }
        account = found.account
        world = universe.world(found.run)
        return true
    }

    func maySend(as sender: String) -> Bool { account?.maySend(as: sender) ?? true }

    // MARK: Scripts

    /// The script's word on a step, if it speaks. What else it wants is kept for `takePending`.
    func scripted(_ stage: Script.Stage, target: String) -> SMTPReply? {
        let answer = world.scripts.answer(.smtp, target: target, stage: stage, sender: account, magic: Mailboxes.magic(in: target))
        guard let answer else { return nil }
        pending = answer
        return answer.smtpReply
    }

    func takePending() -> ScriptedAnswer? {
        defer { pending = nil }
        return pending
    }

    /// What is to become of a whole mail: the first recipient who has something to say decides.
    func dotScript(_ envelope: SMTPSession.Envelope) -> ScriptedAnswer? {
        for recipient in envelope.recipients {
            let magic = Mailboxes.magic(in: recipient)
            if let answer = world.scripts.answer(.smtp, target: recipient, stage: .dot, sender: account, magic: magic) {
                pending = answer
                return answer
            }
        }
        return nil
    }

    func isGreylisted(sender: String, recipient: String) -> Bool {
        let policy = universe.configuration.smtp
        guard policy.greylistsAll || Mailboxes.isGreylisted(recipient) else { return false }
        return !world.greylist.admits(address: address, sender: sender, recipient: recipient, now: world.clock.now(), wait: policy.greylisting)
    }

    // MARK: Records

    func record(_ recipients: [String], of envelope: SMTPSession.Envelope, reply: SMTPReply, accepted: Bool, fault: Fault?, mail: MailReader?) {
        let content = mail.map { MailContent($0.bytes) }
        let messageID = content?.header("message-id")
        let now = world.clock.now()
        for recipient in recipients {
            var message = ReceivedMessage(
                run: world.name, provider: .smtp, target: recipient, id: messageID ?? "", identity: messageID, receivedAt: now, status: reply.code,
                reason: reply.code >= 300 ? reply.enhanced ?? String(reply.code) : nil, accepted: accepted, fault: fault,
                connection: connection, headers: content?.headers ?? [], payload: mail?.bytes ?? [])
            message.sender = envelope.sender
            message.org = account?.org
            message.credential = account?.username
            message.dialogue = dialogue.lines
            message.hasBareLineEnds = mail?.hasBareLineEnds ?? false
            world.log.record(message)
        }
    }

    /// What a relay would send to the envelope's sender later lies among the messages at once: from `<>`, to that sender.
    func bounce(_ mail: MailReader, _ envelope: SMTPSession.Envelope) {
        // A bounce of a bounce would never end (RFC 5321 section 6.1).
        guard !envelope.sender.isEmpty else { return }
        for recipient in envelope.recipients {
            guard let status = Mailboxes.bounceStatus(of: recipient) else { continue }
            let bounce = Bounce(sender: envelope.sender, recipient: recipient, status: status, original: mail.bytes, now: world.clock.now())
            let id = bounce.messageID
            let bytes = bounce.mail(id: id)
            var message = ReceivedMessage(
                run: world.name, provider: .smtp, target: envelope.sender, id: id, identity: id, receivedAt: bounce.now, status: 250, accepted: true,
                connection: connection, headers: MailContent(bytes).headers, payload: bytes)
            message.sender = ""
            message.org = account?.org
            world.log.record(message)
        }
    }
}

extension ScriptedAnswer {
    /// Nil when the script does not speak, but only delays or fails.
    var smtpReply: SMTPReply? {
        guard let code = status ?? reason.map({ $0.hasPrefix("4") ? 451 : 550 }) else { return nil }
        let text = body ?? (code < 300 ? "Ok" : "Scripted refusal")
        var reply = SMTPReply(code, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) })
        reply.enhanced = reason.flatMap { $0.contains(".") ? $0 : nil }
        return reply
    }
}
