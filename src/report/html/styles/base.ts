/** Type, links, the bar on top, sections. */
export const baseStyles = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 60px; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 var(--sans); }
.page { max-width: 1120px; margin: 0 auto; padding: 36px 24px 64px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 8px; top: 8px; padding: 8px 12px; background: var(--paper); color: var(--accent); z-index: 3; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); text-underline-offset: 2px; }
h1 { margin: 6px 0 6px; font-size: 34px; font-weight: 680; line-height: 1.12; letter-spacing: -0.022em; overflow-wrap: anywhere; }
h1 .at { color: var(--muted); font-weight: 400; }
section { margin-top: 52px; }
h2 { margin: 0 0 16px; padding-top: 12px; border-top: 2px solid var(--strong-rule); font-size: 20px; font-weight: 660; letter-spacing: -0.012em; }
h3 { margin: 0 0 4px; font-size: 15px; font-weight: 620; }
p { margin: 0 0 8px; overflow-wrap: anywhere; }
.lede { max-width: 74ch; color: var(--muted); }
.kicker { margin: 0; color: var(--muted); font-size: 13px; }
.sub { margin: 0; color: var(--muted); max-width: 90ch; }
.small { color: var(--muted); font-size: 13px; font-weight: 400; }
.note { margin-top: 10px; max-width: 90ch; }
.note, footer { color: var(--muted); font-size: 13px; }
.mono, pre { font-family: var(--mono); font-size: 12.5px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
ul { margin: 0; padding: 0; list-style: none; }
.bar { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--rule); }
.bar-in { display: flex; align-items: center; gap: 20px; max-width: 1120px; margin: 0 auto; padding: 0 24px; height: 44px; font-size: 13px; }
.bar-name { flex: none; max-width: 16em; font-weight: 620; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar nav { flex: 1; min-width: 0; overflow-x: auto; scrollbar-width: none; mask-image: linear-gradient(90deg, #000 calc(100% - 28px), transparent); }
.bar nav ul { display: flex; gap: 14px; width: max-content; padding-right: 28px; }
.bar nav a { display: block; padding: 12px 0; color: var(--muted); text-decoration: none; white-space: nowrap; }
.bar nav a:hover { color: var(--ink); }
button { padding: 3px 11px; border: 1px solid var(--rule); border-radius: 6px; background: var(--paper); color: var(--ink); font: 600 12px/1.5 var(--sans); cursor: pointer; }
button:hover { border-color: var(--muted); }
.theme { flex: none; }
footer { margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--rule); }
summary { cursor: pointer; color: var(--accent); font-size: 13px; }
details { margin: 4px 0; }
.more { margin: 12px 0; }
.more > figure, .more > .scroll { margin-top: 10px; }
pre { margin: 0; padding: 12px 14px; border-radius: 8px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere; }
.command { position: relative; margin: 0 0 18px; }
.command pre { padding-right: 76px; }
.command button { position: absolute; right: 8px; top: 8px; }
.command h3 ~ button { top: 34px; }
`;
