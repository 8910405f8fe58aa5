extension InboxPage {
    /// Everything that came from outside goes into the page as text, never as markup; a mail's HTML goes into a frame without any rights.
    static let script = #"""
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
        const title = message => message.title || message.subject || (message.provider === 'smtp' ? '(no subject)' : '(silent push)');
        const verdict = message => message.accepted ? (message.fault ? `accepted, then ${message.fault}` : message.status >= 300 ? `${message.status}, yet accepted` : 'accepted')
          : `${message.status} ${message.reason || 'refused'}`;

        // The list

        function row(message) {
          const said = message.accepted ? make('span', { class: 'text' }, message.body || message.to)
            : make('span', { class: 'text refused' }, `${verdict(message)} · ${message.to}`);
          return make('li', { role: 'option', id: 'message-' + message.number, 'aria-selected': String(message.number === chosen), 'data-number': message.number },
            make('span', { class: 'badge ' + message.provider }, names[message.provider]), make('span', { class: 'title' }, title(message)),
            make('time', { datetime: new Date(message.received_at).toISOString() }, clock(message.received_at)), said);
        }

        function render() {
          const visible = messages.filter(admitted);
          list.replaceChildren(...visible.map(row));
          const more = messages.length >= keep ? `the last ${keep} of them, ` : '';
          page('count').textContent = messages.length === 0 ? '' : `${more}${visible.length} ${visible.length === 1 ? 'message' : 'messages'}`;
          const empty = messages.length === 0 && shown.q === '';
          page('empty').hidden = !empty;
          if (!empty && visible.length === 0) page('count').textContent = 'No message is like that.';
          mark();
        }

        function mark() {
          for (const item of list.children) item.setAttribute('aria-selected', String(Number(item.dataset.number) === chosen));
          const item = chosen === null ? null : page('message-' + chosen);
          if (item) { list.setAttribute('aria-activedescendant', item.id); item.scrollIntoView({ block: 'nearest' }); }
          else list.removeAttribute('aria-activedescendant');
        }

        function add(news) {
          const known = new Set(messages.map(message => message.number));
          messages = [...news.filter(message => !known.has(message.number)), ...messages].sort((a, b) => b.number - a.number).slice(0, keep);
          render();
        }

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

        // One message

        function clearDetail() {
          chosen = null;
          detail.replaceChildren(make('p', { class: 'hint' }, 'Choose a message to see it whole.'));
        }

        async function choose(number) {
          chosen = number;
          mark();
          const answer = await fetch(address('messages/' + number));
          if (chosen !== number) return;
          if (!answer.ok) { detail.replaceChildren(make('p', { class: 'hint' }, (await answer.json()).error)); return; }
          show(await answer.json());
        }

        function facts(message) {
          const entries = make('dl', { class: 'facts' });
          const add = (name, ...value) => { if (value[0]) entries.append(make('dt', {}, name), make('dd', {}, ...value)); };
          add('Verdict', make('span', { class: message.accepted ? 'taken' : 'refused' }, verdict(message)));
          add('To', make('code', {}, message.to));
          add('From', message.from);
          add(message.provider === 'smtp' ? 'Message-ID' : 'Id', message.id && make('code', {}, message.id));
          add('Received', new Date(message.received_at).toLocaleString());
          add('Sent by', [message.org, message.credential].filter(Boolean).join(' · '));
          if (message.codes.length) add('Codes', make('code', {}, message.codes.join('  ')));
          const links = message.links.flatMap(link => [make('a', { href: link, target: '_blank', rel: 'noopener noreferrer' }, link), make('br')]);
          if (links.length) add('Links', ...links);
          return entries;
        }

        function lockScreen(message) {
          const payload = message.payload || {}, data = message.provider;
          const aps = payload.aps || {}, fcm = (payload.message || {});
          const alert = typeof aps.alert === 'object' && aps.alert ? aps.alert : {};
          const text = {
            apns: [alert.title, alert.subtitle, message.body], fcm: [message.title, null, message.body], expo: [payload.title, payload.subtitle, payload.body],
          }[data];
          const app = { apns: headerOf(message, 'apns-topic'), fcm: (message.request || { path: '' }).path.split('/')[3], expo: 'Expo' }[data] || names[data];
          const badge = { apns: aps.badge, fcm: fcm.notification && fcm.android && fcm.android.notification && fcm.android.notification.notification_count, expo: payload.badge }[data];
          const when = new Date(message.received_at);
          const [head, sub, body] = text, silent = !head && !body;
          const counted = Number.isInteger(badge) && badge > 0 ? make('span', { class: 'count' }, String(badge)) : null;
          const banner = () => make('div', { class: 'banner' + (silent ? ' silent' : '') },
            make('span', { class: 'icon ' + data }, (app.split('.').pop() || '?').slice(0, 1).toUpperCase(), counted),
            make('span', { class: 'app' }, make('span', {}, app), make('span', {}, 'now')),
            silent ? make('span', {}, 'Silent: the app is woken, nothing is shown.') : make('span', { class: 'who' }, head || ''),
            sub ? make('span', { class: 'who' }, sub) : null, silent ? null : make('span', { class: 'what' }, body || ''));
          const said = message.accepted ? [app, head, sub, body].filter(Boolean).join(', ') : 'refused, nothing arrives';
          return make('div', { class: 'phone', role: 'img', 'aria-label': `Lock screen: ${said}` },
            make('div', { class: 'day' }, when.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long' })),
            make('div', { class: 'clock' }, when.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })),
            message.accepted ? banner() : make('p', { class: 'nothing' }, `Refused (${verdict(message)}): nothing arrives.`));
        }

        const headerOf = (message, name) => (message.headers.find(([key]) => key.toLowerCase() === name) || [])[1];
        const lines = headers => headers.map(([name, value]) => `${name}: ${value}`).join('\n');
        const pretty = value => typeof value === 'string' ? value : JSON.stringify(value, null, 2);

        function frame(html) {
          const view = make('iframe', { sandbox: '', referrerpolicy: 'no-referrer', title: 'The mail as HTML' });
          // Pictures and styles of the mail itself, and nothing that calls home: opening a mail must not tell its sender.
          const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
          view.srcdoc = `<meta http-equiv="Content-Security-Policy" content="${policy}">` + html;
          return view;
        }

        function answerOf(message) {
          if (!message.answer) return 'No answer was kept.';
          const { status, headers, body } = message.answer;
          let text = body;
          try { text = JSON.stringify(JSON.parse(body), null, 2); } catch { /* it is no JSON: HTML of a proxy, or nothing */ }
          return `${message.fault ? `(${message.fault}: the client did not get this as it stands)\n` : ''}${status}\n${lines(headers)}\n\n${text}`;
        }

        function requestOf(message) {
          const { method, path, version } = message.request || {};
          const secret = message.credential && message.credential !== 'client certificate' ? `authorization: (secret of ${message.credential})\n` : '';
          const body = message.payload_dropped ? '(let go to make room for newer ones)' : pretty(message.payload);
          return `${method} ${path} ${version}\n${secret}${lines(message.headers)}\n\n${body}`;
        }

        function tabsOf(message) {
          if (message.provider === 'smtp') {
            const tabs = [];
            if (message.html) tabs.push(['HTML', () => frame(message.html)]);
            if (message.body) tabs.push(['Text', () => make('pre', {}, message.body)]);
            tabs.push(['Headers', () => make('pre', {}, lines(message.headers))], ['Source', () => make('pre', {}, message.source || '(no mail was sent)')],
              ['Dialogue', () => make('pre', {}, (message.dialogue || []).join('\n'))]);
            return tabs;
          }
          return [['Lock screen', () => lockScreen(message)], ['Payload', () => make('pre', {}, pretty(message.payload))],
            ['Request', () => make('pre', {}, requestOf(message))], ['Answer', () => make('pre', {}, answerOf(message))]];
        }

        function show(message) {
          const tabs = tabsOf(message);
          const panel = make('div', { role: 'tabpanel', id: 'panel', tabindex: '0' });
          const buttons = tabs.map(([name], index) => make('button', { type: 'button', role: 'tab', id: 'tab-' + index, 'aria-controls': 'panel' }, name));
          const select = (index, focus) => {
            tab = tabs[index][0];
            buttons.forEach((button, other) => {
              button.setAttribute('aria-selected', String(other === index));
              button.tabIndex = other === index ? 0 : -1;
            });
            panel.setAttribute('aria-labelledby', 'tab-' + index);
            panel.replaceChildren(tabs[index][1]());
            if (focus) buttons[index].focus();
          };
          buttons.forEach((button, index) => button.addEventListener('click', () => select(index, false)));
          const bar = make('div', { role: 'tablist', 'aria-label': 'Views of the message' }, ...buttons);
          bar.addEventListener('keydown', event => {
            const now = buttons.indexOf(document.activeElement), last = buttons.length - 1;
            const next = { ArrowRight: now === last ? 0 : now + 1, ArrowLeft: now === 0 ? last : now - 1, Home: 0, End: last }[event.key];
            if (next !== undefined) { event.preventDefault(); select(next, true); }
          });
          detail.replaceChildren(make('h2', {}, title(message)), facts(message), bar, panel);
          detail.selectTab = index => { if (index < tabs.length) select(index, true); };
          select(Math.max(0, tabs.findIndex(([name]) => name === tab)), false);
        }

        // Hands

        function step(by) {
          const numbers = [...list.children].map(item => Number(item.dataset.number));
          if (numbers.length === 0) return;
          const now = numbers.indexOf(chosen);
          const next = by === -Infinity ? 0 : by === Infinity ? numbers.length - 1 : now < 0 ? 0 : Math.min(numbers.length - 1, Math.max(0, now + by));
          choose(numbers[next]);
        }

        list.addEventListener('click', event => { const item = event.target.closest('li'); if (item) { list.focus(); choose(Number(item.dataset.number)); } });
        document.addEventListener('keydown', event => {
          if (event.ctrlKey || event.metaKey || event.altKey || page('help').open) return;
          if (event.target === page('search')) { if (event.key === 'Escape' || event.key === 'Enter') { event.preventDefault(); list.focus(); } return; }
          if (event.target.closest('select')) return;
          const inList = event.target === list || event.target === document.body;
          const keys = { j: () => step(1), k: () => step(-1), '/': () => page('search').focus(), '?': () => page('help').showModal(), Escape: () => list.focus() };
          if (inList) Object.assign(keys, { ArrowDown: () => step(1), ArrowUp: () => step(-1), Home: () => step(-Infinity), End: () => step(Infinity),
            Enter: () => { const first = detail.querySelector('[role="tab"][aria-selected="true"]'); if (first) first.focus(); } });
          const act = keys[event.key] || (/^[1-5]$/.test(event.key) && detail.selectTab ? () => detail.selectTab(Number(event.key) - 1) : null);
          if (act) { event.preventDefault(); act(); }
        });
        page('search').addEventListener('input', event => {
          clearTimeout(typing);
          typing = setTimeout(() => { shown.q = event.target.value.trim(); load(); }, 150);
        });
        page('accepted').addEventListener('change', event => { shown.accepted = event.target.value; render(); });
        page('run').addEventListener('focus', loadRuns);
        page('run').addEventListener('change', async event => {
          shown.run = event.target.value;
          const url = new URL(location);
          if (shown.run) url.searchParams.set('run', shown.run); else url.searchParams.delete('run');
          history.replaceState(null, '', url);
          clearDetail();
          await load();
          listen();
        });
        for (const button of page('providers').children) button.addEventListener('click', () => {
          const name = button.dataset.provider;
          if (shown.providers.has(name)) shown.providers.delete(name); else shown.providers.add(name);
          button.setAttribute('aria-pressed', String(shown.providers.has(name)));
          render();
        });
        page('clear').addEventListener('click', () => fetch(address('messages'), { method: 'DELETE' }));
        page('help-button').addEventListener('click', () => page('help').showModal());
        page('first').textContent = `curl -H 'content-type: application/json' \\\n  -d '{"to": "ExponentPushToken[anna]", "title": "Hello", "body": "World"}' \\\n`
          + `  ${location.origin}${shown.run ? '/_run/' + shown.run : ''}/--/api/v2/push/send`;
        start();
        """#
}
