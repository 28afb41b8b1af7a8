/**
 * A real Chromium that does what a test says: one JSON object a line on stdin, one on stdout for each.
 *
 *   node browser.mjs PLAYWRIGHT CHROMIUM FOLDER
 *
 * `{"id": 1, "do": "press", "key": "Tab"}` is answered by `{"id": 1, "result": …}` or `{"id": 1, "error": "…"}`.
 */

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [playwright, executablePath, folder] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);
const context = await chromium.launchPersistentContext(folder, {
  executablePath,
  headless: false,
  viewport: { width: 1280, height: 800 },
  args: [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

let page;
let complaints = [];

const tasks = {
  open: async ({ url, developing }) => {
    await page?.close();
    complaints = [];
    page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await (developing && page.addInitScript(develop));
    await page.goto(url, { waitUntil: 'domcontentloaded', timeout: 60_000 });
  },
  press: ({ key }) => page.keyboard.press(key),
  type: ({ text }) => page.keyboard.type(text),
  insert: ({ text }) => page.keyboard.insertText(text),
  click: ({ selector, text, ...options }) => found(selector, text).click({ timeout: 15_000, ...options }),
  hover: ({ selector, text }) => found(selector, text).hover({ timeout: 15_000 }),
  texts: ({ selector }) => page.locator(selector).allTextContents(),
  evaluate: ({ code }) => page.evaluate(code),
  screenshot: ({ path, quality }) =>
    page.screenshot(quality === undefined ? { path } : { path, type: 'jpeg', quality }).then(() => null),
  complaints: () => complaints,
  close: async () => {
    await context.close();
    process.exit(0);
  },
};

/** In the page: let it be what VS Code's own tests of extensions have, for a finished build runs no tests else. */
function develop() {
  const watching = new MutationObserver(() => {
    const place = document.getElementById('vscode-workbench-web-configuration');
    if (place !== null) {
      watching.disconnect();
      const settings = JSON.parse(place.dataset.settings);
      settings.developmentOptions = { ...settings.developmentOptions, enableSmokeTestDriver: true };
      place.dataset.settings = JSON.stringify(settings);
    }
  });
  watching.observe(document, { childList: true, subtree: true });
}

function found(selector, text) {
  const located = page.locator(selector);
  return (text === undefined ? located : located.filter({ hasText: text })).first();
}

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
say({ id: 0, result: 'ready' });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: task, ...words } = JSON.parse(line);
  try {
    say({ id, result: (await tasks[task](words)) ?? null });
  } catch (error) {
    say({ id, error: String(error) });
  }
}
await context.close();
