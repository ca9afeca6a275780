import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = resolve(import.meta.dirname, '../..');
const here = join(root, 'src/public');
const targets = Object.entries(packageJson.exports);
const sources = readdirSync(here).filter((name) => !name.includes('.test.'));

describe('the exports of the package', () => {
  it.each(targets)('%s is there', (_name, target) => {
    if (typeof target === 'string') {
      const path = join(root, target.replace(/\/\*[^/]*$/, ''));
      expect(existsSync(path)).toBe(true);
      return;
    }
    expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
    // `npm run build` may not have run; what it compiles is there.
    const source = target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts');
    expect(existsSync(join(root, source))).toBe(true);
  });

  it('are all of src/public, file by file', () => {
    const built = targets.flatMap(([, target]) =>
      typeof target === 'string' ? [] : [target.default.replace('./dist/public/', '')],
    );
    expect(sources.map((name) => name.replace(/\.ts$/, '.js')).toSorted()).toEqual(
      built.toSorted(),
    );
  });
});

/** Types that a user of a door meets but cannot name, because no door exports them. */
describe('the types of the doors', () => {
  let program: ts.Program;
  let checker: ts.TypeChecker;
  beforeAll(() => {
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
    const files = sources.map((name) => join(here, name));
    program = ts.createProgram(files, { ...options, noEmit: true });
    checker = program.getTypeChecker();
  }, 120_000);

  const exportsOf = (name: string): ts.Symbol[] => {
    const file = program.getSourceFile(join(here, name));
    const module = file && checker.getSymbolAtLocation(file);
    if (!module) throw new Error(`${name} exports nothing`);
    return checker.getExportsOfModule(module);
  };
  const original = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  /** Declarations in src/ that the declaration of an export refers to in its types. */
  function mentionedBy(symbol: ts.Symbol): ts.Symbol[] {
    const found: ts.Symbol[] = [];
    const visit = (node: ts.Node): void => {
      // Bodies and initial values are not part of what a user sees.
      if (ts.isBlock(node)) return;
      if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
        const name = ts.isTypeReferenceNode(node) ? node.typeName : node.expression;
        const target = checker.getSymbolAtLocation(name);
        if (target) found.push(original(target));
      }
      ts.forEachChild(node, visit);
    };
    for (const declaration of original(symbol).declarations ?? []) visit(declaration);
    return found.filter((target) => {
      const declaration = target.declarations?.find((d) =>
        d.getSourceFile().fileName.includes('/src/'),
      );
      if (declaration === undefined || ts.isTypeParameterDeclaration(declaration)) return false;
      // What its own file keeps to itself is a shared part, not a thing to name.
      if (!(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export)) return false;
      const type = checker.getDeclaredTypeOfSymbol(target);
      // A choice of words is written as it is.
      return !(type.isUnion() && type.types.every((one) => one.isLiteral()));
    });
  }

  it('can all be named by the user', () => {
    const exported = sources.flatMap(exportsOf).map(original);
    // An alias names what it stands for.
    const known = new Set(
      exported.flatMap((symbol) => {
        const { symbol: meant, aliasSymbol } = checker.getDeclaredTypeOfSymbol(symbol);
        return [symbol, meant, aliasSymbol].filter((one) => one !== undefined);
      }),
    );
    expect(known.size).toBeGreaterThan(60);
    const missing = new Set<string>();
    for (const symbol of known) {
      for (const target of mentionedBy(symbol)) {
        if (!known.has(target)) missing.add(`${target.name} (met in ${symbol.name})`);
      }
    }
    expect([...missing].toSorted()).toEqual([]);
  }, 60_000);
});
