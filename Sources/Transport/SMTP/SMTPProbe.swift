/// What a relay answered to somebody who only said who he is: connection, TLS, login and sender, and no recipient.
public struct SMTPProbe: Sendable {
    public enum Ending: Sendable {
        /// The relay took the sender.
        case taken
        /// It refused at that stage.
        case refused(SMTPStage, SMTPReply)
        /// It doesn't offer what the settings or the sender need.
        case notOffered(SMTPExtension)
        /// The dialogue broke off without a decisive reply.
        case failed(TransportFailure)
    }

    public struct Answer: Sendable, Hashable {
        public var stage: SMTPStage
        public var reply: SMTPReply

        public init(_ stage: SMTPStage, _ reply: SMTPReply) {
            self.stage = stage
            self.reply = reply
        }
    }

    /// In order; after STARTTLS the relay is greeted once more.
    public var answers: [Answer]
    /// TLS was up, and the relay's certificate trusted, when the last reply came.
    public var isEncrypted: Bool
    public var ending: Ending

    public init(answers: [Answer], isEncrypted: Bool, ending: Ending) {
        self.answers = answers
        self.isEncrypted = isEncrypted
        self.ending = ending
    }
}
