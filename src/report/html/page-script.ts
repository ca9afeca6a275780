/** Adds copy buttons to the command lines; the page is complete without it. */
export const pageScript = `
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
