/// Who has logged in to send mail, and to which run the mail belongs.
struct MailAccount {
    var account: Account
    var run: String
}

extension Universe {
    /// The user by its own name, or by its name with a run behind it: `mock+checkout` is `mock` in the run `checkout`, under the same password.
    func mailAccount(user: String, password: String) -> MailAccount? {
        if let account = accounts.byUsername(user) {
            return account.accepts(password: password) ? MailAccount(account: account, run: account.run) : nil
        }
        guard let plus = user.firstIndex(of: "+"), let account = accounts.byUsername(String(user[..<plus])), account.accepts(password: password)
        else { return nil }
        let run = user[user.index(after: plus)...]
        return Run.isName(run) ? MailAccount(account: account, run: String(run)) : nil
    }
}
