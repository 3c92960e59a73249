import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/**
 * What can be started and nobody starts does nothing, and no other test of it would notice: by the sources, each class with a
 * `start()` is started somewhere or handed to a lifecycle as a part, and so is what each maker of parts returns.
 */
const neverStarted = (files: readonly string[]): string[] => {
  const options = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, strict: true, skipLibCheck: true, noEmit: true };
  const program = ts.createProgram({ rootNames: [...files], options: { ...options, types: ['node'] } });
  const checker = program.getTypeChecker();
  /** Classes by their `start`, makers of parts by their name. */
  const able = new Map<ts.Node, string>();
  const started = new Set<ts.Node>();
  /** What a maker returns is started when the maker's own part is. */
  const made = new Map<ts.Node, ts.Node[]>();

  const startOf = (type: ts.Type): ts.Node | undefined => type.getProperty('start')?.declarations?.[0];
  const isOfPart = (node: ts.Node | undefined): boolean =>
    node !== undefined && ts.isInterfaceDeclaration(node.parent) && node.parent.name.text === 'Part';
  const declarationOf = (name: ts.Node): ts.Node | undefined => {
    const symbol = checker.getSymbolAtLocation(name);
    return (symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)?.declarations?.[0];
  };

  const seeMaker = (node: ts.VariableDeclaration): void => {
    if (!node.initializer || !ts.isArrowFunction(node.initializer)) return;
    const signature = checker.getSignatureFromDeclaration(node.initializer);
    if (!signature || !isOfPart(startOf(signature.getReturnType()))) return;
    able.set(node, node.name.getText());
    const inside: ts.Node[] = [];
    const look = (within: ts.Node): void => {
      const start = ts.isNewExpression(within) ? startOf(checker.getTypeAtLocation(within)) : undefined;
      if (start) inside.push(start);
      ts.forEachChild(within, look);
    };
    look(node.initializer);
    made.set(node, inside);
  };
  const makerOf = (given: ts.Expression): ts.Node | undefined => {
    if (ts.isCallExpression(given)) return declarationOf(given.expression);
    const declared = ts.isIdentifier(given) ? declarationOf(given) : undefined;
    const from = declared && ts.isVariableDeclaration(declared) ? declared.initializer : undefined;
    return from && ts.isCallExpression(from) ? declarationOf(from.expression) : undefined;
  };
  const seeCall = ({ expression, arguments: given }: ts.CallExpression): void => {
    if (!ts.isPropertyAccessExpression(expression)) return;
    const method = expression.name.text;
    if (method === 'start') {
      const start = declarationOf(expression.name);
      if (start) started.add(start);
      return;
    }
    const target = checker.getTypeAtLocation(expression.expression).symbol?.name;
    if (target !== 'Lifecycle' || !given[0]) return;
    for (const part of [startOf(checker.getTypeAtLocation(given[0])), makerOf(given[0])]) if (part) started.add(part);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isMethodDeclaration(node) && node.name.getText() === 'start' && node.parameters.every((p) => p.initializer ?? p.questionToken))
      able.set(node, ts.isClassDeclaration(node.parent) ? (node.parent.name?.text ?? '?') : node.getSourceFile().fileName);
    if (ts.isVariableDeclaration(node)) seeMaker(node);
    if (ts.isCallExpression(node)) seeCall(node);
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(program.getSourceFile(file)!);
  for (const [maker, inside] of made) if (started.has(maker)) for (const start of inside) started.add(start);
  return [...able]
    .filter(([node]) => !started.has(node))
    .map(([, name]) => name)
    .sort();
};

test('everything that can be started is started', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('client/'))
    .map((file) => `src/${file}`);
  expect(neverStarted(files)).toEqual([]);
});
