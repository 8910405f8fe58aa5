/// This program's version; the newest heading of CHANGELOG.md, which a test compares.
let version = "0.1.0"
