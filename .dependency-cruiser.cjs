// Needs TypeScript 6: with TypeScript 7, which has no JavaScript API, dependency-cruiser 17
// finds no module at all and still exits 0. test/boundaries.test.ts guards against that.
const { join } = require('node:path');
const table = require('./tools/boundaries.json');

const modules = Object.keys(table);
// Fixtures are of tests: they are not published either.
const testFile = '\\.(test|fixture)\\.tsx?$';
const allowed = (name) => {
  const { imports } = table[name];
  // The package's exports may re-export the test suites, not the other way round.
  if (imports === 'all') return modules.filter((other) => other !== 'public' || name === 'public');
  return [name, ...imports];
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...modules.map((name) => ({
      name: `direction-${name}`,
      comment: `${name} (${table[name].does}) may import only: ${allowed(name).join(', ')}. See docs/design/architecture.md; take what you need as a parameter instead.`,
      severity: 'error',
      from: { path: `^src/${name}/`, pathNot: testFile },
      to: { path: '^src/', pathNot: `^src/(${allowed(name).join('|')})/` },
    })),
    {
      name: 'door',
      comment:
        "A module is imported through its door, index.ts, so that its inside can change. Its own tests may see inside; another module's tests may not.",
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: '^src/$1/|^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'no-cycle',
      comment:
        'Files that import each other, types included, cannot be understood or moved one at a time: move what both need to a third.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'source-stands-alone',
      comment: 'What is published may not import tests, tools or benchmarks.',
      severity: 'error',
      from: { path: '^src/', pathNot: testFile },
      to: { path: `^(test|tools|benchmarks)/|${testFile}` },
    },
    {
      name: 'no-dev-dependency',
      comment:
        'An import of a development dependency works here and breaks once installed from npm.',
      severity: 'error',
      from: { path: '^src/', pathNot: testFile },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'type-only'],
      },
    },
    {
      name: 'resolvable',
      comment: 'The imported file or package does not exist.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Types are the architecture: `import type` counts.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.json') },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
