/** Before the first paint: the scheme that the reader chose the last time. */
export const themeScript = `
try {
  const kept = localStorage.getItem('inferencebench-theme');
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept;
} catch {}
`;

/** Scheme toggle and copy buttons; the page is complete without them. */
export const pageScript = `
const root = document.documentElement;
const toggle = document.querySelector('.theme');
const isDark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
const showTheme = () => {
  toggle.textContent = isDark() ? 'Light' : 'Dark';
};
toggle.hidden = false;
toggle.onclick = () => {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  try { localStorage.setItem('inferencebench-theme', root.dataset.theme); } catch {}
  showTheme();
};
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', showTheme);
showTheme();
if (navigator.clipboard) for (const pre of document.querySelectorAll('.command pre')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.onclick = async () => {
    await navigator.clipboard.writeText(pre.textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  };
  pre.before(button);
}
`;
