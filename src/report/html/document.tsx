import type { ComponentChildren } from 'preact';
import { pageScript, themeScript } from './page-script.ts';
import { styles } from './styles/index.ts';

/** A section of a page; its id is its address. */
export interface PageSection {
  id: string;
  title: string;
  /** In the page's contents, where the title is too long for it. */
  short?: string;
  body: ComponentChildren;
}

// Nothing may be fetched, whatever a name in the result tries to smuggle in.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** A whole self-contained page below the doctype: head, contents, sections, its data as JSON. */
export function Document(props: {
  title: string;
  /** In the bar on top. */
  name: string;
  header: ComponentChildren;
  sections: readonly PageSection[];
  footer: ComponentChildren;
  /** Kept in the page as JSON under this id. */
  data: { id: string; value: unknown };
  /** Of what only this page draws. */
  styles?: string;
}) {
  const { title, name, header, sections, footer, data, styles: own = '' } = props;
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: styles + own }} />
        <script dangerouslySetInnerHTML={{ __html: themeScript }} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the results
        </a>
        <div class="bar">
          <div class="bar-in">
            <span class="bar-name">{name}</span>
            <nav aria-label="Contents">
              <ul>
                {sections.map(({ id, title: text, short = text }) => (
                  <li>
                    <a href={`#${id}`}>{short}</a>
                  </li>
                ))}
              </ul>
            </nav>
            <button type="button" class="theme" hidden aria-label="Switch between dark and light" />
          </div>
        </div>
        <div class="page">
          <header>{header}</header>
          <main id="main">
            {sections.map(({ id, title: text, body }) => (
              <section id={id} aria-labelledby={`${id}-heading`}>
                <h2 id={`${id}-heading`}>{text}</h2>
                {body}
              </section>
            ))}
          </main>
          <footer>{footer}</footer>
        </div>
        <script
          type="application/json"
          id={data.id}
          dangerouslySetInnerHTML={{
            __html: JSON.stringify(data.value).replaceAll('<', '\\u003c'),
          }}
        />
        <script dangerouslySetInnerHTML={{ __html: pageScript }} />
      </body>
    </html>
  );
}
