import ts from 'typescript';

export interface ErrorUse {
  code: string;
  /** With `<…>` where a value goes; null when it is put together elsewhere. */
  message: string | null;
  hint: string | null;
}

const family =
  /^(?:BUG|INTERRUPTED|(?:USAGE|PREREQ|CLIENT|ENGINE|TARGET|WORKLOAD|RESULT|SLO|BUDGET|INTERRUPTED)_[A-Z0-9_]+(?:<.+>)?)$/;

/** Every error code that a source file can throw, in order; codes made up at run time as `USAGE_UNKNOWN_<kind>`. */
export function scanErrors(fileName: string, text: string): ErrorUse[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true);
  const uses: ErrorUse[] = [];
  const visit = (node: ts.Node): void => {
    const code = isText(node) ? textOf(node) : null;
    if (code !== null && family.test(code) && !isRead(node)) {
      const { parent } = node;
      const called = ts.isNewExpression(parent) || ts.isCallExpression(parent);
      const given = called && parent.arguments?.[0] === node ? parent.arguments : undefined;
      uses.push({ code, message: textOf(given?.[1]), hint: hintOf(given?.[2]) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return uses;
}

type Text = ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateExpression;

function isText(node: ts.Node): node is Text {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

/** A comparison with a code throws nothing. */
function isRead({ parent }: ts.Node): boolean {
  return ts.isBinaryExpression(parent) || ts.isCaseClause(parent) || ts.isLiteralTypeNode(parent);
}

function textOf(node: ts.Node | undefined): string | null {
  if (!node) return null;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const parts = [textOf(node.left), textOf(node.right)];
    return parts.every((part) => part === null) ? null : parts.map((p) => p ?? '<…>').join('');
  }
  if (!isText(node)) return null;
  if (!ts.isTemplateExpression(node)) return node.text;
  const spans = node.templateSpans.map(
    ({ expression, literal }) => `<${nameOf(expression)}>${literal.text}`,
  );
  return node.head.text + spans.join('');
}

/** The last word of what is put in: `request.what` -> `what`; `…` for anything longer. */
function nameOf(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text.replace('#', '');
  const [only, ...more] = ts.isCallExpression(expression) ? expression.arguments : [];
  return only && more.length === 0 ? nameOf(only) : '…';
}

function hintOf(options: ts.Node | undefined): string | null {
  if (!options || !ts.isObjectLiteralExpression(options)) return null;
  for (const property of options.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === 'hint') {
      return textOf(property.initializer);
    }
  }
  return null;
}
