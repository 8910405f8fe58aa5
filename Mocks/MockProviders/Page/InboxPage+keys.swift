extension InboxPage {
    /// What keys, clicks and choices do. Comes last, and starts the page.
    static let keys = #"""
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
