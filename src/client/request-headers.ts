/** Headers of a target, and those among them whose values differ from request to request. */
export interface HeaderPlan {
  fixed: Readonly<Record<string, string>>;
  varied: readonly (readonly [name: string, template: string])[];
}

const placeholder = /\{(requestId|index)\}/g;

/** @param headers lower case, as `headersOf` gives them */
export function planHeaders(headers: Readonly<Record<string, string>>): HeaderPlan {
  const all = Object.entries(headers);
  const isVaried = (value: string) => value.search(placeholder) !== -1;
  return {
    fixed: Object.fromEntries(all.filter(([, value]) => !isVaried(value))),
    varied: all.filter(([, value]) => isVaried(value)),
  };
}

/** A value with its placeholders filled in; `requestId` as `headerId` makes it. */
export function fillHeader(template: string, requestId: string, index: number): string {
  return template.replaceAll(placeholder, (_all, name) =>
    name === 'index' ? String(index) : requestId,
  );
}

/** A request id as it may stand in a header: one that could end its line would be another header. */
export function headerId(requestId: string): string {
  return requestId.replaceAll(/[^\x20-\x7e]/g, '');
}
