import type { ComponentChildren } from 'preact';
import type { TableData } from '../content/table.ts';

export type { TableData } from '../content/table.ts';

/** A chart with its heading, a line on how to read it, and its figures as a table on request. */
export function Figure(props: {
  id: string;
  title: string;
  /** What the chart shows, in one sentence with figures. */
  says?: string;
  caption: ComponentChildren;
  table: TableData;
  wide?: boolean;
  children: ComponentChildren;
}) {
  const { id, title, says = '', caption, table, wide = false, children } = props;
  return (
    <figure
      id={id}
      class={wide ? 'wide' : undefined}
      role="group"
      aria-labelledby={`${id}-heading`}
    >
      <h3 id={`${id}-heading`}>{title}</h3>
      <p class="says">{says}</p>
      <div class="scroll" {...(wide && { tabIndex: 0, role: 'region', 'aria-label': title })}>
        {children}
      </div>
      <figcaption>{caption}</figcaption>
      <details>
        <summary>
          Figures as a table<span class="hidden">: {title}</span>
        </summary>
        <DataTable {...table} />
      </details>
    </figure>
  );
}

/** A table that scrolls in itself where it is wider than the page; `text`: columns read as prose. */
export function DataTable(
  props: TableData & { text?: readonly number[]; captionHidden?: boolean },
) {
  const { caption, head, rows, text = [], captionHidden = false } = props;
  const classOf = (column: number) => (text.includes(column) ? 'text' : undefined);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class={captionHidden ? 'hidden' : undefined}>{caption}</caption>
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th scope="col" class={classOf(column)}>
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...rest]) => (
            <tr>
              <th scope="row">{first}</th>
              {rest.map((cell, i) => (
                <td class={classOf(i + 1)}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
