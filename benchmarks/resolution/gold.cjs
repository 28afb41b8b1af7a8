// What the TypeScript compiler says the imports of a workspace mean: one JSON line for each imported name.
// node gold.cjs COMPILER ROOT < list of files, one a line, relative to ROOT
"use strict";
const fs = require("fs");
const path = require("path");
const ts = require(process.argv[2]);
const root = path.resolve(process.argv[3]);
const files = fs.readFileSync(0, "utf8").split("\n").filter(Boolean).map((name) => path.join(root, name));

let options = {};
const config = path.join(root, "tsconfig.json");
if (fs.existsSync(config)) {
  const read = ts.readConfigFile(config, ts.sys.readFile);
  if (read.config) options = ts.parseJsonConfigFileContent({ ...read.config, files: [], include: [] }, ts.sys, root).options;
}
const kinds = ts.ModuleResolutionKind;
if (options.moduleResolution === undefined) options.moduleResolution = kinds.Bundler;
if (options.moduleResolution === kinds.Bundler) options.module = ts.ModuleKind.ESNext;
Object.assign(options, { allowJs: true, checkJs: false, noEmit: true, skipLibCheck: true, noLib: true, types: [], composite: false, incremental: false });
const program = ts.createProgram(files, options);
const checker = program.getTypeChecker();

function place(declaration) {
  const source = declaration.getSourceFile();
  const inner = path.relative(root, fs.realpathSync(source.fileName));
  if (inner.startsWith("..") || inner.split(path.sep).includes("node_modules")) return null;
  if (ts.isSourceFile(declaration)) return { path: inner, line: 0 };
  return { path: inner, line: source.getLineAndCharacterOfPosition(declaration.getStart(source)).line + 1 };
}

function meaning(node) {
  let symbol = checker.getSymbolAtLocation(node);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  const found = [];
  let outside = false;
  for (const declaration of (symbol && symbol.declarations) || []) {
    const one = place(declaration);
    if (one) found.push(one);
    // A default export without a name may as well be told as the file itself.
    if (one && (ts.isExportAssignment(declaration) || (!declaration.name && one.line))) found.push({ ...one, line: 0 });
    else outside = true;
  }
  return { places: found, outside };
}

function say(source, node, module, name, answer) {
  const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const inner = path.relative(root, source.fileName);
  process.stdout.write(JSON.stringify({ path: inner, line, module, name, ...answer }) + "\n");
}

function whole(source, specifier) {
  const symbol = checker.getSymbolAtLocation(specifier);
  const declaration = symbol && symbol.declarations && symbol.declarations[0];
  if (!declaration) return { places: [], outside: false };
  const one = place(declaration.getSourceFile());
  return { places: one ? [one] : [], outside: !one };
}

for (const source of program.getSourceFiles()) {
  if (!files.includes(path.normalize(source.fileName))) continue;
  for (const statement of source.statements) {
    const specifier = statement.moduleSpecifier;
    if (!specifier || !ts.isStringLiteral(specifier)) continue;
    const module = specifier.text;
    if (ts.isImportDeclaration(statement)) {
      const clause = statement.importClause;
      if (!clause) say(source, specifier, module, "", whole(source, specifier));
      if (clause && clause.name) say(source, clause.name, module, "default", meaning(clause.name));
      const bindings = clause && clause.namedBindings;
      if (bindings && ts.isNamespaceImport(bindings)) say(source, bindings.name, module, "", whole(source, specifier));
      if (bindings && ts.isNamedImports(bindings))
        for (const one of bindings.elements) say(source, one, module, (one.propertyName || one.name).text, meaning(one.name));
    } else if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (!clause) say(source, specifier, module, "*", whole(source, specifier));
      else if (ts.isNamespaceExport(clause)) say(source, clause.name, module, "", whole(source, specifier));
      else for (const one of clause.elements) say(source, one, module, (one.propertyName || one.name).text, meaning(one.name));
    }
  }
}
