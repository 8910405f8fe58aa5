extension InboxPage {
    /// The chosen message, in tabs.
    static let message = #"""
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
          if (message.reached) add('Reaches', message.reached.length ? make('code', {}, message.reached.join('  ')) : 'nobody: no device has subscribed');
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
          view.addEventListener('load', () => { view.dataset.drawn = 'true'; });
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
            if (message.html) tabs.push(['HTML', () => make('div', {}, frame(message.html), /\bsrc\s*=\s*["']?https?:/i.test(message.html)
              ? make('p', { class: 'hint' }, 'Pictures from elsewhere are not loaded.') : null)]);
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
        """#
}
