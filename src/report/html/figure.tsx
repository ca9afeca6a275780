import type { ComponentChildren } from 'preact';

export interface TableData {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A chart with its heading, a line on how to read it, and its figures as a table on request. */
export function Figure(props: {
  id: string;
  title: string;
  caption: ComponentChildren;
  table: TableData;
  wide?: boolean;
  children: ComponentChildren;
}) {
  const { id, title, caption, table, wide = false, children } = props;
  return (
    <figure
      id={id}
      class={wide ? 'wide' : undefined}
      role="group"
      aria-labelledby={`${id}-heading`}
    >
      <h3 id={`${id}-heading`}>{title}</h3>
      <div class="scroll" {...(wide && { tabIndex: 0, role: 'region', 'aria-label': title })}>
        {children}
      </div>
      <figcaption>{caption}</figcaption>
      <details>
        <summary>Figures as a table</summary>
        <DataTable {...table} />
      </details>
    </figure>
  );
}

export function DataTable({ caption, head, rows }: TableData) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((cell) => (
              <th scope="col">{cell}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...rest]) => (
            <tr>
              <th scope="row">{first}</th>
              {rest.map((cell) => (
                <td>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
