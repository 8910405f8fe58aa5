#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The person at the terminal, where there is one.
enum Terminal {
    /// Whether somebody can be asked: standard input is a terminal.
    static var isInteractive: Bool { isatty(0) == 1 }

    /// Asks for a secret, which is not shown while it is typed.
    static func ask(_ prompt: String) throws(StartFault) -> String {
        StandardStream.error.write(Array(prompt.utf8))
        var before = termios()
        let isHidden = tcgetattr(0, &before) == 0
        if isHidden {
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(0, TCSAFLUSH, &silent)
        }
        let line = readLine(strippingNewline: true)
        if isHidden {
            tcsetattr(0, TCSAFLUSH, &before)
            // The line end was not shown either.
            StandardStream.error.line("")
        }
        guard let line else { throw StartFault("nothing was typed") }
        return line
    }

    /// Ends the command unless somebody at the terminal says yes; asks nobody where there is no terminal, or where it was said beforehand.
    static func confirm(_ question: String, unless isSaid: Bool) throws(StartFault) {
        guard !isSaid, isInteractive else { return }
        StandardStream.error.write(Array("\(question) [y/N] ".utf8))
        let answer = readLine(strippingNewline: true)?.lowercased()
        guard answer == "y" || answer == "yes" else { throw StartFault("nothing was changed") }
    }
}
