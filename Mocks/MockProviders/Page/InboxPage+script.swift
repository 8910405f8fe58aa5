extension InboxPage {
    /// Everything that came from outside goes into the page as text, never as markup; a mail's HTML goes into a frame without any rights.
    static let script = [core, list, wire, message, keys].joined(separator: "\n\n")

    /// What the rest is made of.
    private static let core = #"""
        'use strict';
        const keep = 500, page = id => document.getElementById(id);
        const list = page('list'), detail = page('detail'), state = page('state');
        const names = { apns: 'APNs', fcm: 'FCM', expo: 'Expo', smtp: 'Mail' };
        const shown = { run: new URLSearchParams(location.search).get('run') || '', accepted: '', q: '', providers: new Set(Object.keys(names)) };
        let messages = [], chosen = null, tab = null, source = null, typing = null, asked = 0;

        function make(tag, attributes = {}, ...children) {
          const element = document.createElement(tag);
          for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(name, value);
          element.append(...children.filter(child => child !== null && child !== undefined));
          return element;
        }

        function address(path, query = {}) {
          const url = new URL('_mock/' + path, location.origin + '/');
          if (shown.run) url.searchParams.set('run', shown.run);
          for (const [name, value] of Object.entries(query)) if (value !== '' && value !== null) url.searchParams.set(name, value);
          return url;
        }

        const clock = milliseconds => new Date(milliseconds).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
        const admitted = message => shown.providers.has(message.provider) && (shown.accepted === '' || String(message.accepted) === shown.accepted);
        const title = message => message.title || message.subject || (message.provider === 'smtp' ? '(no subject)' : message.body ? '(no title)' : '(silent push)');
        const verdict = message => message.accepted ? (message.fault ? `accepted, then ${message.fault}` : message.status >= 300 ? `${message.status}, yet accepted` : 'accepted')
          : `${message.status} ${message.reason || 'refused'}`;
        """#

    /// Asks the mock, and listens to it.
    private static let wire = #"""
        async function load() {
          const question = ++asked;
          const answer = await fetch(address('messages', { brief: 'true', limit: keep, q: shown.q }));
          const found = await answer.json();
          if (question !== asked) return;
          messages = [];
          add(found.messages);
          if (chosen !== null && !messages.some(message => message.number === chosen)) clearDetail();
        }

        async function loadRuns() {
          const { runs } = await (await fetch(new URL('/_mock/runs', location.origin))).json();
          const known = runs.map(run => run.run);
          if (!known.includes(shown.run)) known.push(shown.run);
          page('run').replaceChildren(...known.map(name => make('option', { value: name }, name || 'main')));
          page('run').value = shown.run;
        }

        function listen() {
          if (source) source.close();
          source = new EventSource(address('events', { after: messages.length ? messages[0].number : 0 }));
          source.onopen = () => { state.textContent = 'live'; state.className = 'live'; };
          source.onerror = () => { state.textContent = 'not connected'; state.className = 'lost'; };
          source.addEventListener('messages', event => {
            if (shown.q) load(); else add(JSON.parse(event.data));
          });
          source.addEventListener('reset', () => { messages = []; clearDetail(); render(); });
        }

        async function start() {
          await load();
          await loadRuns();
          listen();
        }
        """#
}
