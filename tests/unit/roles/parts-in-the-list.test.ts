import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/**
 * By the sources of `src/roles`: whatever is made there and can start or stop stands in `parts.use(…)` where it is made, so that
 * nobody refers to a part that is not in the list. Connections, which close, are ended by parts that are written out in place:
 * `tests/integration/roles/parts.test.ts` has the whole list of a real node.
 */
const theListItself = 'Lifecycle';

const isPart = (type: ts.Type): boolean =>
  !(type.flags & ts.TypeFlags.Any) &&
  ['start', 'stop'].some((name) =>
    type
      .getProperty(name)
      ?.declarations?.some((declared) => !declared.getSourceFile().fileName.includes('/node_modules/') && ts.isFunctionLike(declared)),
  );

const unlisted = (files: readonly string[]): string[] => {
  const options = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, strict: true, skipLibCheck: true, noEmit: true };
  const program = ts.createProgram({ rootNames: [...files], options: { ...options, types: ['node'] } });
  const checker = program.getTypeChecker();
  const isListed = (node: ts.Node): boolean => {
    const { parent } = node;
    if (!ts.isCallExpression(parent) || parent.arguments[0] !== node || !ts.isPropertyAccessExpression(parent.expression)) return false;
    const { name, expression } = parent.expression;
    return name.text === 'use' && checker.getTypeAtLocation(expression).symbol?.name === 'Lifecycle';
  };
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isMade = ts.isNewExpression(node) || (ts.isCallExpression(node) && ts.isIdentifier(node.expression));
    if (isMade && isPart(checker.getTypeAtLocation(node)) && !isListed(node)) {
      const maker = (node as ts.NewExpression | ts.CallExpression).expression.getText();
      if (maker !== theListItself) found.push(`${basename(node.getSourceFile().fileName)}: ${maker}`);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(program.getSourceFile(file)!);
  return found;
};

test('what can start or stop is made in the list of parts', () => {
  // Beside this file, wherever the project was copied to.
  const roles = fileURLToPath(new URL('../../../src/roles/', import.meta.url));
  const files = readdirSync(roles).map((file) => `${roles}${file}`);
  expect(unlisted(files)).toEqual([]);
});
