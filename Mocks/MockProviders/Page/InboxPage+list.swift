extension InboxPage {
    /// The messages, newest first.
    static let list = #"""
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
          const more = messages.length >= keep ? `, of the newest ${keep}` : '';
          page('count').textContent = messages.length === 0 ? '' : `${visible.length} ${visible.length === 1 ? 'message' : 'messages'}${more}`;
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
        """#
}
