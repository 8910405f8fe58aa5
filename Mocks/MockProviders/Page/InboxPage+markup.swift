extension InboxPage {
    static let markup = #"""
        <body>
        <header>
        <h1>mock-providers</h1>
        <search>
        <input id="search" type="search" placeholder="Search" aria-label="Search titles, texts, addresses, ids and reasons" aria-keyshortcuts="/">
        </search>
        <div id="providers" role="group" aria-label="Providers">
        <button type="button" data-provider="apns" aria-pressed="true">APNs</button>
        <button type="button" data-provider="fcm" aria-pressed="true">FCM</button>
        <button type="button" data-provider="expo" aria-pressed="true">Expo</button>
        <button type="button" data-provider="smtp" aria-pressed="true">Mail</button>
        </div>
        <label>Show <select id="accepted"><option value="">all</option><option value="true">accepted</option><option value="false">refused</option></select></label>
        <label>Run <select id="run"><option value="">main</option></select></label>
        <button type="button" id="clear">Clear</button>
        <button type="button" id="help-button" aria-keyshortcuts="?">Keys</button>
        <span id="state" role="status" aria-live="polite">connecting</span>
        </header>
        <main>
        <section id="inbox" aria-label="Messages">
        <p id="count" role="status" aria-live="polite"></p>
        <ul id="list" role="listbox" aria-label="Messages, newest first" tabindex="0"></ul>
        <div id="empty" hidden>
        <p><strong>Nothing has come yet.</strong></p>
        <p>Send a first push and watch it arrive:</p>
        <pre id="first"></pre>
        </div>
        </section>
        <article id="detail" aria-label="The chosen message" tabindex="-1"><p class="hint">Choose a message to see it whole.</p></article>
        </main>
        <dialog id="help" aria-label="Keys">
        <h2>Keys</h2>
        <dl>
        <dt><kbd>↓</kbd> <kbd>j</kbd></dt><dd>next message</dd>
        <dt><kbd>↑</kbd> <kbd>k</kbd></dt><dd>message before</dd>
        <dt><kbd>Home</kbd> <kbd>End</kbd></dt><dd>newest, oldest</dd>
        <dt><kbd>Enter</kbd></dt><dd>to the message itself</dd>
        <dt><kbd>Esc</kbd></dt><dd>back to the list</dd>
        <dt><kbd>1</kbd> to <kbd>5</kbd></dt><dd>tabs of the message</dd>
        <dt><kbd>/</kbd></dt><dd>search</dd>
        <dt><kbd>?</kbd></dt><dd>this help</dd>
        </dl>
        <form method="dialog"><button>Close</button></form>
        </dialog>
        </body>
        """#
}
