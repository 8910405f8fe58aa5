extension InboxPage {
    static let style = #"""
        :root {
          color-scheme: light dark;
          --paper: light-dark(#f4f5f7, #14161a); --card: light-dark(#ffffff, #1d2026); --ink: light-dark(#16181d, #e9ebef);
          --quiet: light-dark(#596070, #a2aab8); --line: light-dark(#d9dde4, #343943); --mark: light-dark(#0b57d0, #8ab4f8);
          --chosen: light-dark(#e3ecfd, #26334a); --good: light-dark(#146c2e, #6dd58c); --bad: light-dark(#b3261e, #f2b8b5);
          --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace;
        }
        * { box-sizing: border-box; }
        html, body { height: 100%; }
        body { margin: 0; display: flex; flex-direction: column; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
        header { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; padding: .6rem 1rem; background: var(--card); border-bottom: 1px solid var(--line); }
        h1 { font-size: 1rem; margin: 0 .5rem 0 0; }
        search { flex: 1 1 12rem; max-width: 28rem; }
        input, select, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: .3rem .6rem; }
        input { width: 100%; }
        label { color: var(--quiet); }
        button { cursor: pointer; }
        button[aria-pressed="true"], [role="tab"][aria-selected="true"] { background: var(--chosen); border-color: var(--mark); }
        button[aria-pressed="false"] { color: var(--quiet); text-decoration: line-through; }
        #providers { display: flex; gap: .25rem; }
        :focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
        #state { color: var(--quiet); margin-left: auto; }
        #state::before { content: "●"; margin-right: .35rem; color: var(--quiet); }
        #state.live::before { color: var(--good); }
        #state.lost::before { color: var(--bad); }
        main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(18rem, 26rem) 1fr; }
        #inbox { min-height: 0; display: flex; flex-direction: column; border-right: 1px solid var(--line); }
        #count { margin: 0; padding: .4rem 1rem; color: var(--quiet); font-size: .85rem; }
        #list { flex: 1; margin: 0; padding: 0 .5rem 1rem; overflow-y: auto; list-style: none; }
        #list:empty { display: none; }
        #list:focus-visible { outline-offset: -2px; }
        #list li { display: grid; grid-template-columns: auto 1fr auto; gap: 0 .6rem; padding: .55rem .6rem; border-radius: .6rem; cursor: default; }
        #list li + li { margin-top: 2px; }
        #list li:hover { background: var(--card); }
        #list li[aria-selected="true"] { background: var(--chosen); }
        #list .badge { grid-row: span 2; }
        .badge { align-self: start; min-width: 3.1rem; margin-top: .15rem; padding: .1rem .35rem; border-radius: .4rem; color: #fff; font-size: .72rem; font-weight: 600; text-align: center; }
        .badge.apns { background: #3a3f4b; } .badge.fcm { background: #a8440a; } .badge.expo { background: #4630a8; } .badge.smtp { background: #0a6a62; }
        #list .title { font-weight: 600; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
        #list time { color: var(--quiet); font-size: .8rem; white-space: nowrap; }
        #list .text { grid-column: 2 / 4; color: var(--quiet); overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
        .refused, #list .text.refused { color: var(--bad); }
        .taken { color: var(--good); }
        #empty { padding: 0 1rem; }
        pre { margin: 0; padding: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; font: .82rem/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
        #detail { min-width: 0; min-height: 0; overflow-y: auto; padding: 1rem 1.25rem 2rem; }
        #detail:focus { outline: none; }
        .hint { color: var(--quiet); }
        #detail h2 { margin: 0 0 .25rem; font-size: 1.25rem; overflow-wrap: anywhere; }
        .facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .6rem 0 1rem; }
        .facts dt { color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }
        .facts code { font: .85rem var(--mono); }
        [role="tablist"] { display: flex; flex-wrap: wrap; gap: .25rem; margin-bottom: .75rem; }
        iframe { display: block; width: 100%; min-height: 60vh; border: 1px solid var(--line); border-radius: .6rem; background: #fff; color-scheme: light; }
        .phone { width: min(100%, 23rem); min-height: 33rem; margin: 0 auto; padding: 2.6rem .8rem 1rem; border: .55rem solid #0b0c0f; border-radius: 2.6rem; color: #fff;
          background: radial-gradient(120% 90% at 20% 0%, #5f7fb8 0%, #3a4a86 38%, #2a2550 70%, #17142c 100%); }
        .phone .day { text-align: center; font-size: .95rem; }
        .phone .clock { margin-bottom: 2rem; text-align: center; font-size: 4.5rem; font-weight: 300; line-height: 1.1; font-variant-numeric: tabular-nums; }
        .banner { display: grid; grid-template-columns: auto 1fr; gap: 0 .65rem; padding: .7rem .8rem; border-radius: 1.2rem; color: #111; background: rgb(246 246 250 / .92); overflow-wrap: anywhere; }
        .banner + .banner { margin-top: .4rem; opacity: .8; }
        .banner .icon { position: relative; grid-row: span 4; width: 2.3rem; height: 2.3rem; border-radius: .6rem; color: #fff; font-weight: 700; line-height: 2.3rem; text-align: center; }
        .banner .icon.apns { background: #3a3f4b; } .banner .icon.fcm { background: #a8440a; } .banner .icon.expo { background: #4630a8; }
        .banner .app { display: flex; justify-content: space-between; gap: .5rem; color: #4a4d57; font-size: .8rem; }
        .banner .who { font-weight: 650; } .banner .what { white-space: pre-line; }
        .banner.silent { color: #333; font-style: italic; }
        .banner .count { position: absolute; top: -.5rem; right: -.5rem; min-width: 1.25rem; padding: 0 .35rem; border-radius: 1rem; background: #c5221f; color: #fff; font-size: .75rem; line-height: 1.25rem; }
        .phone .nothing { margin: 0 1.5rem; text-align: center; }
        dialog { max-width: 26rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--card); color: var(--ink); }
        dialog::backdrop { background: rgb(0 0 0 / .4); }
        dialog dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1rem; } dialog dd { margin: 0; }
        kbd { padding: .05rem .4rem; border: 1px solid var(--line); border-radius: .3rem; background: var(--paper); font: .85rem var(--mono); }
        @media (max-width: 48rem) { main { grid-template-columns: 1fr; grid-template-rows: minmax(10rem, 40%) 1fr; } #inbox { border-right: 0; border-bottom: 1px solid var(--line); } }
        @media (prefers-contrast: more) { :root { --quiet: var(--ink); --line: var(--ink); } }
        """#
}
