/** Rules about source text, judged on the syntax tree and not by patterns. Each returns what offends, in words. Pure. */
import ts from "typescript";

/** A source file under judgement. */
export interface Source {
  /** Path from the project's root. */
  readonly path: string;
  readonly text: string;
}

/** Longest file that is still read in one go. */
export const MAX_LINES = 400;

function parse({ path, text }: Source): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function where(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

function descendants(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (child: ts.Node): void => {
    found.push(child);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

function isApplyCall(node: ts.Node): node is ts.CallExpression {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === "apply" &&
    node.expression.expression.getText() !== "Reflect"
  );
}

/** Calls of `.apply(`: in a test an assertion in there may never run, and its failure goes unseen. */
export function applyCalls(source: Source): string[] {
  const file = parse(source);
  return descendants(file)
    .filter(isApplyCall)
    .map((call) => `${where(file, call)} calls .apply(; await resolve(output) instead`);
}

/** Resources made inside `.apply` are absent from previews. Errors may be made there. */
export function resourcesInApply(source: Source): string[] {
  const file = parse(source);
  return descendants(file)
    .filter(isApplyCall)
    .flatMap((call) => call.arguments.flatMap(descendants))
    .filter(ts.isNewExpression)
    .filter((made) => !/^(Map|Set|Date|URL|[A-Za-z]*Error)$/.test(made.expression.getText()))
    .map((made) => `${where(file, made)} makes ${made.expression.getText()} inside .apply`);
}

/** Imports of Pulumi packages, dynamic ones included. */
export function pulumiImports(source: Source): string[] {
  const file = parse(source);
  return descendants(file)
    .filter(ts.isStringLiteralLike)
    .filter((literal) => literal.text.startsWith("@pulumi/"))
    .filter(
      ({ parent }) =>
        ts.isImportDeclaration(parent) ||
        ts.isExportDeclaration(parent) ||
        (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword),
    )
    .map((literal) => `${where(file, literal)} imports ${literal.text}`);
}

const KEY = /^(session|user_sessions|refresh_token|deletion_token|expirations|cache|sessiondb:cleanup):(?! )/;

/** Text that spells a Redis key. */
export function keyLiterals(source: Source): string[] {
  const file = parse(source);
  return descendants(file)
    .filter((node) => ts.isStringLiteralLike(node) || ts.isTemplateHead(node))
    .filter((literal) => KEY.test(literal.text))
    .map((literal) => `${where(file, literal)} spells a key: ${literal.text}`);
}

/** Files too long to be read in one go. */
export function overlong({ path, text }: Source): string[] {
  const lines = text.split("\n").length - 1;
  return lines > MAX_LINES ? [`${path} has ${lines} lines, at most ${MAX_LINES} are wanted`] : [];
}

/** The shape of components: one per file, documented, exported arguments, `registerOutputs` as the last step. */
export function misshapenComponents(source: Source): string[] {
  const file = parse(source);
  const components = file.statements.filter(ts.isClassDeclaration).filter(extendsComponentResource);
  const several = components.length > 1 ? [`${source.path} has ${components.length} components`] : [];
  return [...several, ...components.flatMap((component) => componentProblems(file, component))];
}

function extendsComponentResource(node: ts.ClassDeclaration): boolean {
  return node.heritageClauses?.some((clause) => clause.getText().endsWith("ComponentResource")) ?? false;
}

function componentProblems(file: ts.SourceFile, component: ts.ClassDeclaration): string[] {
  const name = component.name?.text ?? "(anonymous)";
  const problems: string[] = [];
  const builder = component.members.find(ts.isConstructorDeclaration);
  const parameters = builder?.parameters.map((parameter) => parameter.name.getText()) ?? [];
  if (parameters.join() !== "name,args,opts") {
    problems.push(`the constructor takes (${parameters.join(", ")}), expected (name, args, opts)`);
  }
  const statements = builder?.body?.statements ?? [];
  const first = statements[0]?.getText() ?? "";
  if (!first.startsWith(`super("sessiondb:index:${name}",`)) {
    problems.push(`super does not come first with the type sessiondb:index:${name}`);
  }
  const last = statements.at(-1)?.getText() ?? "";
  if (!last.startsWith("this.registerOutputs({")) problems.push("registerOutputs({…}) is not its last step");
  const args = file.statements
    .filter(ts.isInterfaceDeclaration)
    .find((one) => one.name.text === `${name}Args`);
  if (args === undefined) problems.push(`there is no interface ${name}Args`);
  for (const member of args?.members ?? []) problems.push(...memberProblems(member));
  const tags = ts.getJSDocTags(component).map((tag) => tag.tagName.text);
  if (!tags.includes("example")) problems.push("its documentation has no @example");
  return problems.map((problem) => `${where(file, component)} ${name}: ${problem}`);
}

function memberProblems(member: ts.TypeElement): string[] {
  const name = member.name?.getText() ?? "";
  const isReadonly =
    ts.isPropertySignature(member) &&
    (member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword) ?? false);
  const tags = ts.getJSDocTags(member).map((tag) => tag.tagName.text);
  const documented = ts.getJSDocCommentsAndTags(member).length > 0;
  return [
    ...(isReadonly ? [] : [`the argument ${name} is not readonly`]),
    ...(documented ? [] : [`the argument ${name} is not documented`]),
    ...(member.questionToken !== undefined && !tags.includes("default")
      ? [`the optional argument ${name} does not say its @default`]
      : []),
  ];
}
