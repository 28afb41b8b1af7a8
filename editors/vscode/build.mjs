/**
 * Bundle the extension into dist/: extension.js, which VS Code loads at its start; client.js, which is loaded with the
 * server's start and is the heavy part; the notices of what is bundled. `--watch` keeps doing so.
 */

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import * as esbuild from 'esbuild';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
process.chdir(here);

/** Leave the client out of extension.js: it is the other bundle. */
const apart = {
  name: 'apart',
  setup: (build) =>
    build.onResolve({ filter: /^\.\/client\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './client.js', external: true } : undefined,
    ),
};

const context = await esbuild.context({
  entryPoints: ['src/extension.ts', 'src/client.ts'],
  outdir: 'dist',
  plugins: [apart],
  supported: { 'dynamic-import': false },
  bundle: true,
  minify: true,
  metafile: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  mainFields: ['module', 'main'],
  external: ['vscode'],
  logLevel: 'warning',
});

if (process.argv.includes('--watch')) {
  await context.watch();
} else {
  const { metafile } = await context.rebuild();
  copyFileSync('../../LICENSE', 'dist/LICENSE.txt');
  writeFileSync('dist/NOTICES.txt', notices(Object.keys(metafile.inputs)));
  await context.dispose();
}

/** The licences of the packages of which something is in the bundle. */
function notices(inputs) {
  const names = new Set(inputs.flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  const told = [...names].sort().map((name) => {
    const folder = `node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const text = file === undefined ? '' : readFileSync(`${folder}/${file}`, 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `What dist/extension.js contains of others.\n\n${told.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
